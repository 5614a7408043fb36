package dev.itprompt.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reference against numbers from PyTorch in float64 or worked out by hand, and its contract as an executable. */
class ReferenceDeviceTest {

    private static final double EXACT = 1e-12;

    private final Graph graph = new Graph();

    private Node constant(Shape shape, float... values) {
        return graph.constant(Tensor.of(shape, values));
    }

    private double[] value(Node node) {
        try (var run = new ReferenceDevice().compile(graph, List.of(node))) {
            run.run();
            return run.readExact(node);
        }
    }

    @Test
    void activationsAreTorchs() {
        Node x = constant(Shape.of(6), -3, -1, -0.25f, 0, 0.5f, 2);
        assertArrayEquals(new double[] {-0.00404969409489031, -0.15865525393145702, -0.10032341857926907, 0,
            0.34573123063700656, 1.9544997361036416}, value(graph.activate(x, Op.Activation.GELU)), EXACT);
        assertArrayEquals(new double[] {-0.01807130970778597, -0.1542042340671787, -0.09880035009980583, 0,
            0.35038843660638014, 1.9356586231442083}, value(graph.activate(x, Op.Activation.QUICK_GELU)), EXACT);
    }

    @Test
    void rowsAreTreatedAsInTorch() {
        Node x = constant(Shape.of(2, 3), 1, 2, 4, 0, 0, 3);
        Node gain = constant(Shape.of(3), 1, 2, -1);
        Node bias = constant(Shape.of(3), 0, 1, 0.5f);
        assertArrayEquals(new double[] {-1.0677052185041196, 0.46614739074794, -0.8346315231301493, -0.7064172571013567,
            -0.41283451420271344, -0.9128345142027134}, value(graph.layerNorm(x, gain, bias, 1f / 256)), EXACT);
        assertArrayEquals(new double[] {0.25371618163502524, 0.6896720861245036, 0.056611732240471294},
                value(graph.softmax(constant(Shape.of(3), 1, 2, -0.5f))), EXACT);
        assertArrayEquals(new double[] {0.6, 0.8, 0, 0}, value(graph.normalize(constant(Shape.of(2, 2), 3, 4, 0, 0))), EXACT);
    }

    @Test
    void lossesAreTorchs() {
        float missing = Float.NEGATIVE_INFINITY;
        Node masked = constant(Shape.of(2, 3), 1, 2, -0.5f, 0.25f, missing, 4);
        Node labels = constant(Shape.of(2), 1, 0);
        assertEquals(2.072392248112554, value(graph.crossEntropy(masked, labels))[0], EXACT);
        assertEquals(0, value(graph.apply(new Op.CrossEntropyGrad(), masked, labels, constant(Shape.SCALAR, 1)))[4], EXACT);
        Node logits = constant(Shape.of(2, 3), 1, 2, -0.5f, 0.25f, 3, 4);
        Node target = constant(Shape.of(2, 3), 0.5f, 0.25f, 0.25f, 0, 1, 0);
        assertEquals(1.4134237223365074, value(graph.softCrossEntropy(logits, target))[0], EXACT);
    }

    @Test
    void patchesGoLeftToRightAndTopToBottomChannelByChannel() {
        Node image = constant(Shape.of(1, 2, 4, 4), floats(32));
        assertArrayEquals(new double[] {0, 1, 4, 5, 16, 17, 20, 21, 2, 3, 6, 7, 18, 19, 22, 23, 8, 9, 12, 13, 24, 25, 28, 29,
            10, 11, 14, 15, 26, 27, 30, 31}, value(graph.patches(image, 2)));
    }

