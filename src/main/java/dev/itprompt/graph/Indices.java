package dev.itprompt.graph;

import dev.itprompt.tensor.ShapeException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Where the indices come from that an {@link Op.Indexed} reads. */
public final class Indices {

    private Indices() {}

    /**
     * The nodes that the values of an index tensor are taken from: what is only moved, or picked from a table, is followed back to
     * where it was written or computed.
     *
     * @param indices input 1 of an {@link Op.Indexed}
     */
    public static Set<Node> sources(Node indices) {
        if (indices.op() instanceof Op.Move) {
            return indices.inputs().stream().flatMap(input -> sources(input).stream())
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        }
        boolean picked = indices.op() instanceof Op.Gather || indices.op() instanceof Op.SelectToken;
        return picked ? sources(indices.input(0)) : Set.of(indices);
    }

    /**
     * Refuses places in rows that are longer than what the indices point into.
     *
     * @throws ShapeException naming the rows
     */
    static void check(Op.Indexed op, Node x, Node indices) {
        int limit = op.limit(x.shape());
        for (Node source : sources(indices)) {
            if (source.op() instanceof Op.TopK && source.input(0).shape().last() > limit) {
                throw new ShapeException(op.getClass().getSimpleName() + ": indices are places in rows of "
                        + source.input(0) + ", expected rows of at most " + limit + " elements");
            }
        }
    }
}
