package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.itprompt.JsonText;
import dev.itprompt.checkpoint.LoadOptions;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.experiment.Card;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.graph.Work;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands beside {@code train}. */
class CommandsCliTest {

    @TempDir
    Path root;

    @Test
    void everyCommandHasHelpWithExamples() {
        for (String command : List.of("train", "demo", "classify", "embed", "inspect", "convert", "pretrain", "devices", "doctor", "bench",
                "methods", "config", "campaign", "predict", "serve", "cache", "features")) {
            Outcome help = TinyProject.run(command, "--help");
            assertEquals(0, help.exitCode());
            assertEquals("", help.err());
            assertTrue(help.out().contains("Usage: itprompt " + command) && help.out().contains("Examples:"), help.out());
        }
    }

    /** Commands that print no table, or whose tables lie as JSON beside what they write; a new command is in here or has --json. */
    private static final Set<String> WITHOUT_TABLES = Set.of("", "train", "demo", "campaign", "campaign run", "report", "export", "convert", "embed", "pretrain",
            "serve", "completion", "features", "features merge", "kernels", "datasets get", "datasets show", "help");

    @Test
    void whateverPrintsATablePrintsJsonToo() {
        Set<String> without = new TreeSet<>();
        int[] commands = {0};
        walk(Main.commandLine(), "", (name, command) -> {
            commands[0]++;
            if (command.getCommandSpec().findOption("--json") == null) {
                without.add(name);
            }
        });
        assertTrue(commands[0] > 30, commands[0] + " commands");
        without.removeAll(WITHOUT_TABLES);
        assertEquals(Set.of(), without);
    }

    private static void walk(CommandLine command, String name, BiConsumer<String, CommandLine> visit) {
        visit.accept(name, command);
        command.getSubcommands().forEach((word, below) -> walk(below, (name + " " + word).strip(), visit));
    }

    @Test
    void benchmarksAreListedInJson() {
        JsonNode all = JsonText.MAPPER.readTree(TinyProject.run("reproduce", "--json").out()).required("benchmarks");
        assertTrue(all.valueStream().anyMatch(row -> row.required("name").asString().equals("cifar100")), all.toString());
    }

    @Test
    void configListsKeysAndExplainsFiles() throws IOException {
        assertTrue(TinyProject.run("config").out().contains("methods.it-prompt.replay: "));
        assertTrue(TinyProject.run("config", "--pretrain").out().contains("weightDecay"));
        TinyProject project = TinyProject.create(root);
        Outcome explained = TinyProject.run("config", project.config().toString(), "--set", "seed=4");
        assertTrue(explained.out().lines().anyMatch(line -> line.startsWith("seed ") && line.endsWith("--set seed=4")), explained.out());
        assertTrue(explained.out().lines().anyMatch(l -> l.startsWith("name ") && l.endsWith("tiny.yaml:1")), explained.out());
        assertTrue(explained.out().lines().anyMatch(l -> l.startsWith("methods.it-prompt.clip ") && l.endsWith("default")), explained.out());
        Path yaml = Files.writeString(root.resolve("again.yaml"),
                TinyProject.run("config", project.config().toString(), "--yaml").out());
        assertEquals(ExperimentSettings.configuration().file(project.config()).build().settings(),
                ExperimentSettings.configuration().file(yaml).build().settings());
    }

    @Test
    void benchMeasuresTrainingAndInference() throws IOException {
        Path file = root.resolve("bench.json");
        Outcome outcome = TinyProject.run("bench", "--model", "tiny", "--batch", "2", "--repetitions", "1", "--warm-up", "0",
                "--json", "--output", file.toString());
        assertEquals(0, outcome.exitCode(), outcome.err());
        JsonNode json = JsonMapper.builder().build().readTree(Files.readString(file));
        assertEquals(Files.readString(file), outcome.out());
        assertEquals("tiny", json.required("model").asString());
        for (String part : List.of("embed", "train")) {
            for (String number : List.of("imagesPerSecond", "gflops", "peakGflops", "percentOfPeak")) {
                assertTrue(json.required(part).required(number).asDouble() > 0, part + " " + number);
            }
        }
        // A forward pass without prompts: blocks, patches, projection; the same again, with prompts, and backward.
        double embed = gflop(json.required("embed"));
        double image = 3 * (24.0 * 17 * 256 * 256 + 4 * 17 * 17 * 256) + 2 * 16 * 192 * 256 + 2 * 256 * 256;
        assertEquals(2e-9 * image, embed, 1e-6 * embed);
        assertTrue(gflop(json.required("train")) > 2.5 * embed);
    }

