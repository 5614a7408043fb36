package dev.itprompt.prompt;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;

/** Rows of tables whose number is known only when the graph runs. */
final class Tables {

    private Tables() {}

    /**
     * Entries of a table.
     *
     * @param table [n, …]
     * @param ids   whole numbers below n of any shape
     * @return the ids' shape followed by an entry's
     */
    static Node rows(Graph g, Node table, Node ids) {
        Shape entry = table.shape().without(0);
        Node picked = g.gather(g.reshape(table, table.shape().dim(0), entry.size()), ids);
        Shape shape = ids.shape();
        for (int axis = 0; axis < entry.rank(); axis++) {
            shape = shape.inserted(shape.rank(), entry.dim(axis));
        }
        return g.reshape(picked, shape.dims());
    }

    /** How often each whole number below a limit is among some, [limit]. */
    static Node counts(Graph g, Node ids, int limit) {
        int count = ids.shape().size();
        Node ones = g.broadcast(g.constant(Tensor.scalar(1)), Shape.of(count, 1));
        return g.reshape(g.apply(new Op.GatherGrad(limit), ones, g.reshape(ids, count)), limit);
    }

    /** The unit matrix, [n, n]. */
    static Tensor unit(int n) {
        Tensor unit = Tensor.zeros(Shape.of(n, n));
        for (int i = 0; i < n; i++) {
            unit.set((long) i * n + i, 1);
        }
        return unit;
    }
}
