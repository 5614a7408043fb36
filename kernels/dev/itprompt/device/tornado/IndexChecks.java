package dev.itprompt.device.tornado;

import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Kernels cannot refuse an index, so indices are checked on the host when they are written: labels, token ids and positions have
 * to be inputs or constants.
 *
 * @param bounds the nodes that hold indices, with the number that these have to be below
 */
record IndexChecks(Map<Node, Integer> bounds) {

    /**
     * Collects the nodes that are read as indices.
     *
     * @throws UnsupportedOperationException if indices are computed
     */
    static IndexChecks of(List<Node> schedule) {
        Map<Node, Integer> bounds = new HashMap<>();
        for (Node node : schedule) {
            int bound = switch (node.op()) {
                case Op.Gather _ -> node.input(0).shape().dim(0);
                case Op.GatherGrad op -> op.rows();
                case Op.SelectToken _ -> node.input(0).shape().dim(1);
                case Op.SelectTokenGrad op -> op.tokens();
                case Op.CrossEntropy _, Op.CrossEntropyGrad _ -> node.input(0).shape().last();
                default -> 0;
            };
            if (bound > 0) {
                Node indices = BufferPlan.owner(node.input(1));
                if (!(indices.op() instanceof Op.Input || indices.op() instanceof Op.Constant)) {
                    throw new UnsupportedOperationException("the tornado device takes indices from inputs and constants only, "
                            + node + " reads them from " + indices);
                }
                bounds.merge(indices, bound, Math::min);
            }
        }
        return new IndexChecks(bounds);
    }

    /** @throws IndexOutOfBoundsException naming the first value that is no index into what the node's values point into */
    void check(Node node, Tensor value) {
        int bound = bounds.getOrDefault(node, Integer.MAX_VALUE);
        for (int i = 0; bounds.containsKey(node) && i < value.shape().size(); i++) {
            float id = value.get(i);
            if (!(id >= 0 && id < bound)) {
                throw new IndexOutOfBoundsException("id " + id + " at position " + i + " of " + node + ": expected 0 to "
                        + (bound - 1));
            }
        }
    }
}