    private static double gflop(JsonNode part) {
        return part.required("gflops").asDouble() * part.required("seconds").asDouble();
    }

    @Test
    void benchMeasuresLoading() throws IOException {
        Path photos = Files.createDirectories(root.resolve("photos/noise"));
        for (int i = 0; i < 70; i++) {
            ImageIO.write(new BufferedImage(40, 30 + i, BufferedImage.TYPE_INT_RGB), "png", photos.resolve(i + ".png").toFile());
        }
        Outcome outcome = TinyProject.run("bench", "--loading", photos.getParent().toString(), "--repetitions", "2", "--json");
        assertEquals(0, outcome.exitCode(), outcome.err());
        JsonNode rates = JsonText.MAPPER.readTree(outcome.out());
        for (String way : List.of("decoded", "cached")) {
            assertEquals(140, rates.get(way).get("images").asInt());
            assertTrue(rates.get(way).get("seconds").asDouble() > 0 && rates.get(way).get("processorSeconds").asDouble() > 0, outcome.out());
        }
        assertEquals(2, TinyProject.run("bench", "--loading", root.resolve("none").toString()).exitCode());
    }

    /** 30 TFLOP with little memory, 30 TB with little to compute. */
    @Test
    void benchComparesWithTheRooflineOfAGpu() {
        assertEquals(30 / 66.9, Card.H200.seconds(new Work(30e12, 1)), 1e-12);
        assertEquals(30 / 4.8, Card.H200.seconds(new Work(1, 30_000_000_000_000L)), 1e-12);
        Outcome outcome = TinyProject.run("bench", "--batch", "2", "--repetitions", "1", "--warm-up", "0", "--card", "a100", "--json");
        JsonNode step = JsonText.MAPPER.readTree(outcome.out()).required("train");
        assertTrue(step.required("atLeastSecondsOnA100").asDouble() >= 1e9 * gflop(step) / 19.5e12, outcome.out());
        assertEquals("itprompt: --card: expected H100, H200, A100 or RTX4090, found 'T4'\n", TinyProject.run("bench", "--card", "T4").err());
    }

    /** One line per measurement, each at the sizes that were asked for, and a page of all of them. */
    @Test
    void benchKeepsAHistoryOfKernels() throws IOException {
        Path history = root.resolve("kernels.jsonl");
        List<String> words = List.of("bench", "--kernels", "--batch", "2", "--repetitions", "1", "--warm-up", "0", "--history", history.toString());
        assertEquals(0, TinyProject.run(words.toArray(String[]::new)).exitCode());
        Outcome second = TinyProject.run(Stream.concat(words.stream(), Stream.of("--json")).toArray(String[]::new));
        List<String> lines = Files.readAllLines(history);
        assertEquals(2, lines.size());
        assertEquals(lines.get(1) + "\n", second.out());
        JsonNode attention = JsonText.MAPPER.readTree(lines.getFirst()).required("kernels").valueStream()
                .filter(kernel -> kernel.required("kernel").asString().equals("attention")).findFirst().orElseThrow();
        double gflop = attention.required("gflops").asDouble() * attention.required("milliseconds").asDouble() * 1e-3;
        assertEquals(2e-9 * 4 * 17 * 17 * 256, gflop, 1e-6 * gflop, "scores and their product with the values, two images");
        assertTrue(Files.readString(root.resolve("kernels.html")).contains("mlp-gradient"));
        Files.writeString(history, lines.getFirst() + "\n{\"commit\": 1}\n");
        Outcome refused = TinyProject.run(words.toArray(String[]::new));
        assertEquals(2, refused.exitCode());
        assertEquals("itprompt: " + history + ", line 2: expected a measurement of kernels as bench --kernels writes it, found '{\"commit\": 1}'; "
                + "give another file\n", refused.err());
        assertEquals(2, TinyProject.run("bench", "--history", history.toString()).exitCode(), "without --kernels");
    }

