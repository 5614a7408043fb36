package dev.itprompt.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Executable;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.device.verify.Scene;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random graphs: values that are needed at the same time never share memory, and the plan changes no result. */
class BufferPlanTest {

    static java.util.stream.LongStream seeds() {
        return java.util.stream.LongStream.range(0, 150);
    }

    /** Sizes in bytes of arena buffers and the steps between which each must keep its contents. */
    private record Span(Node node, int from, int to) {}

    /** A graph of random ops on [rows, width] values, some read often, some views, some never read. */
    private static Scene randomScene(long seed) {
        Scene s = new Scene(seed);
        Random random = s.random();
        Graph g = s.graph();
        int width = 1 + random.nextInt(40);
        List<Node> values = new ArrayList<>(List.of(s.normal(6, width), s.variable(6, width), s.constant(6, width)));
        int size = 3 + random.nextInt(40);
        for (int i = 0; i < size; i++) {
            values.add(randomNode(s, values, width));
        }
        for (int i = 0; i < 3; i++) {
            s.result(values.get(3 + random.nextInt(size)));
        }
        return s;
    }

    private static Node randomNode(Scene s, List<Node> values, int width) {
        Random random = s.random();
        Graph g = s.graph();
        Node a = values.get(random.nextInt(values.size()));
        Node b = values.get(random.nextInt(values.size()));
        return switch (random.nextInt(14)) {
            case 0 -> g.scale(g.add(a, b), 0.5f);
            case 1 -> g.activate(a, Op.Activation.GELU);
            case 2 -> g.softmax(a);
            case 3 -> g.reshape(g.scale(g.reshape(a, width, 6), 0.9f), 6, width);
            case 4 -> g.reshape(g.reshape(a, 2, 3, width), 6, width);
            case 5 -> g.concat(0, g.slice(a, 0, 2, 4), g.slice(b, 0, 0, 2));
            case 6 -> g.normalize(g.affine(a, 1, 3));
            case 7 -> g.linear(a, s.constant(width, width), null);
            case 8 -> attentionGrad(s, g.normalize(a), g.normalize(b));
            case 9 -> g.broadcast(g.sumTo(g.scale(a, 0.2f), Shape.of(width)), Shape.of(6, width));
            case 10 -> g.scale(g.add(g.stopGradient(a), g.reshape(g.stopGradient(g.reshape(b, 6 * width)), 6, width)), 0.5f);
            case 11 -> g.gather(a, g.reshape(g.slice(g.topK(s.normal(6, 6), 2), 1, 1, 1), 6));
            case 12 -> g.pad(g.slice(a, 1, width / 2, 1), 1, width / 3, width);
            default -> update(s, g.normalize(a));
        };
    }

    /** One of the three outputs of an attention gradient. */
    private static Node attentionGrad(Scene s, Node a, Node b) {
        Graph g = s.graph();
        int width = a.shape().last();
        Node gradient = g.apply(new Op.AttentionGrad(1, false), g.reshape(a, 1, 2, 3 * width), b, b,
                g.reshape(g.slice(b, 0, 1, 2), 1, 2, width));
        int output = s.random().nextInt(3);
        return output == 2 ? g.reshape(gradient, 6, width) : g.extra(gradient, output);
    }

    private static Node update(Scene s, Node gradient) {
        int width = gradient.shape().last();
        return s.graph().apply(new Op.Sgd(0.9f), s.variable(6, width), s.variable(6, width), gradient,
                s.input(Shape.of(3), 0.1f, 0, 1), s.scalar(2));
    }

