package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Campaigns from a file to the files over all runs, each job in a process of its own. */
class CampaignCliTest {

    @TempDir
    private Path root;
    private TinyProject project;

    @BeforeEach
    void create() throws IOException {
        project = TinyProject.create(root);
    }

    private Path campaign(String text) throws IOException {
        return Files.writeString(root.resolve("campaign.yaml"), "name: rates\nbase: " + project.config() + "\n" + text);
    }

    private static String[] run(Path file, Path output, String... more) {
        return Stream.concat(Stream.of("campaign", "run", file.toString(), "--output", output.toString(), "--device", "reference"), Stream.of(more))
                .toArray(String[]::new);
    }

    private static JsonNode json(String... arguments) {
        Outcome outcome = TinyProject.run(arguments);
        assertEquals(0, outcome.exitCode(), outcome.err());
        return JsonMapper.shared().readTree(outcome.out());
    }

    /** Killed while it works, first with its jobs left alone and then asked to stop, it ends with the bytes of one that is left alone. */
    @Test
    void killedCampaignsEndWithTheSameBytes() throws IOException, InterruptedException {
        Path file = campaign("""
                methods: [shared-prompt, lda]
                seeds: [0, 1, 2]
                grid: {methods.shared-prompt.epochs: [1, 8]}
                """);
        Path alone = root.resolve("alone");
        Path said = root.resolve("said");
        assertEquals(0, TinyProject.exitCode(TinyProject.start(said, run(file, alone, "--jobs", "2"))), () -> read(said));
        Path killed = root.resolve("killed");
        String[] command = run(file, killed, "--jobs", "2", "--checkpoint-every", "0.05");
        Process first = TinyProject.start(root.resolve("said-1"), command);
        TinyProject.await(first, killed.resolve("runs/tiny/epochs=1/seed-0/summary.json"));
        first.destroyForcibly().waitFor();
        Process second = TinyProject.start(root.resolve("said-2"), command);
        while (!read(root.resolve("said-2")).contains("[")) { // jobs of the first campaign may go on: what their runs write says nothing of the second
            assertTrue(second.isAlive(), () -> read(root.resolve("said-2")));
            Thread.sleep(20);
        }
        second.destroy();
        int stopped = TinyProject.exitCode(second);
        assertTrue(stopped == 143, () -> stopped + ": " + read(root.resolve("said-2")));
        assertTrue(read(root.resolve("said-2")).contains("stopping; waiting until the state is saved of tiny, epochs="), read(root.resolve("said-2")));
        assertTrue(read(root.resolve("said-2")).contains("itprompt: stopped; the same command goes on with the campaign"), read(root.resolve("said-2")));
        assertEquals(List.of(), json("campaign", "status", file.toString(), "--output", killed.toString(), "--json").get("jobs").valueStream()
                .map(job -> job.get("state").asString()).filter(state -> state.equals("running") || state.equals("failed")).toList());
        Path last = root.resolve("said-3");
        assertEquals(0, TinyProject.exitCode(TinyProject.start(last, command)), () -> read(last));
        Map<String, String> expected = results(alone);
        assertTrue(expected.containsKey("results.xlsx") && expected.size() > 6 * 10, expected.keySet().toString());
        Map<String, String> actual = results(killed);
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, content) -> assertEquals(content, actual.get(name), name));

        FileTime before = Files.getLastModifiedTime(killed.resolve("runs/tiny/epochs=8/seed-1/summary.json"));
        Outcome again = TinyProject.run(command);
        assertEquals(0, again.exitCode(), again.err());
        assertFalse(again.out().contains("]"), "nothing is left to do: " + again.out());
        assertEquals(before, Files.getLastModifiedTime(killed.resolve("runs/tiny/epochs=8/seed-1/summary.json")));
    }

    /** Counted by hand: 24 training and 12 test images in two tasks, and two held-out ones before and after each training. */
    @Test
    void passesThroughTheTowerAreKnownBefore() throws IOException {
        Path file = campaign("methods: [shared-prompt, lda]\nseeds: [0, 1]\ngrid: {methods.shared-prompt.epochs: [1, 8]}\n");
        JsonNode rows = json("campaign", "plan", file.toString(), "--output", root.resolve("plan").toString(), "--estimate", "--threads", "1", "--json")
                .get("estimate");
        assertEquals(5, rows.size());
        for (int r : new int[] {0, 1}) {
            assertEquals(24 + 12 + 3 * 2 + 6 + 12, rows.get(r).get("embedded").asInt());
            assertEquals(24, rows.get(r).get("trained").asInt());
            assertEquals(8 * 24, rows.get(2 + r).get("trained").asInt());
        }
        assertEquals(2 * 24 + 2 * 8 * 24, rows.get(4).get("trained").asInt());
        assertTrue(rows.get(0).get("secondsFrom").asDouble() > 0 && rows.get(0).get("secondsFrom").asDouble() <= rows.get(0).get("secondsTo").asDouble(),
                rows.toString());
        assertFalse(Files.exists(root.resolve("plan")), "nothing is run");
    }

    /** All files that no time stands in, by name, and metrics.json without its timings. */
    private static Map<String, String> results(Path folder) throws IOException {
        Map<String, String> results = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).toString();
                if (name.endsWith("metrics.json")) {
                    ObjectNode metrics = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file));
                    metrics.remove("timings");
                    results.put(name, metrics.toString());
                } else if (name.matches(".*[.](safetensors|csv|html|xlsx|tex|md|svg|yaml)")) {
                    results.put(name, new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
                }
            }
        }
        return results;
    }

    @Test
    void aJobThatFailsLeavesTheOthersAsTheyAre() throws IOException {
        Path file = campaign("""
                benchmarks:
                  good: {featureCache: 7}
                  bad: {dataset: {path: %s}}
                methods: [ncm]
                seeds: [0, 1]
                """.formatted(root.resolve("missing")));
        Path output = root.resolve("out");
        Outcome outcome = TinyProject.run(run(file, output, "--cache-size", "0"));
        assertEquals(1, outcome.exitCode(), outcome.err());
        assertTrue(Files.readString(output.resolve("runs/good/base/seed-0/config.yaml")).contains("featureCache: 0"), "a cache for this machine");
        assertTrue(outcome.out().contains("failed: bad, seed 1: ") && outcome.out().contains("missing"), outcome.out());
        assertTrue(outcome.out().lines().anyMatch(line -> line.matches("\\[./4] good, seed 1: done in .*")), outcome.out());
        JsonNode status = json("campaign", "status", file.toString(), "--output", output.toString(), "--json");
        Outcome quiet = TinyProject.run(run(file, output, "--quiet"));
        assertEquals(1, quiet.exitCode());
        assertEquals("", quiet.out());
        assertEquals(2, quiet.err().lines().filter(line -> line.startsWith("failed: bad, seed ")).count(), quiet.err());
        assertEquals("done done failed failed", String.join(" ", status.get("jobs").valueStream().map(job -> job.get("state").asString()).toList()));
        assertTrue(status.at("/jobs/2/reason").asString().contains(root.resolve("missing").toString()), status.toString());
        assertEquals(2, status.at("/total/0/failed").asInt());
        assertTrue(Files.readString(output.resolve("table.md")).contains("| good | base | ncm |"), Files.readString(output.resolve("table.md")));
        assertEquals(3, Files.readString(output.resolve("results.csv")).lines().map(line -> line.split(",")[3]).distinct().count(), "a heading and two seeds");
    }

    /** A method that comes in later is learned; what others have learned stays as it is. Settings that change are not mixed. */
    @Test
    void aMethodMayComeInLater() throws IOException {
        Path output = root.resolve("out");
        assertEquals(0, TinyProject.run(run(campaign("methods: [lda]\n"), output)).exitCode());
        Path learned = output.resolve("runs/tiny/base/seed-0/methods/lda.safetensors");
        FileTime before = Files.getLastModifiedTime(learned);
        String with = "methods: [lda]\nvariants: {nearest: {of: ncm, power: 0.5}}\n";
        Path file = campaign(with);
        assertEquals("waiting", json("campaign", "plan", file.toString(), "--output", output.toString(), "--json").at("/jobs/0/state").asString());
        Outcome more = TinyProject.run(run(file, output));
        assertEquals(0, more.exitCode(), more.out() + more.err());
        assertEquals(before, Files.getLastModifiedTime(learned));
        assertTrue(Files.readString(output.resolve("table.tex")).contains("nearest"));
        Path other = campaign("methods: [lda]\nvariants: {nearest: {of: ncm, power: 0.25}}\n");
        Outcome refused = TinyProject.run(run(other, output));
        assertEquals(1, refused.exitCode());
        assertTrue(refused.out().contains("holds a run with another configuration (methods.nearest.power: 0.5, now 0.25)"), refused.out());
        assertEquals(0, TinyProject.run(run(campaign(with), output)).exitCode(), "the first is as it was");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
