package dev.itprompt.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.ShapeException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Inputs that do not fit are refused while the graph is built, with the op and all shapes in the message. */
class ShapeRulesTest {

    /** An op with input shapes that do not fit. */
    record Misfit(Op op, List<Shape> shapes) {}

    private static Misfit misfit(Op op, int[]... shapes) {
        return new Misfit(op, Stream.of(shapes).map(Shape::of).toList());
    }

    private static int[] d(int... dims) {
        return dims;
    }

    static List<Misfit> misfits() {
        Op attention = new Op.Attention(2, false);
        Op attentionGrad = new Op.AttentionGrad(2, false);
        Op adamW = new Op.AdamW(0.9f, 0.999f, 1e-8f);
        return List.of(
                misfit(new Op.MatMul(false, false), d(2, 3), d(4, 5)),
                misfit(new Op.MatMul(false, true), d(2, 3), d(3, 5)),
                misfit(new Op.MatMul(true, false), d(2, 3), d(3, 5)),
                misfit(new Op.MatMul(true, true), d(2, 3), d(5, 3)),
                misfit(new Op.MatMul(false, false), d(2, 3), d(3, 5), d(3)),
                misfit(new Op.MatMul(false, false), d(2, 3), d(1, 3, 5)),
                misfit(new Op.MatMul(false, false), d(), d(3, 5)),
                misfit(new Op.MatMul(false, false), d(2, 3)),
                misfit(new Op.Add(), d(2, 3), d(2)),
                misfit(new Op.Add(), d(3), d(2, 3)),
                misfit(new Op.Multiply(), d(2, 3), d(2, 1)),
                misfit(new Op.Affine(1, 0), d(2), d(2)),
                misfit(new Op.Exp(), d(2), d(2)),
                misfit(new Op.Divide(), d(2, 3), d(2)),
                misfit(new Op.Divide(), d(3), d(2, 3)),
                misfit(new Op.Log(), d(2), d(2)),
                misfit(new Op.Sqrt(), d(2), d(2)),
                misfit(new Op.StopGradient(), d(2), d(2)),
                misfit(new Op.Sum(2), d(2, 3)),
                misfit(new Op.Sum(-1), d(2, 3)),
                misfit(new Op.Sum(0), d()),
                misfit(new Op.Repeat(3, 2), d(2, 3)),
                misfit(new Op.Repeat(-1, 2), d(2, 3)),
                misfit(new Op.Repeat(0, 0), d(2, 3)),
                misfit(new Op.Reshape(Shape.of(4)), d(2, 3)),
                misfit(new Op.Concat(0), d(2, 3), d(2, 4)),
                misfit(new Op.Concat(1), d(2, 3), d(2, 3), d(3, 3)),
                misfit(new Op.Concat(0), d(2, 3), d(3)),
                misfit(new Op.Concat(0), d(2, 3)),
                misfit(new Op.Concat(2), d(2, 3), d(2, 3)),
                misfit(new Op.Concat(0), d(), d()),
                misfit(new Op.Slice(0, 1, 2), d(2, 3)),
                misfit(new Op.Slice(1, 2, 2), d(2, 3)),
                misfit(new Op.Slice(0, 1, Integer.MAX_VALUE), d(2, 3)),
                misfit(new Op.Slice(0, -1, 1), d(2, 3)),
                misfit(new Op.Slice(0, 0, 0), d(2, 3)),
                misfit(new Op.Slice(2, 0, 1), d(2, 3)),
                misfit(new Op.Pad(0, 2, 3), d(2, 3)),
                misfit(new Op.Pad(1, 1, 3), d(2, 3)),
                misfit(new Op.Pad(0, Integer.MAX_VALUE, Integer.MAX_VALUE), d(2, 3)),
                misfit(new Op.Pad(0, -1, 3), d(2, 3)),
                misfit(new Op.Pad(2, 0, 3), d(2, 3)),
                misfit(new Op.TopK(4), d(2, 3)),
                misfit(new Op.TopK(0), d(2, 3)),
                misfit(new Op.TopK(1), d()),
                misfit(new Op.TopK(1), d(1, (1 << 24) + 1)),
                misfit(new Op.Activate(Op.Activation.GELU), d(2), d(2)),
                misfit(new Op.ActivateGrad(Op.Activation.GELU), d(2), d(3)),
                misfit(new Op.LayerNorm(0), d(2, 3), d(3), d(2)),
                misfit(new Op.LayerNormGrad(0), d(2, 3), d(2), d(2, 3)),
                misfit(new Op.LayerNormGainGrad(0), d(2, 3), d(3)),
                misfit(attention, d(2, 3, 10)),
                misfit(attention, d(2, 3, 9)),
                misfit(attention, d(6, 12)),
                misfit(attention, d(2, 3, 12), d(1, 4)),
                misfit(attention, d(2, 3, 12), d(1, 5), d(1, 5)),
                misfit(attention, d(2, 3, 12), d(1, 4), d(2, 4)),
                misfit(attention, d(2, 3, 12), d(3, 1, 4), d(3, 1, 4)),
                misfit(attentionGrad, d(2, 3, 12), d(2, 3, 12)),
                misfit(attentionGrad, d(2, 3, 12), d(1, 4), d(2, 3, 4)),
                misfit(attentionGrad, d(2, 3, 12), d(1, 4), d(1, 4), d(2, 3, 12)),
                misfit(new Op.Patches(3), d(1, 3, 9, 10)),
                misfit(new Op.Patches(3), d(3, 9, 9)),
                misfit(new Op.SelectToken(), d(2, 3, 4), d(3)),
                misfit(new Op.SelectTokenGrad(3), d(2, 4), d(3)),
                misfit(new Op.Gather(), d(4), d(2)),
                misfit(new Op.GatherGrad(5), d(2, 4), d(3)),
                misfit(new Op.Normalize(), d(2), d(2)),
                misfit(new Op.NormalizeGrad(), d(2, 3), d(3)),
                misfit(new Op.Softmax(), d(2), d(2)),
                misfit(new Op.SoftmaxGrad(), d(2, 3), d(3, 2)),
                misfit(new Op.CrossEntropy(), d(2, 3), d(3)),
                misfit(new Op.CrossEntropyGrad(), d(2, 3), d(2), d(2)),
                misfit(new Op.SoftCrossEntropy(), d(2, 3), d(2)),
                misfit(new Op.SoftCrossEntropyGrad(), d(2, 3), d(2, 3), d(1)),
                misfit(new Op.SoftCrossEntropyTargetGrad(), d(2, 3), d(1)),
                misfit(new Op.SoftCrossEntropyTargetGrad(), d(6), d()),
                misfit(new Op.GlobalNorm()),
                misfit(adamW, d(2), d(2), d(2), d(3), d(3), d(), d()),
                misfit(adamW, d(2), d(2), d(2), d(2), d(2), d(), d()),
                misfit(new Op.Sgd(0), d(2), d(2), d(2), d(3), d(1)));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void refusesShapesThatDoNotFit(Misfit misfit) {
        Graph graph = new Graph();
        Node[] inputs = misfit.shapes().stream().map(shape -> graph.input("x", shape)).toArray(Node[]::new);
        var error = assertThrows(ShapeException.class, () -> graph.apply(misfit.op(), inputs));
        assertTrue(error.getMessage().startsWith(misfit.op().getClass().getSimpleName()), error.getMessage());
        for (Shape shape : misfit.shapes()) {
            assertTrue(error.getMessage().contains(shape.toString()), error.getMessage());
        }
    }

    @Test
    void noOpIsLeftOut() {
        Set<Class<?>> covered = new HashSet<>(Set.of(Op.Input.class, Op.Constant.class, Op.Variable.class, Op.FurtherResult.class));
        misfits().forEach(misfit -> covered.add(misfit.op().getClass()));
        assertEquals(OpKinds.all(), covered);
    }

    @Test
    void resultsHaveTheShapesThatAxesGive() {
        Graph graph = new Graph();
        Node x = graph.input("x", Shape.of(2, 3, 4));
        assertEquals(Shape.of(2, 4), graph.sum(x, 1).shape());
        assertEquals(Shape.of(2, 3), graph.mean(x, -1).shape());
        assertEquals(Shape.of(5, 2, 3, 4), graph.repeat(x, 0, 5).shape());
        assertEquals(Shape.of(2, 3, 4, 5), graph.repeat(x, 3, 5).shape());
        assertEquals(Shape.of(2, 10, 4), graph.concat(1, x, graph.slice(x, 1, 2, 1), graph.pad(x, 1, 1, 6)).shape());
        assertEquals(Shape.of(2, 3, 8), graph.concat(-1, x, x).shape());
        assertEquals(Shape.of(2, 3, 1), graph.slice(x, -1, 3, 1).shape());
        assertEquals(Shape.of(2, 3, 9), graph.pad(x, -1, 5, 9).shape());
        assertEquals(Shape.of(2, 3, 2), graph.topK(x, 2).shape());
        assertEquals(Shape.of(4), graph.sumTo(x, Shape.of(4)).shape());
        assertEquals(Shape.of(7, 2, 3, 4), graph.broadcast(x, Shape.of(7, 2, 3, 4)).shape());
        for (int axis : new int[] {-4, 3}) {
            var error = assertThrows(ShapeException.class, () -> graph.sum(x, axis));
            assertEquals("expected an axis of [2, 3, 4], got " + axis, error.getMessage());
        }
        assertThrows(ShapeException.class, () -> graph.sumTo(x, Shape.of(3)));
        assertThrows(ShapeException.class, () -> graph.broadcast(x, Shape.of(2, 3, 4, 5)));
    }

    /** Places in rows that are longer than what they point into, however they get there. */
    @Test
    void placesThatPointBeyondATableAreRefused() {
        Graph graph = new Graph();
        Node places = graph.topK(graph.input("scores", Shape.of(2, 9)), 3);
        Node moved = graph.reshape(graph.stopGradient(graph.slice(places, 1, 0, 2)), 4);
        Node written = graph.input("ids", Shape.of(4));
        graph.gather(graph.input("table", Shape.of(9, 5)), moved);
        graph.gather(graph.input("table", Shape.of(8, 5)), written);
        for (Node ids : List.of(places, moved, graph.concat(0, written, moved), graph.gather(graph.repeat(moved, 1, 1), written))) {
            var error = assertThrows(ShapeException.class, () -> graph.gather(graph.input("table", Shape.of(8, 5)), ids));
            assertTrue(error.getMessage().startsWith("Gather") && error.getMessage().contains("[2, 9]")
                    && error.getMessage().contains("at most 8"), error.getMessage());
        }
    }

    @Test
    void onlyAttentionGradientsWithPrefixesHaveExtraOutputs() {
        Graph graph = new Graph();
        Node qkv = graph.input("qkv", Shape.of(2, 3, 12));
        Node keys = graph.input("keys", Shape.of(2, 1, 4));
        Node dy = graph.input("dy", Shape.of(2, 3, 4));
        Node gradient = graph.apply(new Op.AttentionGrad(2, false), qkv, keys, keys, dy);
        assertEquals(keys.shape(), graph.extra(gradient, 1).shape());
        assertThrows(IndexOutOfBoundsException.class, () -> graph.extra(gradient, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> graph.extra(qkv, 0));
    }
}
