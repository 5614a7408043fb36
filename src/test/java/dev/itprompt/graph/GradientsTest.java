package dev.itprompt.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.verify.Scene;
import dev.itprompt.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every derivative against central differences in double precision, and what {@link Gradients} refuses. */
class GradientsTest {

    /** One op on variables; the gradient is taken with respect to all of them. */
    record GradientCase(String name, Function<Scene, Node> output) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Ops that appear in gradients or updates only, or read images, which are no parameters. */
    private static final Set<Class<? extends Op>> WITHOUT_DERIVATIVE = Set.of(Op.Patches.class, Op.ActivateGrad.class,
            Op.LayerNormGrad.class, Op.LayerNormGainGrad.class, Op.AttentionGrad.class, Op.SelectTokenGrad.class,
            Op.GatherGrad.class, Op.NormalizeGrad.class, Op.SoftmaxGrad.class, Op.CrossEntropyGrad.class,
            Op.SoftCrossEntropyGrad.class, Op.SoftCrossEntropyTargetGrad.class, Op.GlobalNorm.class, Op.AdamW.class, Op.Sgd.class,
            Op.FurtherResult.class);

    /** Ops whose results are constants for every derivative. */
    private static final Set<Class<? extends Op>> CONSTANT = Set.of(Op.Input.class, Op.Constant.class, Op.Variable.class,
            Op.StopGradient.class, Op.TopK.class);

    static List<GradientCase> cases() {
        List<GradientCase> cases = new ArrayList<>();
        cases.addAll(matrices());
        cases.addAll(elements());
        cases.addAll(axes());
        cases.addAll(rows());
        cases.addAll(prompts());
        cases.addAll(tokens());
        cases.addAll(attention());
        return cases;
    }

    private static GradientCase test(String name, Function<Scene, Node> output) {
        return new GradientCase(name, output);
    }

    private static List<GradientCase> matrices() {
        List<GradientCase> cases = new ArrayList<>();
        for (boolean transposeA : new boolean[] {false, true}) {
            for (boolean transposeB : new boolean[] {false, true}) {
                Op op = new Op.MatMul(transposeA, transposeB);
                int[] b = transposeB ? new int[] {5, 3} : new int[] {3, 5};
                cases.add(test(op + " with bias", s -> s.graph().apply(op,
                        transposeA ? s.variable(3, 4) : s.variable(4, 3), s.variable(b), s.variable(5))));
                cases.add(test(op + " of rank 3", s -> s.graph().apply(op,
                        transposeA ? s.variable(3, 1, 4) : s.variable(2, 4, 3), s.variable(b))));
                cases.add(test(op + " of rank 1", s -> s.graph().apply(op,
                        transposeA ? s.variable(4) : s.variable(3),
                        transposeA ? s.variable(transposeB ? new int[] {5, 1} : new int[] {1, 5}) : s.variable(b))));
            }
        }
        cases.add(test("MatMul of a matrix with itself", s -> {
            Node m = s.variable(4, 3);
            return s.graph().matMulTransposed(m, m);
        }));
        return cases;
    }

    private static List<GradientCase> elements() {
        return List.of(
                test("Add", s -> s.graph().add(s.variable(3, 4), s.variable(3, 4))),
                test("Add of a suffix", s -> s.graph().add(s.variable(2, 3, 4), s.variable(3, 4))),
                test("Add of a scalar", s -> s.graph().add(s.variable(3, 4), s.variable())),
                test("Multiply", s -> s.graph().multiply(s.variable(3, 4), s.variable(3, 4))),
                test("Multiply by a suffix", s -> s.graph().multiply(s.variable(3, 4), s.variable(4))),
                test("Divide", s -> s.graph().divide(s.variable(3, 4), awayFromZero(s, 3, 4))),
                test("Divide by a suffix", s -> s.graph().divide(s.variable(2, 3, 4), awayFromZero(s, 3, 4))),
                test("Divide by a scalar", s -> s.graph().divide(s.variable(3, 4), awayFromZero(s))),
                test("Divide of a node by itself", s -> {
                    Node x = awayFromZero(s, 3, 4);
                    return s.graph().divide(s.graph().exp(x), x);
                }),
                test("Log", s -> s.graph().log(awayFromZero(s, 3, 4))),
                test("Sqrt", s -> s.graph().sqrt(awayFromZero(s, 3, 4))),
                test("Affine", s -> s.graph().affine(s.variable(3, 4), -1.5f, 2)),
                test("Exp", s -> s.graph().exp(s.variable(3, 4))),
                test("a node read several times", s -> {
                    Node x = s.variable(3, 4);
                    return s.graph().add(s.graph().multiply(x, s.graph().exp(x)), x);
                }),
                test("GELU", s -> s.graph().activate(s.variable(3, 4), Op.Activation.GELU)),
                test("QuickGELU", s -> s.graph().activate(s.variable(3, 4), Op.Activation.QUICK_GELU)));
    }

