package dev.itprompt.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphTest {

    private final Graph graph = new Graph();

    @Test
    void refusesNodesOfAnotherGraph() {
        Node here = graph.input("here", Shape.of(2));
        Graph other = new Graph();
        Node sameNumber = other.input("there", Shape.of(2));
        Node higherNumber = other.exp(sameNumber);
        for (Node foreign : List.of(sameNumber, higherNumber)) {
            var error = assertThrows(IllegalArgumentException.class, () -> graph.add(here, foreign));
            assertTrue(error.getMessage().contains("another graph"), error.getMessage());
        }
        assertEquals(List.of(here), graph.nodes(), "a refused node leaves nothing behind");
    }

    @Test
    void sameTensorGivesSameConstant() {
        Tensor tensor = Tensor.of(Shape.of(2), 1, 2);
        assertSame(graph.constant(tensor), graph.constant(tensor));
        assertNotSame(graph.constant(tensor), graph.constant(tensor.copy()));
    }

    @Test
    void nodesAreNumberedInOrderAndCannotBeChangedFromOutside() {
        Node x = graph.input("x", Shape.of(2));
        Node y = graph.exp(x);
        assertEquals(0, x.id());
        assertEquals(1, y.id());
        assertThrows(UnsupportedOperationException.class, () -> graph.nodes().clear());
        assertThrows(UnsupportedOperationException.class, () -> y.inputs().clear());
    }

    @Test
    void gradientsStandWhereTheirForwardNodeStands() {
        Node x = graph.variable("x", Tensor.zeros(Shape.of(2)));
        Node[] inner = new Node[1];
        graph.scoped("block", 3, () -> inner[0] = graph.exp(x));
        Node loss = graph.mean(inner[0]);
        Node gradient = Gradients.of(graph, loss, List.of(x)).getFirst();
        assertEquals(new Node.Scope("block", 3), inner[0].scope());
        assertEquals(new Node.Scope("", 0), loss.scope());
        assertEquals(new Node.Scope("block", 3), gradient.scope());
        assertTrue(inner[0].toString().contains("Exp") && inner[0].toString().contains("block.3"), inner[0].toString());
    }

    @Test
    void scopeEndsAlsoWhenItsBodyFails() {
        assertThrows(IllegalStateException.class, () -> graph.scoped("block", 1, () -> {
            throw new IllegalStateException();
        }));
        assertEquals(new Node.Scope("", 0), graph.input("x", Shape.of(1)).scope());
    }

    @Test
    void broadcastingToTheSameShapeAddsNothing() {
        Node x = graph.input("x", Shape.of(2, 3));
        assertSame(x, graph.sumTo(x, Shape.of(2, 3)));
        assertSame(x, graph.broadcast(x, Shape.of(2, 3)));
    }
}
