package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.experiment.ProjectFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

    private Path train(String name, String... more) {
        Path output = root.resolve(name);
        Outcome outcome = project.train(Stream.concat(Stream.of("--output", output.toString()), Stream.of(more)).toArray(String[]::new));
        assertEquals(0, outcome.exitCode(), outcome.err());
        return output;
    }

    @Test
    void resultsAreTheSameBytesWithAndWithoutIt() throws IOException {
        Path without = train("without", "--set", "featureCache=0");
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

    /** The size of the cache is nothing that a run depends on. */
    @Test
    void aRunGoesOnWithAnotherSize() {
        train("run", "--set", "featureCache=0", "--set", "methods=ncm");
        train("run", "--set", "featureCache=16", "--set", "methods=ncm,lda");
    }
}
