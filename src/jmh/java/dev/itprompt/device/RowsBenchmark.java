package dev.itprompt.device;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import org.openjdk.jmh.annotations.Param;

/** Ops row by row: layer normalization, softmax, Euclidean normalization, cross-entropy. */
public class RowsBenchmark extends OpBenchmark {

    private static final float EPSILON = 1e-5f;
    private static final int CLASSES = 100;

    /** Softmax has a row per head, query and image over all keys; losses have a row per image. */
    public enum Kind {
        LAYER_NORM, LAYER_NORM_GRADIENT, LAYER_NORM_GAIN_GRADIENT, SOFTMAX, SOFTMAX_GRADIENT, NORMALIZE, NORMALIZE_GRADIENT,
        CROSS_ENTROPY, CROSS_ENTROPY_GRADIENT
    }

    @Param
    public Kind op;

    @Override
    Node build(Graph g) {
        int rows = sizes.rows();
        int width = sizes.width;
        int queries = rows * sizes.heads;
        int keys = sizes.tokens();
        return switch (op) {
            case LAYER_NORM -> g.layerNorm(normal(rows, width), constant(width), constant(width), EPSILON);
            case LAYER_NORM_GRADIENT ->
                    g.apply(new Op.LayerNormGrad(EPSILON), normal(rows, width), constant(width), normal(rows, width));
            case LAYER_NORM_GAIN_GRADIENT -> g.apply(new Op.LayerNormGainGrad(EPSILON), normal(rows, width), normal(rows, width));
            case SOFTMAX -> g.softmax(normal(queries, keys));
            case SOFTMAX_GRADIENT -> g.apply(new Op.SoftmaxGrad(), normal(queries, keys), normal(queries, keys));
            case NORMALIZE -> g.normalize(normal(rows, width));
            case NORMALIZE_GRADIENT -> g.apply(new Op.NormalizeGrad(), normal(rows, width), normal(rows, width));
            case CROSS_ENTROPY -> g.crossEntropy(normal(sizes.batch, CLASSES), ids(CLASSES, sizes.batch));
            case CROSS_ENTROPY_GRADIENT ->
                    g.apply(new Op.CrossEntropyGrad(), normal(sizes.batch, CLASSES), ids(CLASSES, sizes.batch), values(1));
        };
    }
}