    /** One more than the squares of a variable. */
    private static Node awayFromZero(Scene s, int... dims) {
        Node x = s.variable(dims);
        return s.graph().affine(s.graph().multiply(x, x), 1, 1);
    }

    private static List<GradientCase> axes() {
        List<GradientCase> cases = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int axis = i;
            cases.add(test("Sum over axis " + axis, s -> s.graph().sum(s.variable(3, 2, 4), axis)));
            cases.add(test("mean over axis " + axis, s -> s.graph().mean(s.variable(3, 2, 4), axis)));
            cases.add(test("Repeat along axis " + axis, s -> s.graph().repeat(s.variable(3, 4), axis, 5)));
            cases.add(test("Slice along axis " + axis, s -> s.graph().slice(s.variable(5, 6, 7), axis, 1, 3)));
            cases.add(test("Pad along axis " + axis, s -> s.graph().pad(s.variable(3, 2, 4), axis, 2, 7)));
            cases.add(test("Concat along axis " + axis, s -> s.graph().concat(axis, s.variable(3, 2, 4),
                    s.variable(Shape.of(3, 2, 4).with(axis, 1).dims()), s.normal(3, 2, 4),
                    s.variable(Shape.of(3, 2, 4).with(axis, 5).dims()))));
        }
        cases.add(test("Concat of a node with itself", s -> {
            Node x = s.variable(3, 4);
            return s.graph().concat(1, x, s.graph().exp(x), x);
        }));
        cases.add(test("Sum of a vector", s -> s.graph().sum(s.variable(5), 0)));
        cases.add(test("Repeat of a scalar", s -> s.graph().repeat(s.variable(), 0, 5)));
        return cases;
    }

    private static List<GradientCase> rows() {
        return List.of(
                test("sum over leading extents", s -> s.graph().sumTo(s.variable(3, 4), Shape.of(4))),
                test("sum of all elements", s -> s.graph().sumTo(s.variable(3, 4), Shape.SCALAR)),
                test("broadcast", s -> s.graph().broadcast(s.variable(4), Shape.of(2, 3, 4))),
                test("mean", s -> s.graph().mean(s.variable(3, 4))),
                test("Reshape", s -> s.graph().reshape(s.variable(3, 4), 2, 6)),
                test("LayerNorm", s -> s.graph().layerNorm(s.variable(3, 5), s.variable(5), s.variable(5), 1e-5f)),
                test("LayerNorm of rank 3", s -> s.graph().layerNorm(s.variable(2, 2, 5), s.variable(5), s.variable(5), 1e-6f)),
                test("Normalize", s -> s.graph().normalize(s.variable(3, 4))),
                test("Softmax", s -> s.graph().softmax(s.variable(3, 4))),
                test("CrossEntropy", s -> s.graph().crossEntropy(s.variable(3, 4), s.ids(4, 3))),
                test("CrossEntropy with masked classes", s -> s.graph().crossEntropy(s.graph().add(s.variable(2, 4),
                        s.input(Shape.of(4), 0, Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY)),
                        s.input(Shape.of(2), 0, 2))),
                test("SoftCrossEntropy", s -> s.graph().softCrossEntropy(s.variable(3, 4), s.distribution(3, 4))),
                test("SoftCrossEntropy with a computed target",
                        s -> s.graph().softCrossEntropy(s.variable(3, 4), s.graph().softmax(s.variable(3, 4)))),
                test("SoftCrossEntropy of a row with itself", s -> {
                    Node x = s.variable(3, 4);
                    return s.graph().softCrossEntropy(x, s.graph().softmax(x));
                }),
                test("SoftCrossEntropy with masked classes and a computed target", s -> {
                    Node mask = s.input(Shape.of(4), 0, Float.NEGATIVE_INFINITY, 0, 0);
                    return s.graph().softCrossEntropy(s.graph().add(s.variable(3, 4), mask),
                            s.graph().softmax(s.graph().add(s.variable(3, 4), mask)));
                }));
    }

    private static List<GradientCase> tokens() {
        return List.of(
                test("SelectToken", s -> s.graph().selectToken(s.variable(2, 3, 4), s.ids(3, 2))),
                test("Gather with repeated ids",
                        s -> s.graph().gather(s.variable(5, 4), s.input(Shape.of(2, 3), 0, 3, 3, 1, 0, 3))));
    }

    /** What prompts are made of: mixtures by learned weights, and those of the nearest entries of a pool. */
    private static List<GradientCase> prompts() {
        return List.of(
                test("mixture weighted by cosines of attended queries (CODA-Prompt)", s -> {
                    Graph g = s.graph();
                    Node attended = g.multiply(g.repeat(s.normal(3, 4), 1, 5), s.variable(5, 4));
                    Node cosines = g.sum(g.multiply(g.normalize(attended), g.normalize(s.variable(5, 4))), -1);
                    return g.reshape(g.matMul(cosines, s.variable(5, 12)), 3, 3, 4);
                }),
                test("rows of a pool nearest to a query", s -> {
                    Graph g = s.graph();
                    Node keys = g.normalize(s.variable(5, 4));
                    Node queries = g.normalize(s.normal(3, 4));
                    Node chosen = g.topK(g.matMulTransposed(queries, keys), 2);
                    Node pull = g.multiply(g.gather(keys, chosen), g.repeat(queries, 1, 2));
                    return g.concat(-1, g.reshape(g.gather(s.variable(5, 6), chosen), 3, 12), g.sum(pull, -1));
                }));
    }

    private static List<GradientCase> attention() {
        List<GradientCase> cases = new ArrayList<>();
        for (boolean causal : new boolean[] {false, true}) {
            String suffix = causal ? ", causal" : "";
            cases.add(test("Attention" + suffix, s -> s.graph().attention(s.variable(2, 3, 12), 2, causal)));
            cases.add(test("Attention with shared prefixes" + suffix, s -> s.graph().attention(s.variable(2, 3, 12),
                    s.variable(2, 4), s.variable(2, 4), 2, causal)));
            cases.add(test("Attention with prefixes per sample" + suffix, s -> s.graph().attention(s.variable(2, 3, 12),
                    s.variable(2, 2, 4), s.variable(2, 2, 4), 1, causal)));
            cases.add(test("Attention of frozen tokens with prefixes" + suffix, s -> s.graph().attention(s.normal(2, 3, 12),
                    s.variable(2, 4), s.variable(2, 4), 2, causal)));
        }
        return cases;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void matchesCentralDifferences(GradientCase tested) {
        long seed = 1 + tested.name().hashCode();
        Scene scene = new Scene(seed);
        Graph g = scene.graph();
        Node output = tested.output().apply(scene);
        Node weights = scene.normal(output.shape().dims());
        Node loss = g.sumTo(g.multiply(output, weights), Shape.SCALAR);
        CentralDifferences.check(scene, loss, CentralDifferences.variables(g), tested.name() + ", seed " + seed);
    }

    @Test
    void noOpIsLeftOut() {
        Set<Class<?>> covered = new HashSet<>();
        for (GradientCase tested : cases()) {
            Scene scene = new Scene(1);
            tested.output().apply(scene);
            scene.graph().nodes().stream().map(node -> node.op().getClass()).forEach(covered::add);
        }
        covered.addAll(WITHOUT_DERIVATIVE);
        covered.addAll(CONSTANT);
        assertEquals(OpKinds.all(), covered);
    }

    @Test
    void refusesALossThatIsNoScalar() {
        Scene s = new Scene(1);
        Node x = s.variable(2, 3);
        var error = assertThrows(IllegalArgumentException.class,
                () -> Gradients.of(s.graph(), s.graph().exp(x), List.of(x)));
        assertTrue(error.getMessage().contains("scalar") && error.getMessage().contains("[2, 3]"), error.getMessage());
    }

    @Test
    void refusesAParameterTheLossDoesNotDependOn() {
        Scene s = new Scene(1);
        Node x = s.variable(2, 3);
        Node other = s.variable(7);
        Node loss = s.graph().mean(x);
        var error = assertThrows(IllegalArgumentException.class, () -> Gradients.of(s.graph(), loss, List.of(x, other)));
        assertTrue(error.getMessage().contains("does not depend") && error.getMessage().contains("[7]"), error.getMessage());
    }

    @Test
    void refusesOpsWithoutDerivative() {
        Scene s = new Scene(1);
        Graph g = s.graph();
        Node image = s.variable(1, 1, 4, 4);
        Node x = s.variable(2, 3);
        for (Node output : List.of(g.patches(image, 2), g.globalNorm(List.of(x)), g.apply(new Op.SoftmaxGrad(), x, x))) {
            Node parameter = output.op() instanceof Op.Patches ? image : x;
            var error = assertThrows(IllegalArgumentException.class,
                    () -> Gradients.of(g, g.sumTo(output, Shape.SCALAR), List.of(parameter)));
            assertTrue(error.getMessage().contains("no derivative"), error.getMessage());
        }
    }

    @Test
    void labelsAndIndicesGetNoGradient() {
        Scene s = new Scene(1);
        Node labels = s.variable(2);
        Node loss = s.graph().crossEntropy(s.variable(2, 3), labels);
        assertThrows(IllegalArgumentException.class, () -> Gradients.of(s.graph(), loss, List.of(labels)));
    }

    /** However the loss depends on indices: they are places, and what they point at does not change with them a little. */
    @Test
    void refusesToDropWhatIndicesDependOn() {
        Scene s = new Scene(1);
        Graph g = s.graph();
        Node x = s.variable(2, 3);
        Node computed = g.reshape(g.slice(g.scale(x, 0), 1, 0, 1), 2);
        List<Node> readers = List.of(g.crossEntropy(x, computed), g.gather(x, computed),
                g.selectToken(g.reshape(x, 2, 3, 1), computed));
        for (Node reader : readers) {
            Node loss = g.sumTo(reader, Shape.SCALAR);
            var error = assertThrows(IllegalArgumentException.class, () -> Gradients.of(g, loss, List.of(x)));
            assertTrue(error.getMessage().startsWith("no derivative of " + reader + " with respect to its input 1, " + computed),
                    error.getMessage());
        }
        Node constant = g.stopGradient(computed);
        Gradients.of(g, g.sumTo(g.gather(x, constant), Shape.SCALAR), List.of(x));
    }

    /** The value of the quantised, the gradient of what was quantised. */
    @Test
    void straightThrough() {
        Scene s = new Scene(3);
        Graph g = s.graph();
        Node x = s.variable(3, 4);
        Node pool = s.variable(5, 4);
        Node mixed = g.multiply(x, x);
        Node nearest = g.gather(pool, g.reshape(g.topK(g.matMulTransposed(mixed, pool), 1), 3));
        Node y = s.result(g.add(mixed, g.stopGradient(g.add(nearest, g.scale(mixed, -1)))));
        s.result(nearest);
        Node weights = s.normal(3, 4);
        Node loss = g.sumTo(g.multiply(y, weights), Shape.SCALAR);
        Node gradient = s.result(Gradients.of(g, loss, List.of(x)).getFirst());
        var unreached = assertThrows(IllegalArgumentException.class, () -> Gradients.of(g, loss, List.of(pool)));
        assertTrue(unreached.getMessage().contains("does not depend on " + pool), unreached.getMessage());
        var run = new ReferenceDevice().compile(g, s.results());
        s.feed(run);
        run.run();
        assertArrayEquals(run.readExact(nearest), run.readExact(y), 1e-12);
        for (int i = 0; i < 12; i++) {
            assertEquals(2 * run.readExact(x)[i] * s.feeds().get(weights)[i], run.readExact(gradient)[i], 1e-12);
        }
    }

    /** Nothing is added for what stands behind a stop-gradient. */
    @Test
    void nothingGoesBackwardBehindAStopGradient() {
        Scene s = new Scene(1);
        Graph g = s.graph();
        Node x = s.variable(3, 4);
        Node loss = g.mean(g.multiply(g.stopGradient(g.softmax(x)), x));
        Gradients.of(g, loss, List.of(x));
        assertTrue(g.nodes().stream().noneMatch(node -> node.op() instanceof Op.SoftmaxGrad));
    }

    @Test
    void gradientOfTheLossItselfIsOne() {
        Scene s = new Scene(1);
        Node loss = s.graph().mean(s.variable(2, 3));
        Node gradient = s.result(Gradients.of(s.graph(), loss, List.of(loss)).getFirst());
        var run = new ReferenceDevice().compile(s.graph(), s.results());
        run.run();
        assertEquals("[1.0]", Arrays.toString(run.readExact(gradient)));
    }

    @Test
    void aGradientCanBeDifferentiatedAgain() {
        Scene s = new Scene(5);
        Node x = s.variable(3);
        Node loss = s.graph().sumTo(s.graph().multiply(x, s.graph().multiply(x, x)), Shape.SCALAR);
        Node first = Gradients.of(s.graph(), loss, List.of(x)).getFirst();
        Node second = s.result(Gradients.of(s.graph(), s.graph().sumTo(first, Shape.SCALAR), List.of(x)).getFirst());
        var run = new ReferenceDevice().compile(s.graph(), s.results());
        run.run();
        for (int i = 0; i < 3; i++) {
            assertEquals(6 * run.readExact(x)[i], run.readExact(second)[i], 1e-9);
        }
    }
}
