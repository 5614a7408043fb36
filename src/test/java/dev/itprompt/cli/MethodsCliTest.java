package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.Warnings;
import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.config.Catalog;
import dev.itprompt.config.Configuration;
import dev.itprompt.config.Kind;
import dev.itprompt.device.Device;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.experiment.Experiment;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.Inputs;
import dev.itprompt.experiment.MethodResult;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.experiment.RunConfig;
import dev.itprompt.experiment.RunFolder;
import dev.itprompt.method.Method;
import dev.itprompt.method.Registry;
import dev.itprompt.method.median.MedianMethod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Methods, variants and answers as configurations name them, run to the end. */
class MethodsCliTest {

    @TempDir
    static Path root;
    private static TinyProject project;

    @BeforeAll
    static void createProject() throws IOException {
        project = TinyProject.create(root);
    }

    private static JsonNode metrics(Path output, String method) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(output.resolve("metrics.json"))).required("methods").required(method);
    }

    /** The numbers of what a training has learned, without the file's header, which names the training. */
    private static byte[] learned(Path output, String training) throws IOException {
        byte[] file = Files.readAllBytes(output.resolve("methods").resolve(training + ".safetensors"));
        int header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt();
        return Arrays.copyOfRange(file, Long.BYTES + header, file.length);
    }

    private static Path done(Path output, String... more) {
        List<String> words = new ArrayList<>(List.of("--output", output.toString()));
        words.addAll(List.of(more));
        Outcome outcome = project.train(words.toArray(String[]::new));
        assertEquals(0, outcome.exitCode(), outcome.err());
        return output;
    }

    /** The project's configuration with other methods. */
    private static Path config(String name, String methods) throws IOException {
        String yaml = Files.readString(project.config());
        return Files.writeString(root.resolve(name), yaml.substring(0, yaml.indexOf("methods:")) + methods);
    }

    private static final String IT_PROMPT = """
              it-prompt:
                length: 2
                layers: [0]
                batch: 4
                epochs: 1
                inference: {epochs: 1, augment: false}
                replay: {statistics: variance, epochs: 1, samples: 4}
                cncm: {clusters: 2}
            """;

    /** A user's variant needs nothing but YAML, and one that changes what a built-in one changes learns the same to the last bit. */
    @Test
    void aVariantOfOnesOwn() throws IOException {
        Path config = config("own.yaml", "methods:\n  mine: {of: it-prompt, textGuide: off}\n  mine-cncm:\n  twice: {of: mine, epochs: 2}\n"
                + "  it-prompt-no-text: {}\n" + IT_PROMPT + "  lda: {}\n");
        Path output = root.resolve("own");
        Outcome outcome = TinyProject.run("train", "--config", config.toString(), "--device", "reference", "--output", output.toString());
        assertEquals(0, outcome.exitCode(), outcome.err());
        JsonNode all = JsonMapper.shared().readTree(Files.readString(output.resolve("summary.json"))).required("methods");
        assertEquals(List.of("mine", "mine-cncm", "twice", "it-prompt-no-text", "it-prompt", "lda"), List.copyOf(all.propertyNames()));
        assertEquals(metrics(output, "it-prompt-no-text"), metrics(output, "mine"));
        assertArrayEquals(learned(output, "it-prompt-no-text"), learned(output, "mine"));
        assertFalse(Arrays.equals(learned(output, "it-prompt"), learned(output, "mine")));
        assertFalse(Arrays.equals(learned(output, "twice"), learned(output, "mine")));

        Files.delete(output.resolve("summary.json"));
        Files.delete(output.resolve("methods/twice.json"));
        byte[] before = Files.readAllBytes(output.resolve("methods/twice.safetensors"));
        Outcome resumed = TinyProject.run("train", "--resume", output.toString());
        assertEquals(0, resumed.exitCode(), resumed.err());
        assertArrayEquals(before, Files.readAllBytes(output.resolve("methods/twice.safetensors")), "the run's own configuration knows it");
    }

    /** An answer that depends on which images are tested together stands beside the one that does not. */
    @Test
    void votesOfABatchAreNeverShownAlone() throws IOException {
        Path output = done(root.resolve("votes"), "--set", "methods=lda,l2p-batch-vote", "--set", "methods.l2p.epochs=1", "--set",
                "methods.l2p.batch=4");
        JsonNode all = JsonMapper.shared().readTree(Files.readString(output.resolve("summary.json"))).required("methods");
        assertEquals(List.of("lda", "l2p", "l2p-batch-vote"), List.copyOf(all.propertyNames()));
    }

    @Test
    void aVariantByOptionsAlone() throws IOException {
        Path output = done(root.resolve("options"), "--set", "methods.short.of=it-prompt", "--set", "methods.short.length=1", "--set",
                "methods=short,short-before-replay");
        assertEquals(64, metrics(output, "short").required("trainable").required("prompts").asInt() / 4, "2 tasks x keys and values x width 64");
        assertTrue(Files.readString(output.resolve("config.yaml")).contains("  short:\n    of: it-prompt\n"));
    }

    /** Methods that see more than others are told from them. */
    @Test
    void whatAMethodNeedsStandsBesideTheResults() throws IOException {
        Path output = root.resolve("needs");
        Outcome outcome = project.train("--output", output.toString(), "--set", "methods=it-prompt,it-prompt-oracle,joint", "--matrices");
        assertEquals(0, outcome.exitCode(), outcome.err());
        for (String text : List.of(outcome.out(), Files.readString(output.resolve("report.txt")))) {
            assertTrue(text.contains("\n  it-prompt-oracle is told the true task of each test image.\n"), text);
            assertTrue(text.contains("\n  joint learns all tasks at once.\n"), text);
            assertFalse(text.contains("  it-prompt is") || text.contains("  it-prompt learns") || text.contains("needs texts"), text);
        }
    }

    @Test
    void reportsSayWhereUnseenClassesCompete() throws IOException {
        Path output = root.resolve("unmasked");
        Outcome outcome = project.train("--output", output.toString(), "--set", "methods=s-prompt++", "--set", "methods.s-prompt++.unmasked=true",
                "--set", "methods.s-prompt++.epochs=1", "--set", "methods.s-prompt++.length=2");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertTrue(Files.readString(output.resolve("report.txt")).contains("\n  s-prompt++ lets classes compete at test that it has not learned"), outcome.out());
    }

    @Test
    void settingsOfOtherMethodsKeepNoRunFromGoingOn() {
        Path output = done(root.resolve("others"), "--set", "methods=lda");
        done(output, "--set", "methods=lda,ncm", "--set", "methods.it-prompt.epochs=7", "--set", "methods.ncm.power=0.5");
        Outcome refused = project.train("--output", output.toString(), "--set", "methods=lda,ncm,zero-shot");
        assertEquals(2, refused.exitCode());
        assertTrue(refused.err().contains("another configuration (methods.ncm.power: 0.5, now 1.0)"), refused.err());
    }

    @Test
    void thePlanSaysWhoseStepIsLargest() {
        Outcome outcome = project.train("--plan", "--set", "methods=lda,shared-prompt,it-prompt,joint", "--set", "methods.shared-prompt.batch=64");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertTrue(outcome.out().contains("memory of the largest training step, one of shared-prompt in the last task:\n"), outcome.out());
        for (String line : List.of("lda +[0-9,]+ bytes  embedding a batch; nothing is trained in the model", "shared-prompt +[0-9,]+ bytes  a training step",
                "it-prompt +[0-9,]+ bytes  a training step, and [0-9,]+ bytes kept in Java's heap", "joint +[0-9,]+ bytes  a training step")) {
            assertTrue(outcome.out().lines().anyMatch(l -> l.matches(line)), line + ":\n" + outcome.out());
        }
        Outcome frozen = project.train("--plan", "--set", "methods=lda,zero-shot");
        assertEquals(0, frozen.exitCode(), frozen.err());
        assertTrue(frozen.out().contains("memory of embedding a batch of images:\n"), frozen.out());
        Outcome sums = project.train("--plan", "--set", "methods=ranpac");
        assertTrue(sums.out().lines().anyMatch(line -> line.matches("ranpac +1,[0-9,]{11} bytes  embedding a batch, and 1,[0-9,]{11} bytes kept in Java's heap")),
                sums.out());
        Outcome refused = project.train("--plan", "--memory", "1GB", "--set", "methods=ranpac");
        assertEquals(2, refused.exitCode());
        assertTrue(refused.err().endsWith("MiB for embedding images and the sums of ranpac, found 1,024 MiB; set a smaller methods.ranpac.projection\n"),
                refused.err());
    }

    /** In place of an error in the middle of the run. */
    @Test
    void whatTheHeapHasNoRoomForIsRefusedBeforeItBegins() throws IOException {
        Configuration<ExperimentSettings> configuration = ExperimentSettings.configuration().file(project.config()).set("test", "methods=lda,rail,hide-prompt")
                .set("test", "methods.rail.projection=15000").build();
        try (Device device = new ReferenceDevice();
                Inputs inputs = Inputs.read(configuration, new ProjectFolder(root), device, 1, Warnings.NONE)) {
            Experiment experiment = Experiment.of(configuration.settings(), inputs);
            experiment.requireHeap(4L << 30);
            String refused = assertThrows(InputException.class, () -> experiment.requireHeap(1L << 30)).getMessage();
            assertTrue(refused.matches("rail: expected a heap of at least 1,[0-9]{3} MiB for what it keeps of 4 classes and the features of [0-9]+ images, found "
                    + "1,024 MiB; set a smaller methods.rail.projection, or give Java more \\(ITPROMPT_JAVA_OPTS=-Xmx1[0-9]{3}m\\)"), refused);
        }
    }

    /** What does not fit is computed again, by the methods that need it only, and every method is refused by its own name. */
    @Test
    void memoryIsAskedOfEveryMethod() throws IOException {
        Configuration<ExperimentSettings> configuration = ExperimentSettings.configuration().file(project.config())
                .set("test", "methods=lda,shared-prompt,it-prompt,joint").set("test", "methods.joint.batch=300").build();
        try (Device device = new ReferenceDevice();
                Inputs inputs = Inputs.read(configuration, new ProjectFolder(root), device, 1, Warnings.NONE)) {
            Experiment experiment = Experiment.of(configuration.settings(), inputs);
            long joint = experiment.plans().steps().get("joint").totalBytes();
            Experiment within = experiment.within(joint - 1 + MemoryPlan.JAVA_BYTES);
            assertTrue(within.plans().steps().get("joint").totalBytes() < joint);
            for (String other : List.of("shared-prompt", "it-prompt")) {
                assertEquals(experiment.settings().methods().of(other), within.settings().methods().of(other));
            }
            assertEquals(experiment, experiment.within(joint + MemoryPlan.JAVA_BYTES));
        }
        for (String method : List.of("shared-prompt", "joint", "it-prompt-no-text")) {
            Outcome refused = project.train("--plan", "--memory", "1MB", "--set", "methods=" + method);
            assertEquals(2, refused.exitCode());
            assertTrue(refused.err().matches("itprompt: --memory: expected at least [0-9,]+ MiB for a training step of " + method
                    + ", found 1 MiB; set a smaller methods." + method + ".batch\\s*"), refused.err());
        }
        Outcome refused = project.train("--plan", "--memory", "1MB", "--set", "methods=lda");
        assertTrue(refused.err().endsWith("MiB for embedding images, found 1 MiB; set a smaller encodeBatch\n"), refused.err());
    }

    /** All methods there are, and their further answers, in one run; the plan knows each, and the report says what is done by mistake. */
    @Test
    void everyMethodRuns() throws IOException {
        List<String> names = new ArrayList<>();
        Registry.METHODS.kinds().forEach(method -> {
            names.add(method.name());
            method.answers().forEach(answer -> names.add(method.name() + answer.suffix()));
        });
        names.addAll(List.of("hide-prompt-compat", "vq-prompt-s", "l2p++-deep"));
        String small = "{length: 2, layers: [0], batch: 4, epochs: 1}";
        String replay = "{statistics: variance, epochs: 1, samples: 4, leastSteps: 0}";
        Path config = config("every.yaml", "methods:\n  run: " + names + "\n" + IT_PROMPT + "  hide-prompt: " + small.replace("}",
                ", inference: {epochs: 1}, replay: " + replay + "}") + "\n  vq-prompt: " + small.replace("}", ", replay: " + replay + "}")
                + "\n  dualprompt: " + small.replace("[0]", "[1]").replace("}", ", generalLayers: [0]}") + "\n  l2p: {batch: 4, epochs: 1}\n"
                + Stream.of("ranpac", "loranpac", "rail", "anacp").map(name -> "  " + name + ": {projection: 50}\n").collect(Collectors.joining())
                + Stream.of("coda-prompt", "l2p++", "s-prompt", "s-prompt++", "vpt-nsp2", "shared-prompt", "joint").map(name -> "  " + name + ": " + small)
                        .collect(Collectors.joining("\n")) + "\n");
        Outcome planned = TinyProject.run("train", "--config", config.toString(), "--device", "reference", "--plan");
        assertEquals(0, planned.exitCode(), planned.err());
        for (String name : List.of("hide-prompt", "vq-prompt", "coda-prompt", "dualprompt", "l2p", "l2p\\+\\+", "s-prompt", "s-prompt\\+\\+")) {
            assertTrue(planned.out().lines().anyMatch(line -> line.matches(name + " +[0-9,]+ bytes  a training step.*")), planned.out());
        }
        Path output = root.resolve("every");
        Outcome outcome = TinyProject.run("train", "--config", config.toString(), "--device", "reference", "--output", output.toString());
        assertEquals(0, outcome.exitCode(), outcome.err());
        JsonNode all = JsonMapper.shared().readTree(Files.readString(output.resolve("summary.json"))).required("methods");
        assertEquals(names, List.copyOf(all.propertyNames()));
        assertTrue(outcome.out().contains("  hide-prompt-compat takes prefix keys and values of a batch's images for each other's"), outcome.out());
        assertFalse(outcome.out().contains("  hide-prompt takes"), outcome.out());
        Outcome refused = TinyProject.run("train", "--config", config.toString(), "--device", "reference", "--plan", "--set",
                "methods.coda-prompt.layers=[5]");
        assertEquals("itprompt: methods.coda-prompt.layers: expected at least one layer that the model has (0 to 1), found [5]",
                refused.err().strip());
        assertEquals(2, refused.exitCode());
    }

    @Test
    void allNamesAreListed() {
        Outcome outcome = TinyProject.run("methods");
        assertEquals(0, outcome.exitCode(), outcome.err());
        List<String> names = outcome.out().lines().map(line -> line.split(" ")[0]).toList();
        List<String> expected = new ArrayList<>();
        Registry.METHODS.kinds().forEach(method -> {
            expected.add(method.name());
            method.answers().stream().map(Kind.Answer::suffix).forEach(suffix -> expected.add(method.name() + suffix));
        });
        Registry.METHODS.variants().forEach(variant -> expected.add(variant.name()));
        assertEquals(expected.stream().sorted().toList(), names.stream().sorted().toList());
        assertTrue(outcome.out().lines().allMatch(line -> line.matches("[a-z0-9+-]+  +[A-Za-z].{10,}")), outcome.out());
        for (String name : names) {
            Outcome keys = TinyProject.run("config", "--method", name);
            assertEquals(0, keys.exitCode(), keys.err());
            assertTrue(keys.out().startsWith("methods."), keys.out());
            assertTrue(keys.out().lines().filter(line -> line.startsWith("methods.")).map(line -> line.split("[.:]")[1]).distinct().count() == 1,
                    keys.out());
        }
        assertTrue(TinyProject.run("config", "--method", "shared-prompt").out().contains("  batch "));
        assertEquals("itprompt: --method: methods: unknown method 'share-prompt'; did you mean 'shared-prompt'?\n",
                TinyProject.run("config", "--method", "share-prompt").err());
        assertEquals(2, TinyProject.run("config", "--method", "lda", "--yaml").exitCode());
        String all = TinyProject.run("config").out();
        assertTrue(all.contains("methods.joint: ") && !all.contains("methods.linear-probe: "), "those that are run by default");
    }

    /** The same names for other programs, each with what it is. */
    @Test
    void allNamesAreListedAsJson() {
        Outcome outcome = TinyProject.run("methods", "--json");
        assertEquals(0, outcome.exitCode(), outcome.err());
        List<JsonNode> entries = JsonMapper.shared().readTree(outcome.out()).valueStream().toList();
        assertEquals(TinyProject.run("methods").out().lines().map(line -> line.split(" ")[0]).toList(),
                entries.stream().map(entry -> entry.get("name").asString()).toList());
        entries.forEach(entry -> assertEquals(List.of("name", "kind", "of", "set", "meaning"), List.copyOf(entry.propertyNames())));
        Map<String, JsonNode> byName = entries.stream().collect(Collectors.toMap(entry -> entry.get("name").asString(), Function.identity()));
        assertEquals("method it-prompt []", kind(byName.get("it-prompt")));
        assertEquals("answer it-prompt []", kind(byName.get("it-prompt-cncm")));
        assertEquals("variant it-prompt [\"textGuide=off\"]", kind(byName.get("it-prompt-no-text")));
        assertEquals("method lda []", kind(byName.get("lda")));
        Registry.METHODS.kinds().forEach(method -> assertEquals(method.meaning(), byName.get(method.name()).get("meaning").asString()));
    }

    private static String kind(JsonNode entry) {
        return entry.get("kind").asString() + " " + entry.get("of").asString() + " " + entry.get("set");
    }

    /** A method is its own package and an entry of the list, nothing else. */
    @Test
    void aMethodOfSomebodyElse() throws IOException {
        List<Method<?>> methods = new ArrayList<>(Registry.METHODS.kinds());
        methods.add(new MedianMethod());
        Catalog<Method<?>> catalog = new Catalog<>("method", methods, Registry.METHODS.variants());
        Function<List<String>, Map<String, MethodResult>> run = changes -> {
            Configuration.Builder<ExperimentSettings> builder = Configuration.of(ExperimentSettings.class, catalog).file(project.config());
            changes.forEach(change -> builder.set("test", change));
            Configuration<ExperimentSettings> configuration = builder.build();
            Path folder = root.resolve("median-" + changes.hashCode());
            try (Device device = new ReferenceDevice();
                    Inputs inputs = Inputs.read(configuration, new ProjectFolder(root), device, 1, Warnings.NONE);
                    RunFolder output = RunFolder.open(folder, new RunConfig(Map.of(), configuration.toYaml()), configuration.settings().methods(),
                            RunFolder.Existing.SAME, Duration.ofMinutes(1))) {
                Map<String, MethodResult> results = new LinkedHashMap<>();
                Experiment.of(configuration.settings(), inputs).run(output, "reference", Progress.NONE).methods()
                        .forEach(result -> results.put(result.method(), result));
                assertTrue(Files.exists(folder.resolve("methods/median.safetensors")));
                return results;
            }
        };
        Map<String, MethodResult> results = run.apply(List.of("methods=median,lda", "methods.median.power=1"));
        assertEquals(List.of("median", "lda"), List.copyOf(results.keySet()));
        Map<String, MethodResult> cubic = run.apply(List.of("methods=median", "methods.median.power=9"));
        assertFalse(Arrays.equals(results.get("median").classes(), cubic.get("median").classes()), "its settings reach it");
        Map<String, MethodResult> told = run.apply(List.of("methods=median", "methods.median.cheat=true"));
        assertEquals(100, told.get("median").metrics().get("taskInferenceAccuracy"));
        assertThrows(IllegalStateException.class, () -> run.apply(List.of("methods=median", "methods.median.cheat=true",
                "methods.median.honest=false")), "who does not say that it needs true tasks is not told");
    }
}