    @Test
    void benchMeasuresStepsInParts() {
        Outcome outcome = TinyProject.run("bench", "--batch", "4", "--parts", "2", "--repetitions", "2");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertTrue(outcome.out().contains("batch 4 in 2 parts; 2 steps\nhere: "), outcome.out());
        assertEquals("itprompt: --parts: expected at least 2 that divide --batch 4, found 3\n",
                TinyProject.run("bench", "--batch", "4", "--parts", "3").err());
        assertEquals("itprompt: --kernels and --parts: expected one of them, since each is measured instead of the others\n",
                TinyProject.run("bench", "--kernels", "--batch", "4", "--parts", "2").err());
    }

    @Test
    void benchRefusesUnknownModels() {
        Outcome outcome = TinyProject.run("bench", "--model", "vit");
        assertEquals(2, outcome.exitCode());
        assertEquals("itprompt: --model: expected tiny, vit-b32, vit-b16 or vit-l14, found 'vit'\n", outcome.err());
    }

    @Test
    void bundledConfigurationsAreValid() throws IOException {
        List<String> names = new ArrayList<>(List.of("ablations", "demo", "fashion-mnist", "linear-probe"));
        try (Stream<Path> all = Files.walk(Path.of("configs"), 2)) {
            all.filter(file -> file.getNameCount() == 3 && file.toString().endsWith(".yaml"))
                    .forEach(file -> names.add(file.getName(1) + "/" + file.getName(2).toString().replace(".yaml", "")));
        }
        assertTrue(names.size() > 30, names.toString());
        for (String name : names) {
            Outcome outcome = TinyProject.run("config", "configs/" + name + ".yaml");
            assertEquals(0, outcome.exitCode(), outcome.err());
            assertTrue(outcome.out().contains("configs/" + name + ".yaml:"), outcome.out());
        }
        assertEquals(0, TinyProject.run("config", "--pretrain", "configs/tiny-clip.yaml").exitCode());
        Outcome campaign = TinyProject.run("campaign", "plan", "configs/campaign.yaml", "--output", root.resolve("campaign").toString());
        assertTrue(campaign.exitCode() == 0 && campaign.out().lines().filter(line -> line.startsWith("demo ")).count() == 6, campaign.out() + campaign.err());
    }

    @Test
    void publishedFiguresStandWhereNothingWasRun() {
        Outcome names = TinyProject.run("reproduce");
        assertTrue(names.exitCode() == 0 && names.out().lines().anyMatch(line -> line.startsWith("cifar100 ")), names.out() + names.err());
        String nowhere = root.resolve("nowhere").toString();
        Outcome outcome = TinyProject.run("reproduce", "imagenet-r", "--runs", nowhere);
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertTrue(outcome.out().lines().anyMatch(line -> line.matches("vq-prompt +not run +- +- +78.71 ± 0.22 .*Jiao et al. 2024.*")), outcome.out());
        assertTrue(outcome.out().contains("configs/imagenet-r/vq-prompt.yaml"), outcome.out());
        JsonNode json = JsonText.MAPPER.readTree(TinyProject.run("reproduce", "imagenet-r", "--runs", nowhere, "--json").out());
        assertEquals(78.71, json.at("/imagenet-r-2/7/FAA published/mean").asDouble());
        assertTrue(json.at("/imagenet-r-2/7/FAA").isNull());
        Outcome refused = TinyProject.run("reproduce", "imagenet");
        assertEquals(2, refused.exitCode());
        assertTrue(refused.err().contains("did you mean imagenet-r?"), refused.err());
    }

    @Test
    void devicesAreListed() {
        Outcome outcome = TinyProject.run("devices");
        assertEquals(0, outcome.exitCode());
        assertTrue(outcome.out().contains("cpu ") && outcome.out().contains("reference "), outcome.out());
    }

