package dev.itprompt.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.Fusion;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.verify.Errors;
import dev.itprompt.device.verify.Scene;
import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuDeviceTest {

    private static final int SEED = 7;
    private static final int STEPS = 2;

    /** A small vision transformer with prefixes and all of its training step; sizes leave ragged tails in every kernel. */
    private static final class Training {

        private static final int BATCH = 9;
        private static final int WIDTH = 42;
        private static final int CLASSES = 11;

        final Graph graph = new Graph();
        final List<Node> variables = new ArrayList<>();
        final List<Node> results = new ArrayList<>();
        final Node images = graph.input("images", Shape.of(BATCH, 3, 20, 20));
        final Node labels = graph.input("labels", Shape.of(BATCH));
        final Node rates = graph.input("rates", Shape.of(3));
        final Node step = graph.input("step", Shape.SCALAR);
        final Node loss;
        private final Random random = new Random(SEED);

        Training() {
            loss = graph.crossEntropy(logits(), labels);
            List<Node> gradients = Gradients.of(graph, loss, variables);
            Node norm = graph.globalNorm(gradients);
            results.add(loss);
            for (int i = 0; i < variables.size(); i++) {
                Node w = variables.get(i);
                Node first = graph.variable("m" + i, Tensor.zeros(w.shape()));
                Node second = graph.variable("v" + i, Tensor.zeros(w.shape()));
                results.add(graph.apply(new Op.AdamW(0.9f, 0.999f, 1e-8f), w, first, second, gradients.get(i), rates, step, norm));
            }
        }

        private Node variable(double deviation, double mean, int... dims) {
            Tensor tensor = Tensor.of(Shape.of(dims), normal(Shape.of(dims).size(), deviation, mean));
            Node node = graph.variable("w" + variables.size(), tensor);
            variables.add(node);
            return node;
        }

        private float[] normal(int size, double deviation, double mean) {
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = (float) (random.nextGaussian() * deviation + mean);
            }
            return values;
        }

        private Node linear(Node x, int out) {
            int in = x.shape().last();
            return graph.linear(x, variable(1 / Math.sqrt(in), 0, out, in), variable(0.1, 0, out));
        }

        private Node norm(Node x) {
            return graph.layerNorm(x, variable(0.1, 1, WIDTH), variable(0.1, 0, WIDTH), 1e-5f);
        }

        private Node logits() {
            Node patches = linear(graph.patches(images, 4), WIDTH);
            Node x = graph.concat(1, graph.repeat(variable(0.1, 0, 1, WIDTH), 0, BATCH), patches);
            x = graph.add(x, variable(0.1, 0, x.shape().dim(1), WIDTH));
            for (int block = 0; block < 2; block++) {
                Node qkv = linear(norm(x), 3 * WIDTH);
                Node attended = block == 0 ? graph.attention(qkv, 3, true)
                        : graph.attention(qkv, variable(1, 0, 5, WIDTH), variable(1, 0, 5, WIDTH), 3, false);
                x = graph.add(x, linear(attended, WIDTH));
                Op.Activation kind = block == 0 ? Op.Activation.GELU : Op.Activation.QUICK_GELU;
                x = graph.add(x, linear(graph.activate(linear(norm(x), 4 * WIDTH), kind), WIDTH));
            }
            Node first = graph.constant(Tensor.zeros(Shape.of(BATCH)));
            return linear(graph.normalize(graph.selectToken(norm(x), first)), CLASSES);
        }

        /** The loss of every step, then all weights. */
        List<float[]> run(Device device) {
            List<float[]> seen = new ArrayList<>();
            Random data = new Random(SEED + 1);
            try (Executable executable = device.compile(graph, results)) {
                for (int t = 1; t <= STEPS; t++) {
                    float[] pixels = new float[images.shape().size()];
                    float[] classes = new float[BATCH];
                    IntStream.range(0, pixels.length).forEach(i -> pixels[i] = data.nextFloat() - 0.5f);
                    IntStream.range(0, BATCH).forEach(i -> classes[i] = data.nextInt(CLASSES));
                    executable.write(images, pixels);
                    executable.write(labels, classes);
                    executable.write(rates, 1e-3f, 0.05f, 1);
                    executable.write(step, t);
                    executable.run();
                    seen.add(executable.read(loss).toArray());
                }
                variables.forEach(variable -> seen.add(executable.read(variable).toArray()));
            }
            return seen;
        }
    }

    private static List<float[]> train(int threads) {
        try (CpuDevice device = new CpuDevice(threads)) {
            return new Training().run(device);
        }
    }

    @Test
    void trainingGivesTheSameBitsForEveryNumberOfThreads() {
        List<float[]> one = train(1);
        for (int threads = 2; threads <= 3; threads++) {
            List<float[]> more = train(threads);
            for (int i = 0; i < one.size(); i++) {
                assertArrayEquals(one.get(i), more.get(i), "value " + i + " with " + threads + " threads, seed " + SEED);
            }
        }
    }

    @Test
    void trainingFollowsTheReference() {
        List<float[]> actual = train(2);
        List<float[]> expected = new Training().run(new ReferenceDevice());
        for (int t = 0; t < STEPS; t++) {
            assertEquals(expected.get(t)[0], actual.get(t)[0], 1e-5 * expected.get(t)[0], "loss of step " + t);
        }
    }

    /** Pairs that one kernel computes, with and without another reader of the first; rows and columns leave ragged tiles. */
    @Test
    void fusedOpsFollowTheReference() {
        for (Op.Activation kind : Op.Activation.values()) {
            for (int rows : new int[] {1, 5, 6, 401}) {
                Scene s = new Scene(SEED + rows);
                Graph g = s.graph();
                Node x = s.normal(rows, 70);
                Node h = g.linear(x, s.constant(100, 70), s.constant(100));
                Node y = s.result(g.add(x, g.matMul(g.activate(h, kind), s.constant(100, 70))));
                s.result(g.activate(g.matMul(y, s.constant(70, 33)), kind));
                Node dh = g.apply(new Op.ActivateGrad(kind), h, g.matMul(y, s.constant(70, 100)));
                s.result(g.add(y, g.apply(new Op.LayerNormGrad(1e-5f), x, s.constant(70), g.matMul(dh, s.constant(100, 70)))));
                Map<Node, Node> fused = Fusion.of(BufferPlan.schedule(g, s.results()), s.results());
                assertEquals(5, fused.size(), fused::toString);
                try (CpuDevice cpu = new CpuDevice(2); ReferenceDevice reference = new ReferenceDevice();
                        Executable actual = cpu.compile(g, s.results()); Executable expected = reference.compile(g, s.results())) {
                    s.feeds().forEach(actual::write);
                    s.feeds().forEach(expected::write);
                    actual.run();
                    expected.run();
                    assertTrue(actual.plan().isPlanned(h), "other nodes read it");
                    for (Node result : s.results()) {
                        float[] values = actual.read(result).toArray();
                        float[] exact = expected.read(result).toArray();
                        double largest = 0;
                        for (float v : exact) {
                            largest = Math.max(largest, Math.abs(v));
                        }
                        assertArrayEquals(exact, values, (float) (1e-5 * largest), result + ", " + kind);
                    }
                }
            }
        }
    }

    /** More panels than stay in the cache, with as many rows as do, and with more of them, in pieces or not. */
    @Test
    void rowsAndPanelsAreTakenInBlocks() {
        int[][] sizes = {{Gemm.FEW_ROWS, Tiles.DEPTH / 2 + 1}, {2 * Gemm.FEW_ROWS + 2 * Tiles.ROWS + 1, Tiles.DEPTH / 2 + 1},
            {2 * Gemm.FEW_ROWS + 2 * Tiles.ROWS + 1, Tiles.DEPTH + 1}};
        for (int[] size : sizes) {
            int n = Gemm.FEW_PANELS / 4 / size[1] + 1;
            Scene s = new Scene(SEED);
            Node product = s.graph().linear(s.normal(size[0], size[1]), s.constant(n, size[1]), s.constant(n));
            s.result(s.graph().activate(product, Op.Activation.QUICK_GELU));
            compareWithReference(s, Math.sqrt(size[1]));
        }
    }

    /** Rows longer than what is copied at once, more columns than stay in the cache, and more keys than scores read in place. */
    @Test
    void longRowsAreTakenInPieces() {
        Scene s = new Scene(SEED);
        Graph g = s.graph();
        Node x = s.normal(29, 1 + 2 * Tiles.DEPTH);
        s.result(g.activate(g.linear(x, s.constant(1100, 1 + 2 * Tiles.DEPTH), s.constant(1100)), Op.Activation.GELU));
        for (boolean causal : new boolean[] {false, true}) {
            int tokens = Tiles.ROW / 4 + 3;
            Node qkv = s.normal(1, tokens, 24);
            s.result(g.attention(qkv, 1, causal));
            s.result(g.apply(new Op.AttentionGrad(1, causal), qkv, s.normal(1, tokens, 8)));
        }
        compareWithReference(s, Math.sqrt(Tiles.DEPTH));
    }

    private static void compareWithReference(Scene s, double scale) {
        try (CpuDevice cpu = new CpuDevice(2); ReferenceDevice reference = new ReferenceDevice();
                Executable actual = s.compile(cpu); Executable expected = s.compile(reference)) {
            actual.run();
            expected.run();
            for (Node result : s.results()) {
                double[] exact = ((ReferenceDevice.Run) expected).readExact(result);
                Errors errors = Errors.between(exact, actual.read(result).toArray(), scale);
                assertTrue(errors.relative() <= 1e-5, () -> result + ", seed " + SEED + ": " + errors);
            }
        }
    }

    @Test
    void readsTheSizeOfTheSecondLevelCache(@TempDir Path folder) throws IOException {
        assertEquals(1 << 20, Caches.secondLevel(folder), "nothing is said");
        for (String[] cache : new String[][] {{"0", "1", "48K"}, {"1", "1", "32K"}, {"2", "2", "2048K"}, {"3", "3", "16M"}}) {
            Path index = Files.createDirectory(folder.resolve("index" + cache[0]));
            Files.writeString(index.resolve("level"), cache[1] + "\n");
            Files.writeString(index.resolve("size"), cache[2] + "\n");
        }
        assertEquals(2 << 20, Caches.secondLevel(folder));
        Files.writeString(folder.resolve("index2/size"), "many K");
        assertEquals(1 << 20, Caches.secondLevel(folder), "not a number");
    }

    @Test
    void whatIsReadInBetweenIsNotFused() {
        Graph g = new Graph();
        Node x = g.input("x", Shape.of(3, 4));
        Node product = g.matMul(x, g.constant(Tensor.zeros(Shape.of(4, 4))));
        Node early = g.scale(product, 2);
        Node y = g.add(g.activate(product, Op.Activation.GELU), early);
        assertEquals(Map.of(), Fusion.of(BufferPlan.schedule(g, List.of(y)), List.of(y)));
        Node sum = g.add(x, g.matMul(x, g.constant(Tensor.zeros(Shape.of(4, 4)))));
        assertEquals(Map.of(sum.input(1), sum), Fusion.of(BufferPlan.schedule(g, List.of(sum)), List.of(sum)));
        List<Node> both = List.of(sum, sum.input(1));
        assertEquals(Map.of(), Fusion.of(BufferPlan.schedule(g, both), both));
    }

    @Test
    void frozenMatricesArePackedOncePerOrientationAndFreedWithTheirLastReader() {
        Tensor weight = Tensor.of(Shape.of(5, 5), new float[25]);
        try (CpuDevice device = new CpuDevice(1)) {
            Graph graph = new Graph();
            Node x = graph.input("x", Shape.of(4, 5));
            Node w = graph.constant(weight);
            Node y = graph.add(graph.matMulTransposed(x, w), graph.matMulTransposed(graph.scale(x, 2), w));
            Executable first = device.compile(graph, List.of(y));
            Executable second = device.compile(graph, List.of(y));
            assertEquals(1, device.packedConstants());
            Graph other = new Graph();
            Node z = other.input("z", Shape.of(4, 5));
            Executable turned = device.compile(other, List.of(other.matMul(z, other.constant(weight))));
            assertEquals(2, device.packedConstants());
            first.close();
            assertEquals(2, device.packedConstants(), "the second reads it still");
            second.write(x, new float[20]);
            second.run();
            second.close();
            assertEquals(1, device.packedConstants());
            turned.close();
            assertEquals(0, device.packedConstants());
        }
    }

    @Test
    void variablesThatChangeArePackedAgain() {
        try (CpuDevice device = new CpuDevice(1)) {
            Graph graph = new Graph();
            Node x = graph.input("x", Shape.of(1, 2));
            Node w = graph.variable("w", Tensor.of(Shape.of(2, 1), 1, 1));
            Node y = graph.matMul(x, w);
            try (Executable executable = device.compile(graph, List.of(y))) {
                executable.write(x, 3, 4);
                executable.run();
                assertEquals(7, executable.read(y).get(0));
                executable.write(w, 10, 0);
                executable.run();
                assertEquals(30, executable.read(y).get(0));
            }
        }
    }

    @Test
    void saysWhichNodeItCannotRun() {
        Graph graph = new Graph();
        Node x = graph.input("pixels", Shape.of(2, 3));
        try (CpuDevice device = new CpuDevice(1); Arena arena = Arena.ofConfined()) {
            Tensor memory = Tensor.zeros(arena, x.shape());
            Exception refusal = assertThrows(UnsupportedOperationException.class,
                    () -> device.kernel(x, List.of(memory), List.of(memory), arena));
            assertEquals("the cpu device has no kernel for %0 Input [2, 3]", refusal.getMessage());
        }
    }

    @Test
    void refusesIndicesOutsideTheTable() {
        for (float id : new float[] {-1, 4, Float.NaN}) {
            Graph graph = new Graph();
            Node ids = graph.input("ids", Shape.of(200));
            Node y = graph.gather(graph.constant(Tensor.zeros(Shape.of(4, 300))), ids);
            try (CpuDevice device = new CpuDevice(2); Executable executable = device.compile(graph, List.of(y))) {
                executable.run();
                float[] values = new float[200];
                values[199] = id;
                executable.write(ids, values);
                Exception refusal = assertThrows(IndexOutOfBoundsException.class, executable::run);
                assertTrue(refusal.getMessage().contains("id " + id + " at position 199"), refusal.getMessage());
            }
        }
    }

    /** The fits of GELU and its slope on a fine grid past both of their ends, and where they end. */
    @Test
    void geluAndItsSlopeAreRightFromEndToEnd() {
        int steps = 1 << 15;
        float[] grid = new float[steps + 1];
        for (int i = 0; i <= steps; i++) {
            grid[i] = 8f * i / steps * 2 - 8;
        }
        Scene s = new Scene(1);
        Node x = s.input(Shape.of(grid.length), grid);
        Node gelu = s.result(s.graph().activate(x, Op.Activation.GELU));
        Node slope = s.result(s.graph().apply(new Op.ActivateGrad(Op.Activation.GELU), x, s.graph().constant(ones(grid.length))));
        ReferenceDevice.Run reference = new ReferenceDevice().compile(s.graph(), s.results());
        s.feed(reference);
        reference.run();
        double[] exactValues = reference.readExact(gelu);
        double[] exactSlopes = reference.readExact(slope);
        try (CpuDevice device = new CpuDevice(1); Executable executable = s.compile(device)) {
            executable.run();
            float[] values = executable.read(gelu).toArray();
            float[] slopes = executable.read(slope).toArray();
            for (int i = 0; i < grid.length; i++) {
                String where = "at " + grid[i];
                assertEquals(exactValues[i], values[i], 2e-7 * Math.max(1e-30, Math.abs(grid[i])), where);
                assertEquals(exactSlopes[i], slopes[i], 3e-7, where);
            }
            float[] far = new float[grid.length];
            float[] wide = {-1e30f, -100, -6.2f, Float.NaN, 6.2f, 100, 1e30f};
            System.arraycopy(wide, 0, far, 0, wide.length);
            executable.write(x, far);
            executable.run();
            assertArrayEquals(new float[] {0, 0, 0, Float.NaN, 6.2f, 100, 1e30f}, Arrays.copyOf(executable.read(gelu).toArray(), wide.length));
            assertArrayEquals(new float[] {0, 0, 0, Float.NaN, 1, 1, 1}, Arrays.copyOf(executable.read(slope).toArray(), wide.length));
        }
    }

    /** Logarithms, roots and quotients of numbers of every size, and where there are none. */
    @Test
    void logarithmsAreRightFromTheLeastNumberToTheLargest() {
        float[] odd = {0, -0f, -1, 1, Float.NEGATIVE_INFINITY, Float.NaN, Float.POSITIVE_INFINITY, Float.MIN_VALUE,
            Float.MIN_NORMAL, Float.MAX_VALUE};
        int steps = 1 << 16;
        float[] grid = Arrays.copyOf(odd, odd.length + steps);
        int from = Float.floatToIntBits(Float.MIN_VALUE);
        int step = (Float.floatToIntBits(Float.MAX_VALUE) - from) / steps;
        for (int i = 0; i < steps; i++) {
            grid[odd.length + i] = i % 2 == 0 ? Float.intBitsToFloat(from + i * step) : 0.5f + 1.5f * i / steps;
        }
        Scene s = new Scene(1);
        Node x = s.input(Shape.of(grid.length), grid);
        Node logarithm = s.result(s.graph().log(x));
        Node root = s.result(s.graph().sqrt(x));
        Node quotient = s.result(s.graph().divide(x, s.graph().constant(Tensor.scalar(3))));
        try (CpuDevice device = new CpuDevice(1); Executable executable = s.compile(device)) {
            executable.run();
            float[] logarithms = executable.read(logarithm).toArray();
            float[] roots = executable.read(root).toArray();
            float[] quotients = executable.read(quotient).toArray();
            for (int i = 0; i < grid.length; i++) {
                double exact = Math.log(grid[i]);
                double error = Double.isFinite(exact) && exact != 0 ? Math.abs(logarithms[i] - exact) / Math.abs(exact)
                        : Double.compare(logarithms[i], exact);
                assertTrue(Math.abs(error) <= 2e-7, "logarithm of " + grid[i] + ": " + logarithms[i] + ", expected " + exact);
                assertEquals((float) Math.sqrt(grid[i]), roots[i], "root of " + grid[i]);
                assertEquals(grid[i] / 3, quotients[i], "a third of " + grid[i]);
            }
        }
    }

    private static Tensor ones(int size) {
        float[] values = new float[size];
        Arrays.fill(values, 1);
        return Tensor.of(Shape.of(size), values);
    }

    @Test
    void describesItself() {
        try (CpuDevice one = new CpuDevice(1); CpuDevice two = new CpuDevice(2)) {
            String lanes = "cpu: " + Lanes.COUNT + " lanes of float32" + (Lanes.FUSED ? " with FMA" : "");
            assertEquals(lanes + ", 1 thread", one.description());
            assertEquals(lanes + ", 2 threads", two.description());
        }
        assertThrows(IllegalArgumentException.class, () -> new CpuDevice(0));
    }

    /** What is announced before anything is allocated is what compiling then does. */
    @Test
    void thePlanIsThatOfTheExecutable() {
        Scene s = new Scene(5);
        Graph g = s.graph();
        Node weight = s.constant(70, 40);
        Node x = s.normal(9, 40);
        Node up = g.activate(g.linear(x, weight, s.constant(70)), Op.Activation.GELU);
        Node down = s.result(g.matMul(up, weight));
        try (CpuDevice device = new CpuDevice(1); Executable executable = device.compile(g, List.of(down))) {
            MemoryPlan plan = device.plan(g, List.of(down));
            assertEquals(executable.plan().arenaBytes(), plan.buffers().arenaBytes());
            assertEquals(Gemm.packedBytes(40, 70) + Gemm.packedBytes(70, 40), plan.packedBytes(), "both orientations");
            assertEquals(2, device.packedConstants());
            assertEquals(plan.buffers().totalBytes() + plan.packedBytes(), plan.totalBytes());
        }
    }
}
