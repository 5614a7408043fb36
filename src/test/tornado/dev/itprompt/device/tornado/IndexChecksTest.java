package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which indices kernels are trusted with. */
class IndexChecksTest {

    private final Graph graph = new Graph();
    private final Node ids = graph.input("ids", Shape.of(4));

    private Node gather(int rows, Node indices) {
        return graph.gather(graph.input("table", Shape.of(rows, 3)), indices);
    }

    private IndexChecks checks() {
        return IndexChecks.of(graph.nodes());
    }

    @Test
    void whatIsWrittenIsCheckedWhereverItIsMovedBeforeItIsRead() {
        gather(9, ids);
        gather(7, graph.stopGradient(graph.reshape(graph.concat(0, ids, graph.slice(ids, 0, 1, 2)), 2, 3)));
        Node names = graph.constant(Tensor.of(Shape.of(3, 1), 0, 5, 4));
        gather(6, graph.gather(names, ids));
        IndexChecks checks = checks();
        assertEquals(Map.of(ids, 3, names, 6), checks.bounds());
        checks.check(ids, Tensor.of(ids.shape(), 0, 1, 2, 0));
        for (float id : new float[] {3, -1, Float.NaN}) {
            var error = assertThrows(IndexOutOfBoundsException.class, () -> checks.check(ids, Tensor.of(ids.shape(), 0, 1, id, 0)));
            assertEquals("id " + id + " at position 2 of " + ids + ": expected 0 to 2", error.getMessage());
        }
    }

    @Test
    void placesOfTheLargestNeedNoCheck() {
        gather(9, graph.topK(graph.input("scores", Shape.of(2, 9)), 3));
        assertEquals(Map.of(), checks().bounds());
    }

    @Test
    void whatIsComputedOtherwiseIsRefused() {
        Node variable = graph.variable("ids", Tensor.zeros(Shape.of(4)));
        for (Node indices : List.of(graph.scale(ids, 2), variable, graph.concat(0, ids, graph.exp(ids)))) {
            Node read = gather(9, indices);
            var error = assertThrows(UnsupportedOperationException.class, () -> IndexChecks.of(List.of(read)));
            assertTrue(error.getMessage().contains("inputs, constants and top-k only"), error.getMessage());
        }
    }
}
