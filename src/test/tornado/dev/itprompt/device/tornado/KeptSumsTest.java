package dev.itprompt.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which attentions keep sums for a gradient. */
class KeptSumsTest {

    private final Graph g = new Graph();
    private final Node qkv = g.input("qkv", Shape.of(2, 5, 24));
    private final Node dy = g.input("dy", Shape.of(2, 5, 8));

    private Node gradient(int heads, boolean causal, Node of) {
        return g.apply(new Op.AttentionGrad(heads, causal), of, dy);
    }

    @Test
    void theOneThatAGradientIsOf() {
        Node attention = g.attention(qkv, 2, false);
        g.attention(qkv, 4, false);
        Node gradient = gradient(2, false, qkv);
        assertEquals(Map.of(gradient, attention), KeptSums.of(g.nodes()));
        assertEquals(2 * 5 * 2, KeptSums.size(attention));
    }

    @Test
    void noneForOtherInputsHeadsOrMasks() {
        g.attention(qkv, 2, false);
        gradient(4, false, qkv);
        gradient(2, true, qkv);
        gradient(2, false, g.input("other", Shape.of(2, 5, 24)));
        assertEquals(Map.of(), KeptSums.of(g.nodes()));
    }

    @Test
    void noneThatIsComputedLater() {
        gradient(2, false, qkv);
        g.attention(qkv, 2, false);
        assertEquals(Map.of(), KeptSums.of(g.nodes()));
    }

    /** A variable that is changed in between may be what the attention has read. */
    @Test
    void noneFromBeforeAnUpdate() {
        Node variable = g.variable("qkv", Tensor.zeros(Shape.of(2, 5, 24)));
        g.attention(variable, 2, false);
        Node rates = g.input("rates", Shape.of(3));
        Node norm = g.globalNorm(List.of(variable));
        g.apply(new Op.Sgd(0.9f), variable, qkv, g.variable("momentum", Tensor.zeros(Shape.of(2, 5, 24))), rates, norm);
        gradient(2, false, variable);
        assertEquals(Map.of(), KeptSums.of(g.nodes()));
    }
}