    @Test
    void devicesAreListedAsJson() {
        Outcome outcome = TinyProject.run("devices", "--json");
        assertEquals(0, outcome.exitCode(), outcome.err());
        List<JsonNode> devices = JsonText.MAPPER.readTree(outcome.out()).valueStream().toList();
        devices.forEach(device -> assertEquals(List.of("name", "works", "description"), List.copyOf(device.propertyNames())));
        assertEquals(List.of("cpu", "reference"), devices.stream().limit(2).map(device -> device.get("name").asString()).toList());
        assertTrue(devices.get(0).get("works").asBoolean() && devices.get(1).get("works").asBoolean(), outcome.out());
        assertTrue(devices.size() > 2 && devices.get(2).get("name").asString().startsWith("tornado"), "what is missing is listed too");
        String table = TinyProject.run("devices").out();
        devices.forEach(device -> assertTrue(table.contains(device.get("description").asString()), table));
    }

    /** A word after --json is no file where no file can be written. */
    @Test
    void jsonTakesNoFileWhereNoneIsWritten() {
        Outcome outcome = TinyProject.run("methods", "--json", "methods.json");
        assertEquals(2, outcome.exitCode());
        assertTrue(outcome.err().contains("'methods.json'") && !outcome.err().contains("--output"), outcome.err());
        assertEquals(0, TinyProject.run("datasets", "--json", "check", "--help").exitCode());
    }

    @Test
    void theDoctorFindsTheCpuDeviceWell() {
        Outcome outcome = TinyProject.run("doctor");
        assertEquals(0, outcome.exitCode(), outcome.out());
        assertTrue(outcome.out().lines().anyMatch(line -> line.startsWith("pass  device cpu ") && line.endsWith("computes rightly")),
                outcome.out());
    }

    @Test
    void theDoctorSaysItInJsonToo() {
        Outcome outcome = TinyProject.run("doctor", "--json");
        assertEquals(0, outcome.exitCode(), outcome.out());
        JsonNode checks = JsonMapper.builder().build().readTree(outcome.out());
        JsonNode cpu = checks.valueStream().filter(check -> check.required("name").asString().equals("device cpu")).findFirst().orElseThrow();
        assertEquals("pass", cpu.required("status").asString());
        assertEquals("", cpu.required("repair").asString());
        assertTrue(cpu.required("found").asString().endsWith("computes rightly"), cpu.toString());
    }

    @Test
    void configSaysItInJsonToo() throws IOException {
        JsonMapper mapper = JsonMapper.builder().build();
        JsonNode keys = mapper.readTree(TinyProject.run("config", "--json").out());
        JsonNode seed = keys.valueStream().filter(key -> key.required("key").asString().equals("seed")).findFirst().orElseThrow();
        assertEquals(List.of("key", "default", "expected", "meaning"), List.copyOf(seed.propertyNames()));
        assertEquals("0", seed.required("default").asString());
        assertTrue(mapper.readTree(TinyProject.run("config", "--json", "--method", "ncm").out()).valueStream()
                .allMatch(key -> key.required("key").asString().startsWith("methods.ncm.")));
        TinyProject project = TinyProject.create(root);
        JsonNode values = mapper.readTree(TinyProject.run("config", project.config().toString(), "--set", "seed=4", "--json").out());
        JsonNode given = values.valueStream().filter(key -> key.required("key").asString().equals("seed")).findFirst().orElseThrow();
        assertEquals("4", given.required("value").asString());
        assertEquals("--set seed=4", given.required("source").asString());
        Outcome both = TinyProject.run("config", "--json", "--yaml");
        assertEquals(2, both.exitCode());
        assertEquals("itprompt: --json, --yaml: expected one of them, found both", both.err().strip());
    }

    @Test
    void theDoctorKnowsItsDevices() {
        Outcome outcome = TinyProject.run("doctor", "--device", "gpu");
        assertEquals(2, outcome.exitCode());
        assertEquals("itprompt: --device: expected cpu, reference or tornado, found gpu", outcome.err().strip());
    }

