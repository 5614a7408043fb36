package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.data.sets.Layouts;
import dev.itprompt.experiment.ProjectFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Features that runs share on disk. */
class FeatureCacheCliTest {

    /** Training and test images of the tiny project. */
    private static final int IMAGES = 36;

    @TempDir
    Path root;
    private TinyProject project;

    @BeforeEach
    void create() throws IOException {
        project = TinyProject.create(root);
        System.setProperty(ProjectFolder.PROPERTY, root.toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty(ProjectFolder.PROPERTY);
    }

    private static JsonNode features(Path run) throws IOException {
        for (String line : Files.readAllLines(run.resolve("log.jsonl"))) {
            JsonNode event = JsonMapper.shared().readTree(line);
            if (event.path("event").asString().equals("features")) {
                return event;
            }
        }
        throw new AssertionError("no features in the log");
    }

    /** Every file that must be the same, by name. */
    private static Map<String, String> results(Path folder) throws IOException {
        Map<String, String> results = new LinkedHashMap<>();
        ObjectNode metrics = (ObjectNode) JsonMapper.shared().readTree(Files.readString(folder.resolve("metrics.json")));
        metrics.remove("timings");
        results.put("metrics.json", metrics.toString());
        results.put("predictions.csv", Files.readString(folder.resolve("predictions.csv")));
        try (Stream<Path> files = Files.list(folder.resolve("methods"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList()) {
                results.put(file.getFileName().toString(), new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return results;
    }

    private static final String[] KEPT = {"--cache-size", "1GB"};

    private Path train(String name, String... more) {
        return trainWith(KEPT, name, more);
    }

    private Path trainWith(String[] cache, String name, String... more) {
        Path output = root.resolve(name);
        Outcome outcome = project.train(Stream.of(new String[] {"--output", output.toString()}, cache, more).flatMap(Stream::of).toArray(String[]::new));
        assertEquals(0, outcome.exitCode(), outcome.err());
        return output;
    }

    @Test
    void resultsAreTheSameBytesWithAndWithoutIt() throws IOException {
        Path without = trainWith(new String[0], "without");
        assertEquals(IMAGES, features(without).path("computed").asInt());
        assertTrue(Files.notExists(root.resolve("output/cache/features")));
        Path first = train("first");
        assertEquals(List.of(IMAGES, 0), List.of(features(first).path("computed").asInt(), features(first).path("found").asInt()));
        Path second = train("second");
        assertEquals(List.of(0, IMAGES), List.of(features(second).path("computed").asInt(), features(second).path("found").asInt()));
        assertEquals(results(without), results(first));
        assertEquals(results(without), results(second));
        Path otherSeed = train("other-seed", "--seed", "5", "--set", "methods=lda");
        assertEquals(0, features(otherSeed).path("computed").asInt(), "the order of classes makes no difference");
        Path otherFit = train("other-fit", "--set", "image.fit=squash", "--set", "methods=lda");
        assertEquals(IMAGES, features(otherFit).path("computed").asInt(), "prepared otherwise");
    }

    /** Processes that fill the cache at the same time. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void twoAtOnceGiveTheBytesOfOne() throws IOException, InterruptedException {
        Path without = trainWith(new String[0], "without");
        List<Process> processes = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            processes.add(TinyProject.start(root.resolve("said-" + name), List.of("env", "JDK_JAVA_OPTIONS=-D" + ProjectFolder.PROPERTY + "=" + root),
                    project.trainArguments("--output", root.resolve(name).toString(), "--cache-size", "1GB")));
        }
        for (Process process : processes) {
            assertEquals(0, TinyProject.exitCode(process));
        }
        assertEquals(results(without), results(root.resolve("one")));
        assertEquals(results(without), results(root.resolve("two")));
        assertEquals(0, TinyProject.run("cache", "verify").exitCode());
        assertEquals(0, features(train("later", "--set", "methods=lda")).path("computed").asInt());
    }

    /** The size of the cache is nothing that a run depends on. */
    @Test
    void aRunGoesOnWithAnotherSize() {
        trainWith(new String[0], "run", "--set", "methods=ncm");
        train("run", "--set", "methods=ncm,lda");
    }

    @Test
    void whatIsKeptIsListedVerifiedAndPruned() throws IOException {
        Path features = root.resolve("output/cache/features");
        assertEquals(0, TinyProject.run("cache").exitCode(), "before there is anything");
        train("first", "--set", "methods=lda");
        String list = TinyProject.run("cache").out();
        assertTrue(list.contains(features.toString()) && list.contains("36") && list.contains("sha256 "), list);
        JsonNode json = JsonMapper.shared().readTree(TinyProject.run("cache", "--json").out());
        assertTrue(json.toString().contains("\"images\":36"), json::toString);
        Outcome whole = TinyProject.run("cache", "verify");
        assertEquals(0, whole.exitCode());
        assertTrue(whole.out().matches("(?s).*\nfeatures +\\d+ +0\nimages +0 +0\nencoded +0 +0\n"), whole.out());
        Path file;
        try (Stream<Path> files = Files.list(features)) {
            file = files.sorted().findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 2] ^= 1;
        Files.write(file, bytes);
        Outcome damaged = TinyProject.run("cache", "verify");
        assertEquals(1, damaged.exitCode());
        assertTrue(damaged.out().contains("\nfeatures  " + file), damaged.out());
        assertEquals(file.toString(), JsonMapper.shared().readTree(TinyProject.run("cache", "verify", "--json").out()).at("/damaged/0/file").asString());
        assertEquals(0, TinyProject.run("cache", "prune").exitCode());
        assertTrue(Files.notExists(file));
        assertEquals(0, TinyProject.run("cache", "verify").exitCode());
        train("second", "--set", "methods=lda");
        Outcome pruned = TinyProject.run("cache", "prune", "--cache-size", "0");
        assertTrue(pruned.out().matches("(?s).*\nfeatures +0\\.[0-9] +0\\.0\n.*"), pruned.out());
        try (Stream<Path> files = Files.list(features)) {
            assertEquals(0, files.count());
        }
        trainWith(new String[] {"--cache-size", "0"}, "third", "--set", "methods=lda");
        try (Stream<Path> files = Files.list(features)) {
            assertEquals(0, files.count());
        }
    }

    /** Damage that nobody has seen is found by the run that would have read it; the result is the same. */
    @Test
    void aRunFindsDamage() throws IOException {
        Path first = train("first", "--set", "methods=lda");
        try (Stream<Path> files = Files.list(root.resolve("output/cache/features"))) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[bytes.length - 2] ^= 1;
                Files.write(file, bytes);
            }
        }
        Path output = root.resolve("second");
        Outcome outcome = project.train("--output", output.toString(), "--set", "methods=lda", "--cache-size", "1GB");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertTrue(outcome.err().contains("warning: featureCache: ") && outcome.err().contains(" found damage in "), outcome.err());
        assertEquals(results(first), results(output));
        assertEquals(IMAGES, features(output).path("computed").asInt());
        assertEquals(0, TinyProject.run("cache", "verify").exitCode());
    }

    @Test
    void thePlanCountsThem() {
        String mapped = project.train("--plan", "--cache-size", "1GB").out();
        assertTrue(mapped.contains("\nbeside it, features of 36 images: 2,304 bytes of files mapped into memory (featureCache)\n"), mapped);
        String heap = project.train("--plan", "--cache-size", "0").out();
        assertTrue(heap.contains("\nbeside it, features of 36 images: 2,304 bytes in Java's heap\n"), heap);
        assertFalse(heap.contains("on disk"), "IDX files hold pixels");
    }

    /** Ten pictures of 9x7 pixels; the program decodes some of each task to find out. */
    @Test
    void thePlanCountsDecodedImages() throws IOException {
        Path layout = Layouts.unpack(root.resolve("layouts"), "image-folder").resolve("image-folder");
        String[] images = {"--plan", "--set", "dataset.kind=image-folder", "--set", "dataset.path=" + layout, "--set", "scenario.split=2x1"};
        String plan = project.train(images).out();
        assertTrue(plan.endsWith("on disk, decoded images: about 1,890 bytes (image.cache)\n"), plan);
        assertFalse(project.train(Stream.concat(Stream.of(images), Stream.of("--set", "image.cache=0")).toArray(String[]::new)).out()
                .contains("on disk"));
    }
}
