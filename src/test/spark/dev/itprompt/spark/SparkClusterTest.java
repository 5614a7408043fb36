package dev.itprompt.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.cli.TinyProject;
import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.cluster.Cluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Jobs in two further processes of this machine, started by a master and workers as those of several machines are. All tests share them, and
 * find those that were killed replaced.
 */
class SparkClusterTest {

    private static final String MASTER = "local-cluster[2,1,1024]";
    private static final int SHARDS = 8;

    @TempDir
    private static Path root;
    private static Path campaign;
    private static Map<String, String> expected;

    @BeforeAll
    static void runHere() throws IOException {
        System.setProperty("spark.executor.extraClassPath", System.getProperty("java.class.path"));
        System.setProperty("spark.executor.extraJavaOptions", "--add-modules=jdk.incubator.vector -XX:Tier3DelayOn=1000000 -XX:+UseSerialGC -Ditprompt.root=" + Path.of("").toAbsolutePath());
        System.setProperty("spark.driver.host", "127.0.0.1");
        System.setProperty("spark.driver.bindAddress", "127.0.0.1");
        System.setProperty("spark.ui.enabled", "false");
        System.setProperty("spark.log.level", "WARN");
        SharedCluster.open(MASTER);
        TinyProject project = TinyProject.create(root);
        campaign = Files.writeString(root.resolve("campaign.yaml"), """
                name: far
                base: %s
                benchmarks: {good: {}, bad: {dataset: {path: %s}}}
                methods: [shared-prompt, lda]
                seeds: [0, 1]
                list: [{methods.shared-prompt.epochs: 8}]
                """.formatted(project.config(), root.resolve("missing")));
        run("near", "--threads", "2");
        expected = results(root.resolve("near"));
        assertTrue(expected.containsKey("results.xlsx") && expected.size() > 20, expected.keySet().toString());
    }

    @AfterAll
    static void closeCluster() {
        SharedCluster.closeForAll();
    }

