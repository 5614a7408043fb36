package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.data.DataFiles;
import dev.itprompt.data.sets.DatasetFacts;
import dev.itprompt.data.sets.Datasets;
import dev.itprompt.data.sets.Fetch;
import dev.itprompt.data.sets.Unpack;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command {@code datasets}, and training on some of the layouts. */
class DatasetsCliTest {

    @TempDir
    Path root;

    /** All layouts in one archive, which is itself fetched from a server on loopback and unpacked. */
    private Path layouts() throws IOException {
        byte[] archive;
        try (InputStream in = Datasets.class.getResourceAsStream("layouts.tar.gz")) {
            archive = in.readAllBytes();
        }
        Path folder = root.resolve("layouts");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, archive.length);
            exchange.getResponseBody().write(archive);
            exchange.close();
        });
        server.start();
        StringWriter said = new StringWriter();
        DatasetFacts.Download download = new DatasetFacts.Download("http://localhost:" + server.getAddress().getPort() + "/layouts.tar.gz",
                "layouts.tar.gz", "MD5", HexFormat.of().formatHex(DataFiles.digest("MD5").digest(archive)), "");
        DatasetsGetCommand.get(new DatasetFacts("all", "All", 0, 0, 0, "free", "here", "", List.of(download)), folder, Fetch.USUAL, false,
                new PrintWriter(said));
        server.stop(0);
        assertTrue(said.toString().contains("licence free; here\nfetching http://localhost") && said.toString().contains("MD5 is right\nunpacking"),
                said.toString());
        assertTrue(Files.notExists(folder.resolve("layouts.tar.gz")), "deleted once it is unpacked");
        assertTrue(Unpack.isArchive(Path.of("layouts.tar.gz")));
        return folder;
    }

    @Test
    void theTableHasEverySet() {
        Outcome outcome = TinyProject.run("datasets");
        assertEquals(0, outcome.exitCode(), outcome.err());
        for (String name : Datasets.names()) {
            assertTrue(outcome.out().contains("\n" + name + " "), name);
        }
        assertTrue(outcome.out().contains("cifar-100          100    50,000   10,000"), outcome.out());
    }

    @Test
    void theTableIsJsonToo() {
        Outcome outcome = TinyProject.run("datasets", "--json");
        assertEquals(0, outcome.exitCode(), outcome.err());
        List<JsonNode> sets = JsonMapper.shared().readTree(outcome.out()).valueStream().toList();
        assertEquals(Datasets.names(), sets.stream().map(set -> set.get("name").asString()).toList());
        sets.forEach(set -> assertEquals(List.of("name", "title", "classes", "training", "test", "present", "licence", "home"),
                List.copyOf(set.propertyNames())));
        JsonNode cifar = sets.get(Datasets.names().indexOf("cifar-100"));
        assertEquals("CIFAR-100 100 50000 10000", cifar.get("title").asString() + " " + cifar.get("classes") + " " + cifar.get("training") + " "
                + cifar.get("test"));
        assertTrue(cifar.get("present").isBoolean() && cifar.get("home").asString().startsWith("https://"), cifar.toString());
        JsonNode folders = sets.get(Datasets.names().indexOf("image-folder"));
        assertEquals("one folder per class", folders.get("title").asString());
        for (String unknown : List.of("classes", "training", "test", "present", "licence", "home")) {
            assertTrue(folders.get(unknown).isNull(), unknown);
        }
    }

    @Test
    void setsAreCheckedAndShown() throws IOException {
        Path folder = layouts();
        Path sheet = root.resolve("sheet.png");
        Outcome checked = TinyProject.run("datasets", "check", "cub-200", "--path", folder.resolve("cub-200").toString(), "--any", "--sheet",
                sheet.toString());
        assertEquals("", checked.err());
        assertTrue(checked.out().startsWith("cub-200 in " + folder.resolve("cub-200") + ": 5 classes, 16 training and 14 test images\n"
                + "split: official, list sha256 "), checked.out());
        assertTrue(checked.out().contains("classes: Bird 0, Bird Long 1, Bird 2, Bird Long 3, Bird 4\nevery image can be decoded\n"), checked.out());
        assertEquals(192, ImageIO.read(sheet.toFile()).getWidth());
        JsonNode found = JsonMapper.shared().readTree(TinyProject.run("datasets", "check", "cub-200", "--path", folder.resolve("cub-200").toString(), "--any",
                "--json").out());
        assertTrue(found.get("training").asInt() == 16 && found.get("test").asInt() == 14 && found.at("/classes/4").asString().equals("Bird 4"), found.toString());
        Outcome refused = TinyProject.run("datasets", "check", "cub-200", "--path", folder.resolve("cub-200").toString());
        assertEquals(2, refused.exitCode());
        assertTrue(refused.err().contains("expected 200 classes, as published, found 5"), refused.err());
        Outcome missing = TinyProject.run("datasets", "check", "cifar-100", "--path", root.resolve("no").toString());
        assertEquals("itprompt: " + root.resolve("no") + ": expected the folder of CIFAR-100, found nothing; fetch it with './itprompt datasets get "
                + "cifar-100' or from https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz; dataset.path is the folder 'cifar-100-python' or the "
                + "one it is in\n", missing.err());
        Path page = root.resolve("page.html");
        Outcome shown = TinyProject.run("datasets", "show", "listing", "--path", folder.resolve("listing").toString(), "--output", page.toString());
        assertEquals("", shown.err());
        String html = Files.readString(page, StandardCharsets.UTF_8);
        assertTrue(html.contains("<h2>Task 2</h2>") && html.contains("<td>big &quot;owl&quot;</td><td class=\"n\">2</td>"), html);
        Outcome unknown = TinyProject.run("datasets", "check", "cifar-1000");
        assertEquals("itprompt: unknown data set 'cifar-1000'; did you mean cifar-100?\n", unknown.err());
        Outcome ungettable = TinyProject.run("datasets", "get", "stanford-cars", "--path", root.resolve("cars").toString());
        assertEquals(2, ungettable.exitCode());
        assertTrue(ungettable.err().contains("stanford-cars: cannot be fetched by this program; it is published at"), ungettable.err());
    }

    /** Domains, few images a class, NumPy's order, groups: two tasks and more from end to end. */
    @Test
    void layoutsAreTrainedOn() throws IOException {
        Path folder = layouts();
        TinyProject project = TinyProject.create(root);
        for (String[] run : new String[][] {
            {"domainnet", "scenario.kind=domains", "scenario.split=auto", "6 tasks, 12 classes, 12 training and 12 test images", "split: official (list"},
            {"listing", "scenario.shots=1", "scenario.split=auto", "2 tasks, 4 classes, 4 training and 4 test images", "split: that of images.csv (list"},
            {"cifar-10", "scenario.classOrder=numpy", "scenario.split=B0Inc5", "2 tasks, 10 classes, 50 training and 20 test images",
                "numpy order, counts and hashes not checked"},
            {"webdataset", "image.transform=coda", "scenario.split=2x1", "2 tasks, 2 classes, 6 training and 3 test images", ""}}) {
            Outcome outcome = project.train("--set", "dataset.kind=" + run[0], "--set", "dataset.path=" + folder.resolve(run[0]), "--set",
                    "dataset.check=false", "--set", "dataset.classNames=[]", "--set", run[1], "--set", run[2], "--set", "methods=zero-shot,ncm", "--set",
                    "image.cache=0", "--output", root.resolve("out-" + run[0]).toString());
            assertEquals(0, outcome.exitCode(), outcome.err());
            assertTrue(outcome.out().contains(run[3]) && outcome.out().contains(run[4]), outcome.out());
        }
        Outcome none = project.train("--set", "dataset.kind=cifar-10", "--set", "dataset.path=" + folder.resolve("cifar-10"), "--set",
                "dataset.check=false", "--set", "dataset.classNames=[]", "--set", "scenario.kind=domains");
        assertTrue(none.err().contains("scenario.kind: expected a data set with domains"), none.err());
    }
}
