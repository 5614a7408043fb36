package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The command {@code train} from configuration to files, with a random model on the scalar device. */
class TrainCliTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> METHODS = List.of("it-prompt", "it-prompt-cncm", "zero-shot", "ncm", "lda", "shared-prompt",
            "joint");

    @TempDir
    static Path root;
    private static TinyProject project;
    private static Outcome first;

    @BeforeAll
    static void runOnce() throws IOException {
        project = TinyProject.create(root);
        first = project.train("--output", project.output().toString());
    }

    private static JsonNode json(Path file) throws IOException {
        return JSON.readTree(Files.readString(file));
    }

    @Test
    void comparesAllMethodsOnTheScreen() {
        assertEquals(0, first.exitCode(), first.err());
        assertEquals("", first.err());
        for (String method : METHODS) {
            assertTrue(first.out().lines().anyMatch(line -> line.startsWith(method + " ")), first.out());
        }
        assertTrue(first.out().contains("final average accuracy: mean over tasks"), first.out());
        assertTrue(first.out().contains("device: reference"), first.out());
    }

    /** Nothing is said of what goes well, one line of what does not. */
    @Test
    void quietRunsSayOnlyWhatGoesWrong() {
        Path output = root.resolve("quiet");
        assertEquals(new Outcome(0, "", ""), project.train("--output", output.toString(), "--set", "methods=ncm", "--quiet", "--progress", "plain"));
        assertTrue(Files.exists(output.resolve("summary.json")));
        Outcome again = project.train("--output", output.toString(), "--set", "methods=ncm", "-q");
        assertEquals(2, again.exitCode());
        assertEquals("", again.out());
        assertEquals("itprompt: " + output + ": holds a finished run; use --force to replace it or --output for another folder\n", again.err());
    }

    @Test
    void summaryHasEveryMethodAndMetric() throws IOException {
        JsonNode methods = json(project.output().resolve("summary.json")).required("methods");
        assertEquals(METHODS, List.copyOf(methods.propertyNames()));
        for (String method : METHODS) {
            JsonNode metrics = methods.required(method);
            assertEquals(List.of("FAA", "CAA", "FFM", "BWT", "lastMicro", "taskInferenceAccuracy", "zeroShotRetention", "seconds"),
                    List.copyOf(metrics.propertyNames()));
            assertTrue(metrics.required("FAA").isNumber(), method);
            assertTrue(metrics.required("seconds").isNumber(), method);
            assertEquals(1, metrics.required("zeroShotRetention").asDouble(), method);
            assertEquals(method.startsWith("it-prompt"), metrics.required("taskInferenceAccuracy").isNumber(), method);
            assertEquals(method.equals("joint"), metrics.required("FFM").isNull(), method);
        }
    }

    @Test
    void metricsTellCountsDefinitionsAndTrainableNumbers() throws IOException {
        JsonNode metrics = json(project.output().resolve("metrics.json"));
        assertEquals(8, metrics.required("definitions").size() + 1);
        JsonNode itPrompt = metrics.required("methods").required("it-prompt");
        assertEquals(6, itPrompt.required("accuracy").required("total").get(0).get(1).asInt());
        assertTrue(itPrompt.required("accuracy").required("percent").get(1).get(0).isNull());
        assertTrue(itPrompt.required("zeroShot").required("identicalBits").asBoolean());
        assertTrue(itPrompt.required("trainable").valueStream().mapToLong(JsonNode::asLong).sum() > 0);
        assertEquals(64, metrics.required("checkpointSha256").asString().length());
        assertTrue(metrics.required("timings").required("ncm").required("seconds").isNumber());
    }

    @Test
    void everyPredictionIsListed() throws IOException {
        List<String> lines = Files.readAllLines(project.output().resolve("predictions.csv"));
        assertEquals("method,image,trueClass,predictedClass,trueTask,inferredTask,confidence", lines.getFirst());
        assertEquals(1 + METHODS.size() * 12, lines.size());
        assertTrue(lines.stream().anyMatch(line -> line.contains(",\"emu, large\",")));
    }

    @Test
    void leavesAllFilesAndNoTemporaryOnes() throws IOException {
        try (Stream<Path> files = Files.walk(project.output())) {
            Set<String> names = files.filter(Files::isRegularFile).map(f -> project.output().relativize(f).toString())
                    .collect(Collectors.toSet());
            assertTrue(names.containsAll(Set.of("config.yaml", "metrics.json", "summary.json", "log.jsonl", "predictions.csv",
                    "report.txt", "accuracy.svg", "methods/it-prompt.safetensors", "methods/it-prompt.json")), names.toString());
            assertFalse(names.stream().anyMatch(name -> name.endsWith(".tmp")), names.toString());
        }
        for (String line : Files.readAllLines(project.output().resolve("log.jsonl"))) {
            assertTrue(JSON.readTree(line).required("event").isString(), line);
        }
        assertTrue(Files.readString(project.output().resolve("accuracy.svg")).endsWith("</svg>\n"));
    }

    @Test
    void theWrittenConfigurationGivesTheSameMetrics() throws IOException {
        Path again = root.resolve("again");
        Outcome outcome = TinyProject.run("train", "--config", project.output().resolve("config.yaml").toString(), "--device",
                "reference", "--output", again.toString());
        assertEquals(0, outcome.exitCode(), outcome.err());
        ObjectNode a = (ObjectNode) json(project.output().resolve("metrics.json"));
        ObjectNode b = (ObjectNode) json(again.resolve("metrics.json"));
        a.remove("timings");
        b.remove("timings");
        assertEquals(a.toString(), b.toString());
        assertEquals(Files.readString(project.output().resolve("predictions.csv")), Files.readString(again.resolve("predictions.csv")));
    }

    @Test
    void aFinishedRunIsNotOverwrittenUnlessForced() throws IOException {
        Path output = root.resolve("twice");
        assertEquals(0, project.train("--output", output.toString(), "--set", "methods=ncm").exitCode());
        Outcome refused = project.train("--output", output.toString(), "--set", "methods=ncm");
        assertEquals(2, refused.exitCode());
        assertTrue(refused.err().contains("--force"), refused.err());
        assertEquals(0, project.train("--output", output.toString(), "--set", "methods=lda", "--force").exitCode());
        assertEquals(Set.of("lda"), Set.copyOf(json(output.resolve("summary.json")).required("methods").propertyNames()));
        assertFalse(Files.exists(output.resolve("methods/ncm.json")));
    }

    @Test
    void anInterruptedRunGoesOnWithoutRepeatingFinishedMethods() throws IOException {
        Path output = root.resolve("resumed");
        String[] arguments = {"--output", output.toString(), "--set", "methods=ncm,lda"};
        assertEquals(0, project.train(arguments).exitCode());
        String summary = Files.readString(output.resolve("summary.json"));
        Files.delete(output.resolve("summary.json"));
        Files.delete(output.resolve("methods/lda.json"));
        FileTime kept = Files.getLastModifiedTime(output.resolve("methods/ncm.json"));

        Outcome other = project.train("--output", output.toString(), "--set", "methods=ncm,lda", "--set", "methods.ncm.power=0.5");
        assertEquals(2, other.exitCode());
        assertTrue(other.err().contains("another configuration (methods.ncm.power: 1.0, now 0.5)"), other.err());

        assertEquals(0, project.train(arguments).exitCode());
        assertEquals(kept, Files.getLastModifiedTime(output.resolve("methods/ncm.json")));
        assertEquals(JSON.readTree(summary).required("methods").required("ncm"),
                json(output.resolve("summary.json")).required("methods").required("ncm"));

        Files.delete(output.resolve("summary.json"));
        Files.writeString(output.resolve("methods/ncm.json"), "{\"ncm\": {");
        Outcome damaged = project.train(arguments);
        assertEquals(2, damaged.exitCode());
        assertTrue(damaged.err().contains("ncm.json"), damaged.err());
    }

    @Test
    void severalSeedsGiveMeanAndDeviation() throws IOException {
        Path output = root.resolve("seeds");
        Outcome outcome = project.train("--output", output.toString(), "--set", "methods=ncm,zero-shot", "--seeds", "0,1");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertTrue(outcome.out().contains(" ± "), outcome.out());
        double a = json(output.resolve("seed-0/summary.json")).at("/methods/ncm/FAA").asDouble();
        double b = json(output.resolve("seed-1/summary.json")).at("/methods/ncm/FAA").asDouble();
        JsonNode faa = json(output.resolve("summary.json")).at("/methods/ncm/FAA");
        assertEquals((a + b) / 2, faa.required("mean").asDouble(), 1e-4);
        assertEquals(Math.abs(a - b) / 2, faa.required("deviation").asDouble(), 1e-4);
    }

    @Test
    void planPrintsMemoryAndRunsNothing() {
        Path output = root.resolve("plan");
        Outcome outcome = project.train("--output", output.toString(), "--plan");
        assertEquals(0, outcome.exitCode(), outcome.err());
        for (String kind : List.of("constants", "variables", "inputs", "activations", "total")) {
            assertTrue(outcome.out().contains(kind), outcome.out());
        }
        assertFalse(Files.exists(output));
    }

    /** The scores of a batch against itself would have more than 2^31-1 numbers. */
    @Test
    void aBatchThatNoTensorHoldsIsRefused() {
        Outcome outcome = project.train("--plan", "--set", "methods.it-prompt.batch=65535");
        assertEquals(2, outcome.exitCode(), outcome.err());
        assertTrue(outcome.err().contains("expected at most 2^31-1 elements; take a smaller batch"), outcome.err());
    }

    @Test
    void aStepThatDoesNotFitIsRefusedWithWhatItNeeds() {
        Outcome outcome = project.train("--output", root.resolve("small").toString(), "--memory", "1MB");
        assertEquals(2, outcome.exitCode());
        assertTrue(outcome.err().matches("(?s)itprompt: --memory: expected at least 2\\d\\d MiB for a training step of it-prompt, found 1 MiB;"
                + " set a smaller methods.it-prompt.batch\\s*"), outcome.err());
    }

    @Test
    void ablationsAreReportedUnderTheirOwnNames() throws IOException {
        Path output = root.resolve("ablations");
        Outcome outcome = project.train("--output", output.toString(), "--set",
                "methods=it-prompt-before-replay,it-prompt-no-prompts,it-prompt-no-text,it-prompt-oracle");
        assertEquals(0, outcome.exitCode(), outcome.err());
        JsonNode methods = json(output.resolve("summary.json")).required("methods");
        assertEquals(4, methods.size());
        assertEquals(100, methods.at("/it-prompt-oracle/taskInferenceAccuracy").asDouble());
    }

    @Test
    void theCpuDeviceGivesTheSameBitsWithAnyNumberOfThreads() throws IOException {
        String methods = "methods=it-prompt,it-prompt-cncm,shared-prompt,joint,lda";
        for (int threads = 1; threads <= 2; threads++) {
            Outcome outcome = TinyProject.run("train", "--config", project.config().toString(), "--threads", "" + threads, "--output",
                    root.resolve("threads-" + threads).toString(), "--set", methods);
            assertEquals(0, outcome.exitCode(), outcome.err());
        }
        ObjectNode one = (ObjectNode) json(root.resolve("threads-1/metrics.json"));
        ObjectNode two = (ObjectNode) json(root.resolve("threads-2/metrics.json"));
        one.remove("timings");
        two.remove("timings");
        assertEquals(one.toString(), two.toString());
        for (String method : List.of("it-prompt", "shared-prompt", "joint")) {
            String file = "methods/" + method + ".safetensors";
            assertEquals(-1, Files.mismatch(root.resolve("threads-1").resolve(file), root.resolve("threads-2").resolve(file)), method);
        }
    }

    @Test
    void imageFoldersAndPaddingWork() throws IOException {
        for (String part : List.of("folders-train", "folders-test")) {
            for (int kind = 0; kind < 2; kind++) {
                Path directory = Files.createDirectories(root.resolve(part).resolve(kind == 0 ? "red_one" : "blue"));
                for (int i = 0; i < 3; i++) {
                    project.writePicture(directory.resolve(i + ".png"), kind);
                }
            }
        }
        Path output = root.resolve("folders");
        String[] arguments = {"--output", output.toString(), "--set", "dataset.kind=image-folder", "--set",
                "dataset.path=" + root.resolve("folders-train"), "--set", "dataset.testPath=" + root.resolve("folders-test"), "--set",
                "dataset.classNames=[]", "--set", "scenario.split=2x1", "--set", "methods=ncm,it-prompt-joint", "--set", "image.fit=pad",
                "--set", "dataset.trainPerClass=2", "--set", "heldOut.limit=1"};
        Outcome outcome = project.train(arguments);
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertTrue(outcome.out().contains("4 training and 6 test images"), outcome.out());
        JsonNode metrics = json(output.resolve("metrics.json"));
        assertEquals(100, metrics.at("/methods/ncm/metrics/FAA").asDouble(), "identical pictures");
        assertEquals("[[\"blue\"],[\"red one\"]]", metrics.at("/scenario/tasks").toString());
        assertEquals(1, metrics.at("/heldOut/images").asInt());
        Files.move(root.resolve("folders-test/blue"), root.resolve("folders-test/green"));
        arguments[1] = root.resolve("other").toString();
        Outcome refused = project.train(arguments);
        assertEquals(2, refused.exitCode());
        assertTrue(refused.err().contains("[blue, green] in only one of them"), refused.err());
    }
}