    @Test
    void kernelsAreVerified() throws IOException {
        Path json = root.resolve("errors.json");
        Outcome outcome = TinyProject.run("kernels", "verify", "--threads", "2", "--op", "Softmax", "--output", json.toString());
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertTrue(outcome.out().lines().anyMatch(line -> line.startsWith("Softmax ") && line.endsWith(" ok")), outcome.out());
        JsonNode op = JsonMapper.builder().build().readTree(Files.readString(json)).get("ops").get(0);
        assertEquals("Softmax", op.get("op").asString());
        assertTrue(op.get("passed").asBoolean() && op.get("relative").asDouble() < 1e-5, op.toString());
        Outcome printed = TinyProject.run("kernels", "verify", "--threads", "2", "--op", "Softmax", "--json");
        assertEquals(0, printed.exitCode(), printed.err());
        assertEquals(Files.readString(json), printed.out());
    }

    /** The names that options had before are understood where they cannot mean anything else, and shown nowhere. */
    @Test
    void formerNamesOfOptionsAreUnderstood() throws IOException {
        TinyProject project = TinyProject.create(root);
        Path rows = root.resolve("rows.json");
        for (String[] former : new String[][] {{"--out", rows.toString()}, {"--out=" + rows}, {"--to", rows.toString()}}) {
            String[] words = Stream.concat(Stream.of("embed", "--device", "reference", "--checkpoint", project.model().toString(), "--text",
                    "cat"), Stream.of(former)).toArray(String[]::new);
            assertEquals(0, TinyProject.run(words).exitCode());
            assertTrue(Files.deleteIfExists(rows), String.join(" ", former));
        }
        Path copy = root.resolve("copy");
        assertEquals(0, TinyProject.run("convert", project.model().toString(), "--to", copy.toString()).exitCode());
        assertTrue(Files.exists(copy.resolve("model.safetensors")));
        Path json = root.resolve("errors.json");
        for (String[] former : new String[][] {{"--json", json.toString()}, {"--json=" + json}}) {
            String[] words = Stream.concat(Stream.of("kernels", "verify", "--op", "Softmax"), Stream.of(former)).toArray(String[]::new);
            Outcome outcome = TinyProject.run(words);
            assertTrue(outcome.exitCode() == 0 && outcome.out().startsWith("device: "), outcome.out() + outcome.err());
            assertTrue(Files.deleteIfExists(json), String.join(" ", former));
        }
        for (String command : List.of("embed", "convert", "bench", "kernels verify", "kernels dump")) {
            String help = TinyProject.run((command + " --help").split(" ")).out();
            assertFalse(help.contains("--to") || help.contains("--out=") || help.contains("--json=") || help.contains("--out "), help);
            assertTrue(help.contains("--output="), help);
        }
    }

    @Test
    void unknownOpsAreRefusedWithTheNearest() {
        Outcome outcome = TinyProject.run("kernels", "verify", "--op", "Sotfmax");
        assertEquals(2, outcome.exitCode());
        assertEquals("itprompt: --op: there is no op Sotfmax; did you mean Softmax?", outcome.err().strip());
    }

    @Test
    void unknownArchitecturesAreRefused() {
        Outcome outcome = TinyProject.run("kernels", "dump", "--resources", "hopper", "--output", root.toString());
        assertEquals(2, outcome.exitCode());
        assertEquals("itprompt: --resources: expected an architecture such as sm_90, found 'hopper'", outcome.err().strip());
    }

    @Test
    void classifyRanksLabels() throws IOException {
        TinyProject project = TinyProject.create(root);
        String image = root.resolve("heldout/0.png").toString();
        Path labels = Files.writeString(root.resolve("labels.txt"), "cat\ndog\n\nhen\n");
        Outcome json = TinyProject.run("classify", "--device", "reference", "--checkpoint", project.model().toString(), "--labels",
                labels.toString(), "--json", image, image);
        assertEquals(0, json.exitCode(), json.err());
        JsonNode answers = JsonMapper.builder().build().readTree(json.out());
        assertEquals(2, answers.size());
        JsonNode ranked = answers.get(0).required("labels");
        assertEquals(3, ranked.size());
        assertEquals(1, ranked.valueStream().mapToDouble(s -> s.required("probability").asDouble()).sum(), 1e-9);
        assertTrue(ranked.get(0).required("probability").asDouble() >= ranked.get(1).required("probability").asDouble());
        assertEquals(ranked, answers.get(1).required("labels"));
        Outcome table = TinyProject.run("classify", "--device", "reference", "--checkpoint", project.model().toString(), "--labels",
                "cat, dog", "--top", "1", image);
        assertEquals(2, table.out().lines().count(), table.out());
    }