    /** What must be kept, worked out from the graph alone. */
    private static List<Span> spans(List<Node> schedule, List<Node> results) {
        Map<Node, Integer> first = new HashMap<>();
        Map<Node, Integer> last = new HashMap<>();
        Map<Node, Node> memory = new HashMap<>();
        for (int time = 0; time < schedule.size(); time++) {
            Node node = schedule.get(time);
            boolean view = node.op() instanceof Op.Reshape || node.op() instanceof Op.StopGradient || node.op() instanceof Op.Sgd;
            memory.put(node, view ? memory.get(node.input(0)) : node);
            first.put(node, node.op() instanceof Op.FurtherResult ? first.get(node.input(0)) : time);
            last.put(memory.get(node), time);
            for (Node input : node.inputs()) {
                last.put(memory.get(input), time);
            }
        }
        results.forEach(result -> last.put(memory.get(result), Integer.MAX_VALUE));
        return schedule.stream().filter(node -> memory.get(node) == node && !(node.op() instanceof Op.Source))
                .map(node -> new Span(node, first.get(node), last.get(node))).toList();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void buffersAliveTogetherDoNotOverlap(long seed) {
        Scene scene = randomScene(seed);
        BufferPlan plan = BufferPlan.of(scene.graph(), scene.results());
        List<Span> spans = spans(plan.schedule(), scene.results());
        long sum = 0;
        for (Span a : spans) {
            long endOfA = plan.offset(a.node()) + a.node().shape().bytes();
            sum += (a.node().shape().bytes() + 63) / 64 * 64;
            assertEquals(0, plan.offset(a.node()) % 64, "alignment of " + a + ", seed " + seed);
            assertTrue(endOfA <= plan.arenaBytes(), a + " ends outside the arena, seed " + seed);
            for (Span b : spans) {
                boolean together = a.from() <= b.to() && b.from() <= a.to();
                boolean apart = endOfA <= plan.offset(b.node())
                        || plan.offset(b.node()) + b.node().shape().bytes() <= plan.offset(a.node());
                assertTrue(a == b || !together || apart, a + " overlaps " + b + ", seed " + seed);
            }
        }
        assertEquals(sum, plan.activationBytes(), "seed " + seed);
        assertTrue(plan.arenaBytes() <= sum, "seed " + seed);
        assertTrue(plan.arenaBytes() >= peak(spans), "seed " + seed);
    }

    /** The most bytes needed at one time: no plan can do with less. */
    private static long peak(List<Span> spans) {
        return spans.stream().mapToLong(at -> spans.stream().filter(s -> s.from() <= at.from() && at.from() <= s.to())
                .mapToLong(s -> s.node().shape().bytes()).sum()).max().orElse(0);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void sharedMemoryChangesNoResult(long seed) {
        Scene scene = randomScene(seed);
        try (CpuDevice cpu = new CpuDevice(2);
                Executable planned = scene.compile(cpu);
                ReferenceDevice.Run exact = (ReferenceDevice.Run) scene.compile(new ReferenceDevice())) {
            for (int run = 0; run < 2; run++) {
                planned.run();
                exact.run();
                for (Node node : scene.results()) {
                    double[] expected = exact.readExact(node);
                    float[] actual = planned.read(node).toArray();
                    double largest = Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElseThrow());
                    for (int i = 0; i < actual.length; i++) {
                        assertEquals(expected[i], actual[i], 1e-4 * largest, node + " element " + i + ", seed " + seed);
                    }
                }
            }
        }
    }

    @Test
    void onlyWhatAResultNeedsIsScheduled() {
        Graph g = new Graph();
        Node x = g.input("x", Shape.of(4));
        Node unused = g.exp(g.input("y", Shape.of(9)));
        Node result = g.exp(x);
        BufferPlan plan = BufferPlan.of(g, List.of(result));
        assertEquals(List.of(x, result), plan.schedule());
        assertFalse(plan.isPlanned(unused));
    }

    @Test
    void aChainNeedsTwoBuffersWhateverItsLength() {
        Graph g = new Graph();
        Node x = g.input("x", Shape.of(100));
        for (int i = 0; i < 20; i++) {
            x = g.exp(x);
        }
        BufferPlan plan = BufferPlan.of(g, List.of(x));
        assertEquals(2 * 448, plan.arenaBytes());
        assertEquals(20 * 448, plan.activationBytes());
    }

    @Test
    void bytesAreCountedByClass() {
        Graph g = new Graph();
        Node x = g.input("x", Shape.of(16));
        Node frozen = g.constant(Tensor.zeros(Shape.of(32)));
        Node w = g.variable("w", Tensor.zeros(Shape.of(48)));
        Node sum = g.add(g.sumTo(frozen, Shape.SCALAR), g.add(g.sumTo(x, Shape.SCALAR), g.sumTo(w, Shape.SCALAR)));
        BufferPlan plan = BufferPlan.of(g, List.of(sum));
        assertEquals(64, plan.inputBytes());
        assertEquals(128, plan.constantBytes());
        assertEquals(192, plan.variableBytes());
        assertEquals(64 + 128 + 192 + plan.arenaBytes(), plan.totalBytes());
        assertTrue(plan.describe().contains("128") && plan.describe().contains("192"), plan.describe());
    }
}
