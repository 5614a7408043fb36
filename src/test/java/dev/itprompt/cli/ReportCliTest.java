package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Program;
import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.report.MlflowServer;
import dev.itprompt.report.ReportFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

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
    void secondsAreToldByTask() throws IOException {
        Path run = seeds.resolve("seed-1");
        JsonNode rows = json("metrics", run.toString(), "--define", "times", "--json").get("times");
        JsonNode written = JsonMapper.shared().readTree(Files.readString(run.resolve("metrics.json"))).at("/timings/it-prompt");
        List<JsonNode> trained = rows.valueStream().filter(row -> row.get("method").asString().equals("it-prompt")).toList();
        assertEquals(2, trained.size());
        for (int t = 0; t < 2; t++) {
            assertEquals(t + 1, trained.get(t).get("task").asInt());
            assertEquals(written.at("/learnSeconds/" + t).asDouble(), trained.get(t).get("learn s").asDouble());
            assertEquals(written.at("/testSeconds/" + t).asDouble(), trained.get(t).get("test s").asDouble());
        }
        assertEquals(1, trained.get(1).get("of task 2").asDouble());
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

    /** By another way than the program's: images sorted by confidence, a bin after the other cut off. */
    @Test
    void calibrationErrorsAreThoseOfTheStoredConfidences() throws IOException {
        Path run = seeds.resolve("seed-2");
        JsonNode row = json("metrics", run.toString(), "--define", "ECE", "--json").at("/metrics/0");
        for (String method : List.of("it-prompt", "joint")) {
            assertEquals(calibrationError(run, method), row.get(method).asDouble(), 1e-9);
        }
        assertTrue(row.get("ncm").isNull(), "cosines are no probabilities");
        assertTrue(answers(run, "ncm").stream().allMatch(answer -> answer.get("confidence").isEmpty()));
        String page = Files.readString(run.resolve("report.html"));
        assertTrue(page.contains("ECE") && page.contains("expected calibration error"));
    }

    /** Each of the 12 test images gets two of six entries. */
    @Test
    void poolsAreShown() throws IOException {
        Path run = root.resolve("pools");
        Outcome outcome = project.train("--output", run.toString(), "--set", "methods=l2p", "--set", "methods.l2p.length=2", "--set", "methods.l2p.entries=6",
                "--set", "methods.l2p.count=2", "--set", "methods.l2p.batch=4", "--set", "methods.l2p.epochs=1");
        assertEquals(0, outcome.exitCode(), outcome.err());
        JsonNode rows = json("metrics", run.toString(), "--define", "selection", "--json").get("selection");
        assertEquals(24, rows.valueStream().filter(row -> row.get("method").asString().equals("l2p")).mapToInt(row -> row.get("images").asInt()).sum());
        assertTrue(Files.readString(run.resolve("report.html")).contains("of 6 entries never used"));
    }

    private static List<Map<String, String>> answers(Path run, String method) throws IOException {
        try (MappingIterator<Map<String, String>> rows = new CsvMapper().readerForMapOf(String.class).with(CsvSchema.emptySchema().withHeader())
                .readValues(Files.readString(run.resolve("predictions.csv")))) {
            return rows.readAll().stream().filter(row -> row.get("method").equals(method)).toList();
        }
    }

    private static double calibrationError(Path run, String method) throws IOException {
        List<Map<String, String>> sorted = answers(run, method).stream().sorted(Comparator.comparingDouble(ReportCliTest::confidence)).toList();
        double error = 0;
        int from = 0;
        for (int bin = 1; bin <= 15; bin++) {
            int end = from;
            while (end < sorted.size() && confidence(sorted.get(end)) <= bin / 15.0) {
                end++;
            }
            List<Map<String, String>> in = sorted.subList(from, end);
            if (!in.isEmpty()) {
                double mean = in.stream().mapToDouble(ReportCliTest::confidence).average().orElseThrow();
                double right = in.stream().filter(row -> row.get("trueClass").equals(row.get("predictedClass"))).count() / (double) in.size();
                error += Math.abs(right - mean) * in.size() / sorted.size();
            }
            from = end;
        }
        assertEquals(sorted.size(), from);
        return 100 * error;
    }

    private static double confidence(Map<String, String> answer) {
        return Double.parseDouble(answer.get("confidence"));
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

    @Test
    void runsThatDifferInOneSettingAreSaidToDifferInExactlyThat() {
        Path other = root.resolve("other-rate");
        Outcome outcome = project.train("--output", other.toString(), "--set", "methods=it-prompt,ncm,joint", "--set", "methods.it-prompt.rate=0.5");
        assertEquals(0, outcome.exitCode(), outcome.err());
        Outcome compared = TinyProject.run("compare", seeds.resolve("seed-0").toString(), other.toString(), "--json");
        JsonNode tables = JsonMapper.shared().readTree(compared.out());
        assertTrue(tables.get("settings").toString().matches("\\[\\{\"what\":\"methods.it-prompt.rate\",\"first\":\"0\\.0\\d+\",\"second\":\"0.5\"}]"), compared.out());
        assertTrue(tables.path("inputs").isMissingNode() && tables.path("environment").isMissingNode(), compared.out());
        assertEquals(tables.has("results") || tables.has("classes") || tables.has("images") ? 1 : 0, compared.exitCode());
        assertTrue(tables.path("results").valueStream().allMatch(row -> row.get("what").asString().startsWith("it-prompt ")),
                "the others have no such rate: " + tables.get("results"));
    }

    @Test
    void theSameRunTwiceHasTheSameResults() {
        Path again = root.resolve("again");
        assertEquals(0, project.train("--output", again.toString(), "--set", "methods=it-prompt,ncm,joint").exitCode());
        Outcome compared = TinyProject.run("compare", seeds.resolve("seed-0").toString(), again.toString());
        assertEquals(0, compared.exitCode(), compared.out());
        assertEquals("the results are the same\n", compared.out());
        assertEquals(2, TinyProject.run("compare", again.toString(), root.resolve("none").toString()).exitCode());
        assertEquals(1, TinyProject.run("compare", seeds.resolve("seed-0").toString(), seeds.resolve("seed-1").toString()).exitCode());
    }

    @Test
    void everyRunHasAManifest() throws IOException {
        JsonNode manifest = JsonMapper.shared().readTree(Files.readString(seeds.resolve("seed-0").resolve("manifest.json")));
        JsonNode other = JsonMapper.shared().readTree(Files.readString(seeds.resolve("seed-1").resolve("manifest.json")));
        assertTrue(manifest.get("configurationSha256").asString().matches("[0-9a-f]{64}"));
        assertTrue(!manifest.get("configurationSha256").equals(other.get("configurationSha256")), "the seed is a setting");
        assertTrue(manifest.at("/facts/training images").asString().startsWith("sha256 "));
        JsonNode session = manifest.at("/sessions/0");
        assertEquals(1, manifest.get("sessions").size());
        assertTrue(Instant.parse(session.get("started").asString()).isBefore(Instant.parse(session.get("ended").asString())));
        assertTrue(session.at("/environment/device").asString().startsWith("reference"), session.toString());
        assertEquals(Program.commit(), session.at("/environment/commit").asString());
        assertTrue(!Files.exists(Path.of("/proc/self/status")) || session.get("peakMemoryBytes").asLong() > 1 << 20);
    }

    /** What train wrote is written again from the result files alone, to the last byte. */
    @Test
    void reportsAreWrittenAgainAsTheyWere() throws IOException {
        Path run = seeds.resolve("seed-2");
        Path elsewhere = root.resolve("elsewhere");
        Outcome outcome = TinyProject.run("report", run.toString(), "--output", elsewhere.toString());
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals(ReportFiles.Format.values().length, outcome.out().lines().count());
        for (ReportFiles.Format format : ReportFiles.Format.values()) {
            assertEquals(-1, Files.mismatch(run.resolve(format.file()), elsewhere.resolve(format.file())), format.file());
        }
        assertEquals(1440, ImageIO.read(elsewhere.resolve("accuracy.png").toFile()).getWidth());
        assertTrue(Files.readString(run.resolve("report.html")).contains("data:image/png;base64,"), "no pictures of mistakes");
    }

    @Test
    void severalSeedsHaveFilesOfTheirOwn() throws IOException {
        assertTrue(Files.readString(seeds.resolve("report.html")).contains("seeds 0, 1, 2"));
        assertTrue(Files.readString(seeds.resolve("table.tex")).contains("$\\pm$"));
        Path both = root.resolve("both");
        assertEquals(0, TinyProject.run("report", seeds.resolve("seed-0").toString(), seeds.resolve("seed-1").toString(), "--output", both.toString(),
                "--format", "md,CSV").exitCode());
        try (Stream<Path> files = Files.list(both)) {
            assertEquals(List.of("results.csv", "table.md"), files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertEquals(2, TinyProject.run("report", seeds.resolve("seed-0").toString(), seeds.resolve("seed-1").toString()).exitCode());
        assertEquals(2, TinyProject.run("report", both.toString()).exitCode());
        assertEquals(2, TinyProject.run("report", seeds.toString(), "--format", "docx").exitCode());
    }

    @Test
    void timesStandInTheFilesOnlyIfAskedFor() throws IOException {
        Path timed = root.resolve("timed");
        assertEquals(0, TinyProject.run("report", seeds.resolve("seed-0").toString(), "--output", timed.toString(), "--times", "--format", "html").exitCode());
        String page = Files.readString(timed.resolve("report.html"));
        assertTrue(page.contains("peakMemoryBytes") && page.contains("learnSeconds"));
        String plain = Files.readString(seeds.resolve("seed-0").resolve("report.html"));
        assertTrue(!plain.contains("peakMemoryBytes") && !plain.contains("learnSeconds"));
    }

    /** A server that is down makes no difference to a run; of report it is the work. */
    @Test
    void curvesAndATrackingServer() throws IOException {
        Path run = root.resolve("tracked");
        String down = "http://127.0.0.1:9"; // nothing listens at the port of discard
        Outcome outcome = project.train("--output", run.toString(), "--set", "methods=it-prompt,ncm", "--tensorboard", "--mlflow", down);
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals(1, outcome.err().lines().filter(line -> line.startsWith("itprompt: warning: mlflow: " + down)).count(), outcome.err());
        assertTrue(Files.exists(run.resolve("summary.json")));
        assertTrue(new String(Files.readAllBytes(run.resolve("tensorboard/it-prompt/events.out.tfevents.0.itprompt")), StandardCharsets.ISO_8859_1)
                .contains("loss/replay classifier"));
        Outcome failed = TinyProject.run("report", run.toString(), "--format", "csv", "--mlflow", down);
        assertEquals(Main.EXIT_FAILURE, failed.exitCode());
        assertEquals(1, failed.err().lines().count(), failed.err());
        assertEquals(Main.EXIT_USAGE, TinyProject.run("report", run.toString(), "--mlflow", "localhost").exitCode());
        try (MlflowServer server = new MlflowServer()) {
            Outcome sent = TinyProject.run("report", run.toString(), "--format", "csv", "--mlflow", server.address());
            assertEquals(0, sent.exitCode(), sent.err());
            assertTrue(sent.out().endsWith(server.address() + ": 2 runs\n"), sent.out());
            assertEquals(2, server.finished());
        }
    }
}
