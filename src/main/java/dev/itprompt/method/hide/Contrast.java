package dev.itprompt.method.hide;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;

/** HiDe-Prompt's contrastive loss, which keeps features of a task apart from those of older classes. */
public final class Contrast {

    /** What similarities are divided by in the published code. */
    public static final double TEMPERATURE = 0.8;

    private Contrast() {}

    /**
     * Each row of old centroids and of features, none of them normalised, has to be more similar to itself than to any other: the
     * mean cross-entropy of {@code M·Mᵀ/temperature} against each row's own number.
     *
     * @param centroids of old classes, [n, E], constants; null for the first task
     * @param features  of the batch, [B, E]
     */
    public static Node of(Graph g, Node centroids, Node features, double temperature) {
        Node rows = centroids == null ? features : g.concat(0, centroids, features);
        int count = rows.shape().dim(0);
        Tensor own = Tensor.zeros(Shape.of(count));
        for (int i = 0; i < count; i++) {
            own.set(i, i);
        }
        return g.crossEntropy(g.scale(g.matMulTransposed(rows, rows), 1 / temperature), g.constant(own));
    }
}
