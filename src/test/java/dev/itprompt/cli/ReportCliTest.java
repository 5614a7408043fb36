package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is made of the results of true runs: three seeds, and one with another setting. */
class ReportCliTest {

    @TempDir
    private static Path root;
    private static TinyProject project;
    private static Path seeds;

    @BeforeAll
    static void run() throws IOException {
        project = TinyProject.create(root);
        seeds = root.resolve("seeds");
        Outcome outcome = project.train("--seeds", "0,1,2", "--output", seeds.toString(), "--set", "methods=it-prompt,ncm,joint");
        assertEquals(0, outcome.exitCode(), outcome.err());
    }

    private static JsonNode json(String... arguments) {
        Outcome outcome = TinyProject.run(arguments);
        assertEquals(0, outcome.exitCode(), outcome.err());
        return JsonMapper.shared().readTree(outcome.out());
    }

    @Test
    void metricsOfARunAreThoseItWrote() throws IOException {
        Path run = seeds.resolve("seed-1");
        JsonNode rows = json("metrics", run.toString(), "--define", "FAA,BWT,taskInferenceAccuracy,stateBytes", "--json").get("metrics");
        JsonNode written = JsonMapper.shared().readTree(Files.readString(run.resolve("metrics.json"))).at("/methods/it-prompt/metrics");
        for (int i = 0; i < 3; i++) {
            assertEquals(written.get(rows.get(i).get("metric").asString()).asDouble(), rows.get(i).get("it-prompt").asDouble(), 1e-4);
        }
        assertTrue(rows.get(1).get("joint").isNull());
        assertEquals(Files.size(run.resolve("methods/it-prompt.safetensors")), rows.get(3).get("it-prompt").asLong());
    }

    @Test
    void metricsOverSeedsAreMeansOfThoseOfTheRuns() {
        double sum = 0;
        for (int seed = 0; seed < 3; seed++) {
            sum += json("metrics", seeds.resolve("seed-" + seed).toString(), "--define", "CAA", "--json").at("/metrics/0/ncm").asDouble();
        }
        JsonNode row = json("metrics", seeds.toString(), "--define", "CAA", "--json").at("/statistics/1");
        assertEquals("ncm", row.get("method").asString());
        assertEquals(sum / 3, row.get("mean").asDouble(), 1e-9);
        assertEquals(3, row.get("runs").asInt());
    }

    @Test
    void metricsArePrintedWithTheirDefinitions() {
        Outcome outcome = TinyProject.run("metrics", seeds.resolve("seed-0").toString(), "--define", "forgetting-coda,classes,tests");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertTrue(outcome.out().contains("consecutive drops") && outcome.out().contains("emu, large") && outcome.out().contains("McNemar"), outcome.out());
        assertTrue(TinyProject.run("metrics", "--list").out().contains("ECE needs confidences"));
    }

    @Test
    void whatCannotBeMeasuredIsAnInputError() throws IOException {
        Path empty = Files.createDirectory(root.resolve("empty"));
        for (List<String> bad : List.of(List.of("metrics"), List.of("metrics", empty.toString()), List.of("metrics", root.resolve("none").toString()),
                List.of("metrics", seeds.toString(), "--define", "forgeting-coda"))) {
            Outcome outcome = TinyProject.run(bad.toArray(String[]::new));
            assertEquals(2, outcome.exitCode(), bad.toString());
            assertEquals(1, outcome.err().lines().count(), outcome.err());
        }
    }
}