    @Test
    void matrixProductsInAllOrientations() {
        Node a = constant(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
        Node b = constant(Shape.of(3, 2), 1, 0, -1, 2, 0.5f, 1);
        Node bias = constant(Shape.of(2), 10, 20);
        assertArrayEquals(new double[] {10.5, 27, 12, 36}, value(graph.apply(new Op.MatMul(false, false), a, b, bias)));
        assertArrayEquals(new double[] {14, 32, 32, 77}, value(graph.matMulTransposed(a, a)));
        assertArrayEquals(new double[] {17, 22, 27, 22, 29, 36, 27, 36, 45}, value(graph.apply(new Op.MatMul(true, false), a, a)));
        assertArrayEquals(new double[] {1, 7, 5.5, 2, 8, 8, 3, 9, 10.5},
                value(graph.apply(new Op.MatMul(true, true), constant(Shape.of(2, 3), 1, 2, 3, 4, 5, 6),
                        constant(Shape.of(3, 2), 1, 0, -1, 2, 1.5f, 1))));
    }

    @Test
    void tokensMoveAsNamed() {
        Node x = constant(Shape.of(2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8);
        Node index = constant(Shape.of(2), 1, 0);
        assertArrayEquals(new double[] {3, 4, 5, 6}, value(graph.selectToken(x, index)));
    }

    @Test
    void axesAreSummedRepeatedAndCutAsNamed() {
        Node x = constant(Shape.of(2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8);
        assertArrayEquals(new double[] {6, 8, 10, 12}, value(graph.sum(x, 0)));
        assertArrayEquals(new double[] {4, 6, 12, 14}, value(graph.sum(x, 1)));
        assertArrayEquals(new double[] {3, 7, 11, 15}, value(graph.sum(x, 2)));
        assertArrayEquals(new double[] {2, 3, 6, 7}, value(graph.mean(x, 1)));
        assertArrayEquals(new double[] {6, 8, 10, 12}, value(graph.sumTo(x, Shape.of(2, 2))));
        Node y = constant(Shape.of(2, 2), 1, 2, 3, 4);
        assertArrayEquals(new double[] {1, 2, 3, 4, 1, 2, 3, 4}, value(graph.repeat(y, 0, 2)));
        assertArrayEquals(new double[] {1, 2, 1, 2, 3, 4, 3, 4}, value(graph.repeat(y, 1, 2)));
        assertArrayEquals(new double[] {1, 1, 2, 2, 3, 3, 4, 4}, value(graph.repeat(y, 2, 2)));
        Node z = constant(Shape.of(2, 1), -1, -2);
        assertArrayEquals(new double[] {-1, 1, 2, -1, -2, 3, 4, -2}, value(graph.concat(1, z, y, z)));
        assertArrayEquals(new double[] {2, 4}, value(graph.slice(y, 1, 1, 1)));
        assertArrayEquals(new double[] {3, 4}, value(graph.slice(y, 0, 1, 1)));
        assertArrayEquals(new double[] {0, 1, 2, 0, 0, 3, 4, 0}, value(graph.pad(y, 1, 1, 4)));
        assertArrayEquals(new double[] {0, 0, 1, 2, 3, 4}, value(graph.pad(y, 0, 1, 3)));
    }

    /** The order is part of the op's meaning: falling values, equal ones by place, what is no number as −∞. */
    @Test
    void placesOfTheLargest() {
        float missing = Float.NEGATIVE_INFINITY;
        Node x = constant(Shape.of(3, 4), 1, 3, 3, 2, Float.NaN, missing, -5, Float.NaN, 0f, -0f, Float.POSITIVE_INFINITY, 0f);
        assertArrayEquals(new double[] {1, 2, 3, 0, 2, 0, 1, 3, 2, 0, 1, 3}, value(graph.topK(x, 4)));
        assertArrayEquals(new double[] {1, 2, 2}, value(graph.topK(x, 1)));
    }

    @Test
    void quotientsRootsAndLogarithms() {
        Node x = constant(Shape.of(4), 0, 0.25f, 1, 9);
        assertArrayEquals(new double[] {0, 0.5, 1, 3}, value(graph.sqrt(x)));
        double[] logarithms = {Double.NEGATIVE_INFINITY, -2 * Math.log(2), 0, 2 * Math.log(3)};
        assertArrayEquals(logarithms, value(graph.log(x)), EXACT);
        assertArrayEquals(new double[] {-0.0, -0.125, -0.5, -4.5}, value(graph.divide(x, constant(Shape.SCALAR, -2))));
    }

    @ParameterizedTest
    @ValueSource(floats = {1, Float.POSITIVE_INFINITY})
    void optimizersMoveAsTorchs(float clip) {
        boolean clipped = clip == 1;
        double[] adamW = clipped ? new double[] {0.3718933069076746, -1.2415586353129946, 1.641336997891461}
                : new double[] {0.3283934973159688, -1.2311247446190192, 1.6349606607634009};
        double[] sgd = clipped ? new double[] {0.40737176844325385, -1.2520201682381127, 1.7163238059930905}
                : new double[] {0.03564453125, -0.68115234375, 1.50390625};
        assertArrayEquals(adamW, twoSteps(true, clip), EXACT);
        assertArrayEquals(sgd, twoSteps(false, clip), EXACT);
    }

    private static double[] twoSteps(boolean adam, float clip) {
        Graph g = new Graph();
        Shape shape = Shape.of(3);
        Node w = g.variable("w", Tensor.of(shape, 0.5f, -1.5f, 2));
        Node first = g.variable("first", Tensor.zeros(shape));
        Node second = g.variable("second", Tensor.zeros(shape));
        Node gradient = g.input("gradient", shape);
        Node rates = g.constant(Tensor.of(shape, 0.125f, 0.25f, clip));
        Node step = g.input("step", Shape.SCALAR);
        Node norm = g.globalNorm(List.of(gradient));
        Node update = adam ? g.apply(new Op.AdamW(0.5f, 0.75f, 1f / 1024), w, first, second, gradient, rates, step, norm)
                : g.apply(new Op.Sgd(0.5f), w, first, gradient, rates, norm);
        try (var run = new ReferenceDevice().compile(g, List.of(update))) {
            run.write(gradient, 3, -4, 0.5f);
            if (adam) {
                run.write(step, 1);
            }
            run.run();
            run.write(gradient, -1, 0.25f, 2);
            if (adam) {
                run.write(step, 2);
            }
            run.run();
            assertArrayEquals(run.readExact(w), run.readExact(update), "the result is the variable itself");
            return run.readExact(w);
        }
    }

    @Test
    void variablesKeepTheirValueAndInputsAreCopied() {
        Node x = graph.input("x", Shape.of(2));
        Node w = graph.variable("w", Tensor.of(Shape.of(2), 1, 2));
        Node y = graph.add(x, w);
        try (var run = new ReferenceDevice().compile(graph, List.of(y))) {
            double[] mine = {0.1, 0.2};
            run.writeExact(x, mine);
            mine[0] = 9;
            run.run();
            assertArrayEquals(new double[] {1.1, 2.2}, run.readExact(y), EXACT);
            assertEquals(2.2f, run.read(y).get(1));
            run.write(w, Tensor.of(Shape.of(2), 5, 6));
            run.run();
            assertArrayEquals(new double[] {5.1, 6.2}, run.readExact(y), EXACT);
            assertArrayEquals(new double[] {5, 6}, run.readExact(w));
        }
    }

    @Test
    void refusesMisuse() {
        Node x = graph.input("x", Shape.of(2));
        Node unread = graph.input("unread", Shape.of(2));
        Node middle = graph.exp(x);
        Node y = graph.exp(middle);
        try (var run = new ReferenceDevice().compile(graph, List.of(y))) {
            assertThrows(IllegalStateException.class, () -> run.read(y), "no run yet");
            assertThrows(IllegalArgumentException.class, () -> run.write(y, 1, 2));
            assertThrows(IllegalArgumentException.class, () -> run.write(unread, 1, 2));
            assertThrows(IllegalArgumentException.class, () -> run.write(x, 1, 2, 3));
            assertThrows(IllegalArgumentException.class, () -> run.write(x, Tensor.scalar(1)));
            assertThrows(IllegalArgumentException.class, () -> run.read(middle));
        }
    }

    private static float[] floats(int count) {
        float[] values = new float[count];
        IntStream.range(0, count).forEach(i -> values[i] = i);
        return values;
    }
}
