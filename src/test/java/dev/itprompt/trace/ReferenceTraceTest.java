package dev.itprompt.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.itprompt.device.Device;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.method.hide.Contrast;
import dev.itprompt.method.hide.MappingNetwork;
import dev.itprompt.method.replay.Gaussian;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Schedule;
import dev.itprompt.prompt.Tower;
import dev.itprompt.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * Every method's prompts, losses, statistics and rates against numbers recorded while the authors' code ran. Some of these come
 * with the tests; the folder with all of them, or with those of other seeds, is named by {@code -Ditprompt.goldens}.
 */
class ReferenceTraceTest {

    static final Path COMMITTED = Path.of("src/test/resources/dev/itprompt/trace");
    private static final Path FOLDER = Path.of(System.getProperty("itprompt.goldens", "../shared/goldens"));

    /** Of the tower alone, whose features are recorded in float32; relative to values above 1. */
    private static final double WORLD_TOLERANCE = 1e-5;

    /**
     * Where a trace is followed.
     *
     * @param exact whether in double precision
     * @param slack how many times what float32 is allowed it may be off, or may be off often: more than 1 where functions are a
     *              driver's
     */
    record Run(String name, Supplier<Device> open, boolean exact, double slack) {}

    private static final List<Run> RUNS = List.of(new Run("reference", ReferenceDevice::new, true, 1),
            new Run("cpu", () -> new CpuDevice(1), false, 1));

    @TestFactory
    Stream<DynamicTest> committedTraces() {
        return traces(COMMITTED, RUNS);
    }

    @TestFactory
    Stream<DynamicTest> tracesOfTheFolder() {
        return Files.exists(FOLDER.resolve("index.json")) ? traces(FOLDER, RUNS)
                : Stream.of(dynamicTest("traces of " + FOLDER, () -> assumeTrue(false, "there are no traces at " + FOLDER)));
    }

    static Stream<DynamicTest> traces(Path folder, List<Run> runs) {
        World world = new World(Files.exists(folder.resolve("world-data.safetensors")) ? folder : COMMITTED);
        Map<String, JsonNode> index = Trace.index(folder);
        List<DynamicTest> tests = new ArrayList<>();
        for (Run run : runs) {
            tests.add(dynamicTest("world, " + run.name(), () -> checkWorld(run, world)));
            index.forEach((name, entry) ->
                    tests.add(dynamicTest(name + ", " + run.name(), () -> check(run, world, folder, name, entry))));
        }
        return tests.stream();
    }

    private static void check(Run run, World world, Path folder, String name, JsonNode index) {
        Trace trace = Trace.open(folder, name, index);
        Comparison comparison = new Comparison(trace, run.exact(), run.slack());
        try (Device device = run.open().get()) {
            if (trace.has("param/norm.weight")) {
                TracedMapping.run(device, trace, comparison);
            } else if (trace.has("t1/replay/after/mlp.norm.weight")) {
                new TracedInference(device, world, trace, comparison).run();
            } else {
                new TracedPrompts(device, world, trace, Families.of(trace), comparison).run();
            }
            comparison.finish();
        }
    }

    /** The frozen tower alone: tokens, every block, features. */
    private static void checkWorld(Run run, World world) {
        Graph g = new Graph();
        Node images = g.input("images", Shape.of(2, 3, 16, 16));
        Tower tower = world.tower(g);
        List<Node> results = new ArrayList<>(List.of(tower.features(images), tower.model().embed(tower.weights(), images)));
        for (int depth = 1; depth <= World.MODEL.layers(); depth++) {
            VisionTransformer cut = new VisionTransformer(16, 8, World.WIDTH, 4 * World.WIDTH, depth, 4, 0, World.MODEL.activation(),
                    World.MODEL.epsilon(), true, false, VisionTransformer.Pooling.CLASS_TOKEN);
            results.add(cut.encode(tower.weights(), results.get(1), Map.of(), new VisionTransformer.Pooled(0, cut.tokens())));
        }
        try (Device device = run.open().get(); Machine machine = new Machine(device, g, results)) {
            machine.write(images, world.pixels("test", 0, 1));
            machine.run();
            near(world, "test/features", 0, machine.read(results.get(0)));
            near(world, "test/embeddings", 0, machine.read(results.get(1)));
            int size = 2 * World.MODEL.tokens() * World.WIDTH;
            for (int block = 0; block < World.MODEL.layers(); block++) {
                near(world, "test/block_outputs", block * size, machine.read(results.get(2 + block)));
            }
        }
    }

