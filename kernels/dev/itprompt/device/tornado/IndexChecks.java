package dev.itprompt.device.tornado;

import dev.itprompt.graph.Indices;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Kernels cannot refuse an index, so indices are checked on the host when they are written: labels, token ids and positions have
 * to be inputs or constants. Places of the largest elements are in range by themselves, which the graph sees to.
 *
 * @param bounds the nodes that hold indices, with the number that these have to be below
 */
record IndexChecks(Map<Node, Integer> bounds) {

    /**
     * Collects the nodes that are read as indices.
     *
     * @throws UnsupportedOperationException if indices are computed otherwise than as places of largest elements
     */
    static IndexChecks of(List<Node> schedule) {
        Map<Node, Integer> bounds = new HashMap<>();
        for (Node node : schedule) {
            if (node.op() instanceof Op.Indexed op) {
                for (Node source : Indices.sources(node.input(1))) {
                    if (source.op() instanceof Op.Input || source.op() instanceof Op.Constant) {
                        bounds.merge(source, op.limit(node.input(0).shape()), Math::min);
                    } else if (!(source.op() instanceof Op.TopK)) {
                        throw new UnsupportedOperationException("the tornado device takes indices from inputs, constants and top-k"
                                + " only, " + node + " reads them from " + source);
                    }
                }
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
