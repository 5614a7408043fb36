package dev.itprompt.device;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.graph.Op.Activation;
import dev.itprompt.tensor.Shape;
import org.openjdk.jmh.annotations.Param;

/** Ops element by element, each in a pass of its own, and sums over rows. */
public class ElementwiseBenchmark extends OpBenchmark {

    /** At the width of the MLP's hidden layer for non-linearities, of the model otherwise. */
    public enum Kind { GELU, GELU_GRADIENT, QUICK_GELU, QUICK_GELU_GRADIENT, ADD, ADD_ROW, MULTIPLY, EXP, SUM_ROWS }

    @Param
    public Kind op;

    @Override
    Node build(Graph g) {
        int rows = sizes.rows();
        int width = sizes.width;
        int hidden = sizes.hidden();
        return switch (op) {
            case GELU -> g.activate(normal(rows, hidden), Activation.GELU);
            case GELU_GRADIENT -> g.apply(new Op.ActivateGrad(Activation.GELU), normal(rows, hidden), normal(rows, hidden));
            case QUICK_GELU -> g.activate(normal(rows, hidden), Activation.QUICK_GELU);
            case QUICK_GELU_GRADIENT ->
                    g.apply(new Op.ActivateGrad(Activation.QUICK_GELU), normal(rows, hidden), normal(rows, hidden));
            case ADD -> g.add(normal(rows, width), normal(rows, width));
            case ADD_ROW -> g.add(normal(rows, width), constant(width));
            case MULTIPLY -> g.multiply(normal(rows, width), normal(rows, width));
            case EXP -> g.exp(normal(rows, width));
            case SUM_ROWS -> g.sumTo(normal(rows, width), Shape.of(width));
        };
    }
}