    private static void near(World world, String array, int from, double[] actual) {
        if (world.data.has(array)) {
            double[] expected = world.data.values(array);
            for (int i = 0; i < actual.length; i++) {
                double allowed = WORLD_TOLERANCE * Math.max(1, Math.abs(expected[from + i]));
                assertEquals(expected[from + i], actual[i], allowed, array + " " + (from + i));
            }
        }
    }

    /** Rates of full-size runs, made by the schedulers of the published code. */
    @Test
    void schedules() {
        Map<String, JsonNode> recorded = Trace.json(COMMITTED.resolve("schedules.json"));
        assertEquals(8, recorded.size(), "schedules");
        recorded.forEach((name, rates) -> {
            IntFunction<double[]> ours = schedule(name);
            for (int i = 0; i < rates.size(); i++) {
                double[] expected = rates.get(i).isArray() ? rates.get(i).valueStream().mapToDouble(JsonNode::doubleValue).toArray()
                        : new double[] {rates.get(i).doubleValue()};
                double[] actual = ours.apply(i);
                for (int group = 0; group < expected.length; group++) {
                    assertEquals(expected[group], actual[group], 1e-12 + 1e-11 * expected[group], name + ", " + i);
                }
            }
        });
    }

    private static IntFunction<double[]> schedule(String name) {
        double prompts = 0.03 * 24 / 256;
        if (name.startsWith("coda epoch cosine, K 20")) {
            return epoch -> new double[] {Schedule.codaCosine(Schedule.lagged(epoch), 20)};
        } else if (name.startsWith("coda epoch cosine, K 50")) {
            return epoch -> new double[] {Schedule.codaCosine(Schedule.lagged(epoch), 50)};
        } else if (name.startsWith("vq prompt lr of each update, CIFAR")) {
            return update -> new double[] {Schedule.vqUpdate(update, 80, 40 * 20, 0.0125, 1e-6)};
        } else if (name.startsWith("vq prompt lr of each update, 20 tasks ImageNet-R")) {
            return update -> new double[] {Schedule.vqUpdate(update, 20, 20 * 20, 0.0125, 1e-6)};
        } else if (name.startsWith("vq replay lr of each update, 10 old classes, 10 epochs")) {
            return update -> new double[] {Schedule.vqReplay(update, 10 * 10, 1e-4)};
        } else if (name.startsWith("hide replay lr of each epoch, 30 epochs")) {
            return epoch -> new double[] {0.005 * Schedule.cosine(epoch, 30)};
        } else if (name.startsWith("hide step schedule, 50 epochs")) {
            return epoch -> {
                double factor = Schedule.step(Schedule.lagged(epoch), 30, 0.1);
                return new double[] {prompts * factor, prompts / 10 * factor};
            };
        } else if (name.startsWith("hide cosine schedule, 150 epochs")) {
            return epoch -> new double[] {Schedule.cosine(Schedule.lagged(epoch), 150, prompts, 1e-5),
                Schedule.cosine(Schedule.lagged(epoch), 150, prompts / 10, 1e-5)};
        }
        throw new IllegalArgumentException(name);
    }

    /** Constants that are too small to show in float32. */
    @Test
    void constants() {
        assertEquals(1e-6f, World.MODEL.epsilon());
        assertEquals(1e-6f, VisionTransformer.timm(224, 16, 768, 12).epsilon(), "layer norms of a backbone");
        assertEquals(1e-5f, VisionTransformer.clip(224, 16, 768, 12, 512).epsilon(), "layer norms of CLIP");
        assertEquals(1e-5f, MappingNetwork.EPSILON, "layer norms of the mapping network, torch's default");
        assertEquals(new Optimizer.Rule.AdamW(0.9, 0.999, 1e-8), Optimizer.Rule.AdamW.DEFAULT);
        assertEquals(1e-4, Gaussian.RIDGE);
        assertEquals(0.8, Contrast.TEMPERATURE);
    }

    /** A comparison that lets everything pass would say nothing about any method. */
    @Test
    void comparisonsFindDeviations() {
        Trace trace = Trace.open(COMMITTED, "hide-mlp-4-4", Trace.index(COMMITTED).get("hide-mlp-4-4"));
        for (boolean exact : new boolean[] {true, false}) {
            Comparison comparison = new Comparison(trace, exact, 1);
            double[] values = trace.values("out").clone();
            comparison.check("out", values);
            values[7] += 1e-4;
            String message = assertThrows(AssertionError.class, () -> comparison.check("out", values)).getMessage();
            assertTrue(message.contains("hide-mlp-4-4 out: off by"), message);
            values[7] = Double.NaN;
            assertThrows(AssertionError.class, () -> comparison.check("out", values));
            assertThrows(AssertionError.class, comparison::finish, "arrays that nobody looked at");
        }
    }
}
