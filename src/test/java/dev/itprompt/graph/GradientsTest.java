package dev.itprompt.graph;

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
            Op.MeanTokensGrad.class, Op.GatherGrad.class, Op.NormalizeGrad.class, Op.SoftmaxGrad.class,
            Op.CrossEntropyGrad.class, Op.SoftCrossEntropyGrad.class, Op.GlobalNorm.class, Op.AdamW.class, Op.Sgd.class,
            Op.Extra.class);

    static List<GradientCase> cases() {
        List<GradientCase> cases = new ArrayList<>();
        cases.addAll(matrices());
        cases.addAll(elements());
        cases.addAll(rows());
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
                test("Affine", s -> s.graph().affine(s.variable(3, 4), -1.5f, 2)),
                test("Exp", s -> s.graph().exp(s.variable(3, 4))),
                test("a node read several times", s -> {
                    Node x = s.variable(3, 4);
                    return s.graph().add(s.graph().multiply(x, s.graph().exp(x)), x);
                }),
                test("GELU", s -> s.graph().activate(s.variable(3, 4), Op.Activation.GELU)),
                test("QuickGELU", s -> s.graph().activate(s.variable(3, 4), Op.Activation.QUICK_GELU)));
    }

    private static List<GradientCase> rows() {
        return List.of(
                test("SumTo", s -> s.graph().sumTo(s.variable(3, 4), Shape.of(4))),
                test("SumTo a scalar", s -> s.graph().sumTo(s.variable(3, 4), Shape.SCALAR)),
                test("Broadcast", s -> s.graph().broadcast(s.variable(4), Shape.of(2, 3, 4))),
                test("mean", s -> s.graph().mean(s.variable(3, 4))),
                test("Reshape", s -> s.graph().reshape(s.variable(3, 4), 2, 6)),
                test("ConcatRows", s -> s.graph().concatRows(s.variable(3, 2, 4), s.variable(2, 2, 4))),
                test("SliceRows", s -> s.graph().sliceRows(s.variable(5, 2, 4), 1, 3)),
                test("PadRows", s -> s.graph().apply(new Op.PadRows(2, 6), s.variable(3, 4))),
                test("LayerNorm", s -> s.graph().layerNorm(s.variable(3, 5), s.variable(5), s.variable(5), 1e-5f)),
                test("LayerNorm of rank 3", s -> s.graph().layerNorm(s.variable(2, 2, 5), s.variable(5), s.variable(5), 1e-6f)),
                test("Normalize", s -> s.graph().normalize(s.variable(3, 4))),
                test("Softmax", s -> s.graph().softmax(s.variable(3, 4))),
                test("CrossEntropy", s -> s.graph().crossEntropy(s.variable(3, 4), s.ids(4, 3))),
                test("CrossEntropy with masked classes", s -> s.graph().crossEntropy(s.graph().add(s.variable(2, 4),
                        s.input(Shape.of(4), 0, Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY)),
                        s.input(Shape.of(2), 0, 2))),
                test("SoftCrossEntropy", s -> s.graph().softCrossEntropy(s.variable(3, 4), s.distribution(3, 4))));
    }

    private static List<GradientCase> tokens() {
        return List.of(
                test("PrependToken", s -> s.graph().prependToken(s.variable(2, 3, 4), s.variable(4))),
                test("DropToken", s -> s.graph().apply(new Op.DropToken(), s.variable(2, 3, 4))),
                test("PadToken", s -> s.graph().apply(new Op.PadToken(), s.variable(2, 3, 4))),
                test("SelectToken", s -> s.graph().selectToken(s.variable(2, 3, 4), s.ids(3, 2))),
                test("MeanTokens", s -> s.graph().meanTokens(s.variable(2, 3, 4))),
                test("Gather with repeated ids",
                        s -> s.graph().gather(s.variable(5, 4), s.input(Shape.of(2, 3), 0, 3, 3, 1, 0, 3))));
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
        covered.add(Op.Constant.class);
        assertEquals(Set.of(Op.class.getPermittedSubclasses()), covered);
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