    /** The good jobs are done, the bad ones fail for the same reason as here. */
    private static String run(String output, String... more) {
        long begin = System.nanoTime();
        Outcome outcome = TinyProject.run(Stream.concat(Stream.of("campaign", "run", campaign.toString(), "--output", root.resolve(output).toString(), "--device",
                "reference"),
                Stream.of(more)).toArray(String[]::new));
        System.out.println(output + ": " + (System.nanoTime() - begin) / 1_000_000 + " ms");
        assertEquals(1, outcome.exitCode(), outcome.out() + outcome.err());
        assertEquals(2, outcome.out().lines().filter(line -> line.startsWith("failed: bad, ") && line.contains("missing")).count(), outcome.out());
        assertEquals(2, outcome.out().lines().filter(line -> line.matches("\\[./4] good, .*: done in .*")).count(), outcome.out());
        return outcome.out();
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
                } else if (name.matches(".*[.](safetensors|csv|html|xlsx|tex|md|svg|png|yaml)")) {
                    results.put(name, new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
                }
            }
        }
        return results;
    }

    private static void assertAsHere(String output) throws IOException {
        Map<String, String> actual = results(root.resolve(output));
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, content) -> assertEquals(content, actual.get(name), name));
    }

    @Test
    void aCampaignGivesTheSameBytes() throws IOException {
        run("far", "--on", SharedCluster.ADDRESS, "--threads", "1");
        assertAsHere("far");
    }

    @Test
    void aProcessMayDie() throws IOException {
        CompletableFuture<Boolean> killed = CompletableFuture.supplyAsync(() -> killOne(root.resolve("killed/runs/good"), ".checkpoint.safetensors"));
        String said = run("killed", "--on", SharedCluster.ADDRESS, "--threads", "1", "--checkpoint-every", "0");
        assertTrue(killed.join(), "no process was killed: " + said);
        assertAsHere("killed");
    }

    /** Kills a process of the cluster as soon as there is a file below a folder, when both work at a job. */
    private static boolean killOne(Path folder, String file) {
        for (int i = 0; i < 12_000; i++) {
            try {
                Thread.sleep(10);
                if (Files.isDirectory(folder) && has(folder, file)) {
                    return ProcessHandle.current().children().findFirst().map(ProcessHandle::destroyForcibly).orElse(false);
                }
            } catch (InterruptedException | IOException | UncheckedIOException _) {
                // files come and go
            }
        }
        return false;
    }

    private static boolean has(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.anyMatch(file -> file.toString().endsWith(ending));
        }
    }

    /** 2,000 images by the bundled model, which each process reads once; also with a process that dies in the middle. */
    @Test
    void featuresAreTheSameBytes() throws IOException {
        features("near-features");
        features("far-features", "--on", SharedCluster.ADDRESS);
        assertSameFeatures("far-features");
        Path lost = root.resolve("lost-features");
        CompletableFuture<Boolean> killed = CompletableFuture.supplyAsync(() -> killOne(lost, "features-00000.safetensors")
                && Files.notExists(lost.resolve("features-0000" + (SHARDS - 1) + ".safetensors")));
        features("lost-features", "--on", SharedCluster.ADDRESS);
        assertTrue(killed.join(), "no process was killed in the middle");
        assertSameFeatures("lost-features");
    }

    private static void assertSameFeatures(String far) throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("near-features"))) {
            List<Path> all = files.filter(file -> !file.toString().endsWith(".lock")).toList();
            assertEquals(SHARDS + 1, all.size(), all.toString());
            for (Path file : all) {
                assertEquals(-1, Files.mismatch(file, root.resolve(far).resolve(file.getFileName())), file.toString());
            }
        }
    }

    private static void features(String output, String... more) {
        long begin = System.nanoTime();
        Outcome outcome = TinyProject.run(Stream.concat(Stream.of("features", "--config", "configs/demo.yaml", "--part", "train", "--rows",
                Integer.toString(2_000 / SHARDS), "--threads", "1", "--output", root.resolve(output).toString(), "--cache-size", "0"),
                Stream.of(more)).toArray(String[]::new));
        System.out.println(output + ": " + (System.nanoTime() - begin) / 1_000_000 + " ms");
        assertEquals(0, outcome.exitCode(), outcome.out() + outcome.err());
    }

    /** One list of jobs a step; the same files as here, with images that are cut and mirrored at random and with those that are not. */
    @Test
    void partsOfStepsAreTheSameBytes() throws IOException {
        for (int parts : new int[] {2, 4}) {
            train("near-" + parts, parts);
            String said = train("far-" + parts, parts, "--on", SharedCluster.ADDRESS, "--threads", "1");
            System.out.println(said.lines().filter(line -> line.contains(" steps by a cluster: ")).findFirst().orElseThrow());
            assertSameRun("near-" + parts, "far-" + parts);
        }
    }

    @Test
    void aProcessMayDieBetweenSteps() throws IOException {
        train("near-lost", 2);
        CompletableFuture<Boolean> killed = CompletableFuture.supplyAsync(() -> killOne(root.resolve("far-lost"), ".checkpoint.safetensors"));
        train("far-lost", 2, "--on", SharedCluster.ADDRESS, "--threads", "1", "--checkpoint-every", "0");
        assertTrue(killed.join(), "no process was killed");
        assertSameRun("near-lost", "far-lost");
    }

    private static String train(String output, int parts, String... more) {
        Outcome outcome = TinyProject.run(Stream.concat(Stream.of("train", "--config", root.resolve("tiny.yaml").toString(), "--device", "reference", "--parts",
                Integer.toString(parts), "--set", "methods=it-prompt,shared-prompt", "--set", "methods.shared-prompt.augment=false", "--set",
                "methods.it-prompt.epochs=3", "--output", root.resolve(output).toString()), Stream.of(more)).toArray(String[]::new));
        assertEquals(0, outcome.exitCode(), outcome.out() + outcome.err());
        return outcome.out();
    }

    private static void assertSameRun(String near, String far) throws IOException {
        Map<String, String> here = results(root.resolve(near));
        Map<String, String> there = results(root.resolve(far));
        assertTrue(here.containsKey("methods/it-prompt.safetensors") && here.size() > 8, here.keySet().toString());
        assertEquals(here.keySet(), there.keySet());
        here.forEach((name, content) -> assertEquals(content, there.get(name), name));
    }

    /** Answers come in the order of jobs; what the user is to blame for is tried once; what dies is tried again. */
    @Test
    void mistakesAreAnswers() throws IOException {
        Path tries = Files.createDirectories(root.resolve("tries"));
        String folder = tries.toString();
        try (Cluster cluster = new SharedCluster().open(SharedCluster.ADDRESS, 1)) {
            assertEquals(2, cluster.width());
            assertEquals(List.of(), cluster.map(List.<Integer>of(), number -> number));
            assertEquals(IntStream.range(0, 20).map(n -> n * n).boxed().toList(), cluster.map(IntStream.range(0, 20).boxed().toList(), n -> n * n));
            InputException refused = assertThrows(InputException.class, () -> cluster.map(List.of(1, 2, 3), n -> attempt(folder, n)));
            assertEquals("no 2", refused.getMessage());
            assertEquals(1, attempts(tries, "2-"));
            assertEquals(1, attempts(tries, "3-"));
            assertEquals(List.of(5), cluster.map(List.of(5), n -> attempt(folder, n)));
            assertEquals(2, attempts(tries, "5-"));
        }
    }

    private static int attempt(String folder, int job) throws InputException {
        try {
            Files.createTempFile(Path.of(folder), job + "-", "");
            if (job == 5 && attempts(Path.of(folder), "5-") == 1) {
                Runtime.getRuntime().halt(9);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (job == 2) {
            throw new InputException("no 2");
        }
        return job;
    }

    private static long attempts(Path folder, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)).count();
        }
    }

    @Test
    void aMixtureIsRefusedByName() {
        String eight = "8 lanes of float32, fused multiply-adds; Java 25.0.3; amd64";
        String four = "4 lanes of float32, separate multiply-adds; Java 25.0.3; amd64";
        assertEquals(Optional.empty(), Arithmetic.difference(List.of(new Arithmetic("a", eight), new Arithmetic("b", eight))));
        assertEquals("--on: expected processes that compute the same bits, found " + four + " on c and " + eight + " on a, b; give all the same Java, and"
                + " -XX:UseAVX=2 in spark.executor.extraJavaOptions, or take machines of one kind", Arithmetic.difference(List.of(
                new Arithmetic("b", eight), new Arithmetic("c", four), new Arithmetic("a", eight), new Arithmetic("a", eight))).orElseThrow());
        assertInstanceOf(SparkProvider.class, new SparkProvider());
        assertTrue(new SparkProvider().takes("spark://a:7077,b:7077") && !new SparkProvider().takes("local"));
    }
}
