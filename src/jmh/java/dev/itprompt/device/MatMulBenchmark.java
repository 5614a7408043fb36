package dev.itprompt.device;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import org.openjdk.jmh.annotations.Param;

/** The matrix products of a block and of a classifier. */
public class MatMulBenchmark extends OpBenchmark {

    /** Where in a training step. */
    public enum Product {
        /** Queries, keys and values. */
        QKV,
        /** After attention. */
        PROJECTION,
        /** First layer of the MLP with its non-linearity, which runs in the same pass. */
        MLP_UP,
        /** Second layer of the MLP with the residual, added in the same pass. */
        MLP_DOWN,
        /** Gradient with respect to the input of the MLP's first layer. */
        MLP_UP_GRADIENT,
        /** A weight's gradient: both operands are activations. */
        WEIGHT_GRADIENT,
        /** A layer in training, whose weight is packed in each run. */
        TRAINED,
        /** Class scores, 100 classes. */
        CLASSIFIER
    }

    @Param
    public Product product;

    @Override
    Node build(Graph g) {
        int rows = sizes.rows();
        int width = sizes.width;
        int hidden = sizes.hidden();
        return switch (product) {
            case QKV -> g.linear(normal(rows, width), constant(3 * width, width), constant(3 * width));
            case PROJECTION -> g.linear(normal(rows, width), constant(width, width), constant(width));
            case MLP_UP -> g.activate(g.linear(normal(rows, width), constant(hidden, width), constant(hidden)),
                    Op.Activation.QUICK_GELU);
            case MLP_DOWN -> g.add(g.linear(normal(rows, hidden), constant(width, hidden), constant(width)), normal(rows, width));
            case MLP_UP_GRADIENT -> g.matMul(normal(rows, hidden), constant(hidden, width));
            case WEIGHT_GRADIENT -> g.apply(new Op.MatMul(true, false), normal(rows, width), normal(rows, width));
            case TRAINED -> g.linear(normal(rows, width), variable(width, width), variable(width));
            case CLASSIFIER -> g.linear(normal(sizes.batch, width), variable(100, width), variable(100));
        };
    }
}
