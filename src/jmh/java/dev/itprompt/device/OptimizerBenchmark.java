package dev.itprompt.device;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/** Optimizer steps on a matrix of the MLP's size, and the gradient's length that clipping needs. */
public class OptimizerBenchmark extends OpBenchmark {

    /** Each updates the weights in place. */
    public enum Kind { ADAMW, SGD, GLOBAL_NORM }

    @Param
    public Kind op;

    @Override
    Node build(Graph g) {
        int[] shape = {sizes.hidden(), sizes.width};
        Node gradient = normal(shape);
        return switch (op) {
            case ADAMW -> g.apply(new Op.AdamW(0.9f, 0.999f, 1e-8f), variable(shape), moments(g, "m", shape),
                    moments(g, "v", shape), gradient, rates(), values(1), values(1));
            case SGD -> g.apply(new Op.Sgd(0.9f), variable(shape), moments(g, "velocity", shape), gradient, rates(), values(1));
            case GLOBAL_NORM -> g.globalNorm(List.of(gradient));
        };
    }

    /** Rate, weight decay and clip norm. */
    private Node rates() {
        return values(1e-6f, 0, 1);
    }

    private static Node moments(Graph g, String name, int... shape) {
        return g.variable(name, Tensor.zeros(Shape.of(shape)));
    }
}
