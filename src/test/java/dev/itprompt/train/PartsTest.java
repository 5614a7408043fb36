package dev.itprompt.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.device.Device;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches that are cut into parts: the step that they make together, and what it depends on. */
class PartsTest {

    private static final int BATCH = 72;
    private static final int WIDTH = 9;
    private static final int CLASSES = 5;
    private static final long STEPS = 6;

    @TempDir
    private Path root;

    /** A network of two layers, two groups of parameters, a loss of two terms. */
    private record Net(TrainingStep step, Node x, Node share, Node labels) {

        static Net of(Optimizer.Rule rule, int parts) {
            RandomGenerator random = new RandomStreams(3).stream("net");
            Graph g = new Graph();
            Node x = g.input("x", Shape.of(BATCH / parts, WIDTH));
            Node share = g.input("share", Shape.SCALAR);
            Node labels = g.input("labels", Shape.of(BATCH / parts));
            Node first = g.variable("first", tensor(random, 16, WIDTH));
            Node second = g.variable("second", tensor(random, CLASSES, 16));
            Node hidden = g.activate(g.matMulTransposed(x, first), Op.Activation.GELU);
            Node entropy = g.crossEntropy(g.matMulTransposed(g.multiply(hidden, share), second), labels);
            Node size = g.mean(g.multiply(first, first));
            Node loss = g.add(entropy, g.scale(size, 0.1f));
            Map<String, Node> terms = new LinkedHashMap<>();
            terms.put("entropy", entropy);
            terms.put("size", size);
            Map<String, Node> trained = new LinkedHashMap<>();
            trained.put("first", first);
            trained.put("second", second);
            return new Net(new TrainingStep(g, loss, terms, trained, Optimizer.of(g, loss, rule, List.of(List.of(first), List.of(second))), parts),
                    x, share, labels);
        }

        private static Tensor tensor(RandomGenerator random, int rows, int columns) {
            Tensor tensor = Tensor.zeros(Shape.of(rows, columns));
            for (int i = 0; i < rows * columns; i++) {
                tensor.set(i, (float) (0.5 * random.nextGaussian()));
            }
            return tensor;
        }

        /** All that is trained, one number after the other, after some steps; torn after one of them if that is not negative. */
        float[] train(Device device, long tornAfter, Checkpoints at, List<Float> losses) {
            List<Tensor> trained = new ArrayList<>();
            at.stage(() -> {
                try (Trainer trainer = new Trainer(device, step, new Stage("net", "the rate"))) {
                    trainer.executable().write(share, 0.5f);
                    trained.addAll(trainer.run(new Trainer.Course(STEPS, (executable, number) -> {
                        if (number == tornAfter) {
                            throw new IllegalStateException("torn");
                        }
                        RandomGenerator random = new RandomStreams(4).stream("batch", number);
                        float[] values = new float[BATCH * WIDTH];
                        float[] classes = new float[BATCH];
                        for (int i = 0; i < values.length; i++) {
                            values[i] = (float) random.nextGaussian();
                        }
                        for (int i = 0; i < BATCH; i++) {
                            classes[i] = random.nextInt(CLASSES);
                        }
                        executable.write(x, values);
                        executable.write(labels, classes);
                    }, (_, group) -> new Trainer.Rates(group == 0 ? 0.05 : 0.02, 0.01, 0.8), new Trainer.Watch() {
                        @Override
                        public void after(Trainer own, long number) {
                            losses.add(own.executable().read(step.loss()).get(0));
                        }
                    }), at, Progress.NONE).values());
                }
            });
            float[] all = new float[16 * WIDTH + CLASSES * 16];
            System.arraycopy(trained.get(0).toArray(), 0, all, 0, 16 * WIDTH);
            System.arraycopy(trained.get(1).toArray(), 0, all, 16 * WIDTH, CLASSES * 16);
            return all;
        }

        float[] train(Device device, List<Float> losses) {
            return train(device, -1, Checkpoints.NONE, losses);
        }
    }

