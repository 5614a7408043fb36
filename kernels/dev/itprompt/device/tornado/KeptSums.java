package dev.itprompt.device.tornado;

import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which attentions keep, for each query of each head, the logarithm of the sum of exponentials of its scores: those whose gradient is
 * computed in the same run. From it and a score comes a probability, without another maximum and sum over all keys.
 */
final class KeptSums {

    /** What an attention and its gradient have in common. */
    private record Attended(Op.Attention op, List<Node> inputs) {}

    private KeptSums() {}

    /**
     * Attentions by their gradients.
     *
     * @param schedule all nodes of a run, in order
     */
    static Map<Node, Node> of(List<Node> schedule) {
        Map<Attended, Node> attentions = new HashMap<>();
        Map<Node, Node> pairs = new HashMap<>();
        for (Node node : schedule) {
            switch (node.op()) {
                case Op.Attention op -> attentions.put(new Attended(op, node.inputs()), node);
                case Op.AttentionGrad op -> {
                    Node attention = attentions.get(new Attended(new Op.Attention(op.heads(), op.causal()),
                            node.inputs().subList(0, node.inputs().size() - 1)));
                    if (attention != null) {
                        pairs.put(node, attention);
                    }
                }
                case Op.Update _ -> attentions.clear(); // they may have read what it changes
                default -> { }
            }
        }
        return pairs;
    }

    /** Floats that an attention keeps. */
    static long size(Node attention) {
        return (long) attention.shape().dim(0) * attention.shape().dim(1) * ((Op.Attention) attention.op()).heads();
    }
}