    /** A place that cannot be written is known before the work, whatever the command. */
    @Test
    void resultsThatCannotBeWrittenAreRefusedBeforeTheWork() throws IOException {
        TinyProject project = TinyProject.create(root);
        Path file = Files.writeString(root.resolve("in-the-way"), "kept");
        Path below = file.resolve("x.json");
        Path config = Files.writeString(root.resolve("p.yaml"), "merges: " + root.resolve("merges.txt.gz") + "\n");
        String model = project.model().toString();
        for (String[] command : new String[][] {
            {"train", "--config", project.config().toString(), "--output", file.toString()},
            {"train", "--config", project.config().toString(), "--seeds", "0,1", "--output", file.toString()},
            {"demo", "--output", below.toString()},
            {"pretrain", "--config", config.toString(), "--data", root.resolve("heldout").toString(), "--output", file.toString()},
            {"convert", model, "--output", file.toString()},
            {"embed", "--checkpoint", model, "--text", "a", "--output", below.toString()},
            {"embed", "--checkpoint", model, "--text", "a", "--output", Files.createDirectories(root.resolve("folder.npy")).toString()},
            {"bench", "--output", below.toString()},
            {"kernels", "verify", "--output", below.toString()},
            {"kernels", "dump", "--output", file.toString()}}) {
            Outcome outcome = TinyProject.run(command);
            assertEquals(2, outcome.exitCode(), outcome.out() + outcome.err());
            assertEquals("", outcome.out(), command[0]);
            assertEquals(1, outcome.err().lines().count(), outcome.err());
            assertTrue(outcome.err().matches("itprompt: --output: expected a .*(" + Pattern.quote(file.toString())
                    + "|folder.npy).*\\R"), outcome.err());
        }
        assertEquals("kept", Files.readString(file));
    }

    @Test
    void interruptedPretrainingSaysThatItGoesOn() throws Exception {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "processes are ended at once there");
        TinyProject.create(root);
        Path config = Files.writeString(root.resolve("p.yaml"), """
                merges: %s
                vision: {imageSize: 8, patch: 4, width: 64, layers: 1, embedding: 16}
                text: {context: 16, width: 64, layers: 1}
                batch: 2
                steps: 1000000
                saveEvery: 1
                """.formatted(root.resolve("merges.txt.gz")));
        Path model = root.resolve("pretrained");
        Process process = TinyProject.start(root.resolve("said"), "pretrain", "--device", "reference", "--config", config.toString(),
                "--data", root.resolve("heldout").toString(), "--output", model.toString());
        TinyProject.await(process, model.resolve("training-state.safetensors"));
        process.destroy();
        assertEquals(143, TinyProject.exitCode(process));
        assertEquals("itprompt: stopped; the state is saved in " + model + "; the same command goes on there",
                Files.readAllLines(root.resolve("said")).getLast());
    }

    @Test
    void pretrainWritesAModelThatLoads() throws IOException {
        TinyProject.create(root);
        Path config = Files.writeString(root.resolve("p.yaml"), """
                merges: %s
                vision: {imageSize: 8, patch: 4, width: 64, layers: 1, embedding: 16}
                text: {context: 16, width: 64, layers: 1}
                batch: 2
                steps: 2
                warmup: 0
                """.formatted(root.resolve("merges.txt.gz")));
        Path model = root.resolve("pretrained");
        Outcome outcome = TinyProject.run("pretrain", "--device", "reference", "--config", config.toString(), "--data",
                root.resolve("heldout").toString(), "--output", model.toString(), "--progress", "off");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals(8, ModelReader.read(model, LoadOptions.NONE).model().vision().imageSize());
    }
}