    private static final List<Optimizer.Rule> RULES = List.of(new Optimizer.Rule.Sgd(0.9), Optimizer.Rule.AdamW.DEFAULT);

    /** 18 parts are more than one group of them. */
    @Test
    void partsMakeTheStepOfTheWholeBatch() {
        for (Optimizer.Rule rule : RULES) {
            List<Float> losses = new ArrayList<>();
            float[] expected = Net.of(rule, 1).train(new ReferenceDevice(), losses);
            for (int parts : new int[] {1, 2, 4, 18}) {
                try (CpuDevice device = new CpuDevice(2)) {
                    List<Float> own = new ArrayList<>();
                    assertArrayEquals(expected, Net.of(rule, parts).train(device, own), 2e-5f, rule + " in " + parts);
                    for (int i = 0; i < STEPS; i++) {
                        assertEquals(losses.get(i), own.get(i), 1e-5f, "loss of step " + i + " in " + parts);
                    }
                }
                assertArrayEquals(expected, Net.of(rule, parts).train(new ReferenceDevice(), new ArrayList<>()), 2e-5f, rule + ", scalar, in " + parts);
            }
        }
    }

    @Test
    void theSameBitsWithAnyNumberOfThreads() {
        for (int parts : new int[] {2, 4, 18}) {
            float[] expected = null;
            for (int threads = 1; threads <= 4; threads++) {
                try (CpuDevice device = new CpuDevice(threads)) {
                    float[] values = Net.of(Optimizer.Rule.AdamW.DEFAULT, parts).train(device, new ArrayList<>());
                    expected = expected == null ? values : expected;
                    assertArrayEquals(expected, values, parts + " parts, " + threads + " threads");
                }
            }
        }
    }

    @Test
    void goesOnWithTheSameBits() {
        for (Optimizer.Rule rule : RULES) {
            float[] expected = Net.of(rule, 4).train(new ReferenceDevice(), new ArrayList<>());
            for (long stop = 1; stop < STEPS; stop++) {
                Path file = root.resolve(rule.getClass().getSimpleName() + stop + ".safetensors");
                try {
                    Net.of(rule, 4).train(new ReferenceDevice(), stop, checkpoints(file), new ArrayList<>());
                    throw new AssertionError("was not torn");
                } catch (IllegalStateException e) {
                    assertEquals("torn", e.getMessage());
                }
                assertArrayEquals(expected, Net.of(rule, 4).train(new ReferenceDevice(), -1, checkpoints(file), new ArrayList<>()), rule + ", " + stop);
            }
        }
    }

    private static Checkpoints checkpoints(Path file) {
        Checkpoints at = Checkpoints.in(file, Duration.ZERO, Map.of());
        at.restore(_ -> {});
        return at;
    }

    /** Groups of 16 in their order, then the groups: 2^24 and ones in float32, where the order is seen. */
    @Test
    void sumsAreOfGroupsInOrder() {
        PartSum sum = new PartSum(1);
        sum.add(new float[] {1 << 24});
        for (int part = 1; part < 32; part++) {
            sum.add(new float[] {1});
        }
        assertEquals(((1 << 24) + 16) / 32f, sum.mean()[0], "the ones of the first group are lost, those of the second are not");
        sum.clear();
        sum.add(new float[] {3});
        assertEquals(3, sum.mean()[0]);
    }

    @Test
    void thePlanIsThatOfAPart() {
        try (CpuDevice device = new CpuDevice(1)) {
            Net whole = Net.of(Optimizer.Rule.AdamW.DEFAULT, 1);
            Net parts = Net.of(Optimizer.Rule.AdamW.DEFAULT, 18);
            assertTrue(parts.step().plan(device).buffers().arenaBytes() * 4 < whole.step().plan(device).buffers().arenaBytes());
            assertTrue(parts.step().plan(device).partBytes() > 4 * 4 * (16 * WIDTH + CLASSES * 16));
            assertTrue(parts.step().plan(device).describe().contains("sums over the parts of a batch"));
            assertEquals(0, whole.step().plan(device).partBytes());
        }
    }
}
