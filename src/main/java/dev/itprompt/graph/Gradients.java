package dev.itprompt.graph;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reverse-mode differentiation as a graph transform. Backward nodes are added only on paths from the parameters to the loss,
 * so that with a frozen backbone and prompts as the only parameters there is no weight gradient, nothing backward below the
 * first prompted layer and no activation kept there.
 */
public final class Gradients {

    private final Graph graph;
    private final Set<Node> needed = new HashSet<>();
    private final Node[] gradients;
    /** Values computed again, by the value; see {@link Graph#recomputing}. */
    private final Map<Node, Node> again = new HashMap<>();

    private Gradients(Graph graph, int size) {
        this.graph = graph;
        this.gradients = new Node[size];
    }

    /**
     * Adds the gradients of a scalar to the graph.
     *
     * @param loss       a scalar of the graph
     * @param parameters nodes of the graph, usually variables
     * @return one node per parameter, of its shape: the derivative of the loss
     * @throws IllegalArgumentException if the loss is no scalar, does not depend on a parameter, or depends on it through an
     *                                  op that has no derivative
     */
    public static List<Node> of(Graph graph, Node loss, List<Node> parameters) {
        if (loss.shape().rank() != 0) {
            throw new IllegalArgumentException("gradients need a scalar loss, got " + loss);
        }
        Gradients pass = new Gradients(graph, graph.nodes().size());
        pass.run(loss, parameters);
        List<Node> result = new ArrayList<>();
        for (Node parameter : parameters) {
            Node gradient = pass.gradients[parameter.id()];
            if (gradient == null) {
                throw new IllegalArgumentException("the loss does not depend on " + parameter);
            }
            result.add(gradient);
        }
        return result;
    }

    private void run(Node loss, List<Node> parameters) {
        List<Node> forward = List.copyOf(graph.nodes().subList(0, loss.id() + 1));
        needed.addAll(parameters);
        for (Node node : forward) {
            if (node.inputs().stream().anyMatch(needed::contains)) {
                needed.add(node);
            }
        }
        gradients[loss.id()] = graph.constant(Tensor.scalar(1));
        for (Node node : forward.reversed()) {
            Node dy = gradients[node.id()];
            if (dy != null && needed.contains(node) && !node.inputs().isEmpty()) {
                graph.scopedLike(node, () -> backward(node, dy));
            }
        }
    }

    /**
     * An input of a node as its backward pass is to read it: computed again if it is a value inside of the node's repetition, and
     * the graph does so.
     */
    private Node read(Node node, int input) {
        return value(node.input(input), node.scope());
    }

    private Node value(Node value, Node.Scope inside) {
        if (!graph.recomputes() || value.op().isSource() || inside.equals(Node.Scope.NONE) || !value.scope().equals(inside)) {
            return value;
        }
        Node known = again.get(value);
        if (known == null) {
            known = graph.apply(value.op(), value.inputs().stream().map(input -> value(input, inside)).toArray(Node[]::new));
            again.put(value, known);
        }
        return known;
    }

    private boolean wants(Node node, int input) {
        return needed.contains(node.input(input));
    }

    private void give(Node input, Node gradient) {
        Node known = gradients[input.id()];
        gradients[input.id()] = known == null ? gradient : graph.add(known, gradient);
    }

    private void giveIfWanted(Node node, int input, java.util.function.Supplier<Node> gradient) {
        if (input < node.inputs().size() && wants(node, input)) {
            give(node.input(input), gradient.get());
        }
    }

    private void backward(Node node, Node dy) {
        Graph g = graph;
        Shape shape = node.input(0).shape();
        switch (node.op()) {
            case Op.MatMul m -> matMul(node, m, dy);
            case Op.Add _ -> {
                giveIfWanted(node, 0, () -> dy);
                giveIfWanted(node, 1, () -> g.sumTo(dy, node.input(1).shape()));
            }
            case Op.Multiply _ -> {
                giveIfWanted(node, 0, () -> g.multiply(dy, read(node, 1)));
                giveIfWanted(node, 1, () -> g.sumTo(g.multiply(dy, read(node, 0)), node.input(1).shape()));
            }
            case Op.Affine a -> giveIfWanted(node, 0, () -> g.scale(dy, a.scale()));
            case Op.Exp _ -> giveIfWanted(node, 0, () -> g.multiply(dy, value(node, node.scope())));
            case Op.SumTo _ -> giveIfWanted(node, 0, () -> g.broadcast(dy, shape));
            case Op.Broadcast _ -> giveIfWanted(node, 0, () -> g.sumTo(dy, shape));
            case Op.Reshape _ -> giveIfWanted(node, 0, () -> g.reshape(dy, shape.dims()));
            case Op.ConcatRows _ -> {
                int rows = shape.dim(0);
                giveIfWanted(node, 0, () -> g.sliceRows(dy, 0, rows));
                giveIfWanted(node, 1, () -> g.sliceRows(dy, rows, node.input(1).shape().dim(0)));
            }
            case Op.SliceRows s -> giveIfWanted(node, 0, () -> g.apply(new Op.PadRows(s.from(), shape.dim(0)), dy));
            case Op.PadRows p -> giveIfWanted(node, 0, () -> g.sliceRows(dy, p.from(), shape.dim(0)));
            case Op.Activate a -> giveIfWanted(node, 0, () -> g.apply(new Op.ActivateGrad(a.kind()), read(node, 0), dy));
            case Op.LayerNorm n -> {
                giveIfWanted(node, 0, () -> g.apply(new Op.LayerNormGrad(n.epsilon()), read(node, 0), read(node, 1), dy));
                giveIfWanted(node, 1, () -> g.apply(new Op.LayerNormGainGrad(n.epsilon()), read(node, 0), dy));
                giveIfWanted(node, 2, () -> g.sumTo(dy, node.input(2).shape()));
            }
            case Op.Attention a -> attention(node, a, dy);
            case Op.PrependToken _ -> {
                giveIfWanted(node, 0, () -> g.apply(new Op.DropToken(), dy));
                giveIfWanted(node, 1, () -> {
                    Node first = g.constant(Tensor.zeros(Shape.of(dy.shape().dim(0))));
                    return g.sumTo(g.selectToken(dy, first), node.input(1).shape());
                });
            }
            case Op.DropToken _ -> giveIfWanted(node, 0, () -> g.apply(new Op.PadToken(), dy));
            case Op.PadToken _ -> giveIfWanted(node, 0, () -> g.apply(new Op.DropToken(), dy));
            case Op.SelectToken _ -> giveIfWanted(node, 0,
                    () -> g.apply(new Op.SelectTokenGrad(shape.dim(1)), dy, read(node, 1)));
            case Op.MeanTokens _ -> giveIfWanted(node, 0, () -> g.apply(new Op.MeanTokensGrad(shape.dim(1)), dy));
            case Op.Gather _ -> giveIfWanted(node, 0, () -> g.apply(new Op.GatherGrad(shape.dim(0)), dy, read(node, 1)));
            case Op.Normalize _ -> giveIfWanted(node, 0, () -> g.apply(new Op.NormalizeGrad(), read(node, 0), dy));
            case Op.Softmax _ -> giveIfWanted(node, 0, () -> g.apply(new Op.SoftmaxGrad(), value(node, node.scope()), dy));
            case Op.CrossEntropy _ -> giveIfWanted(node, 0, () -> g.apply(new Op.CrossEntropyGrad(), read(node, 0), read(node, 1), dy));
            case Op.SoftCrossEntropy _ -> giveIfWanted(node, 0,
                    () -> g.apply(new Op.SoftCrossEntropyGrad(), read(node, 0), read(node, 1), dy));
            case Op.Input _, Op.Constant _, Op.Variable _ -> throw new AssertionError("a source has no inputs: " + node);
            case Op.Patches _, Op.ActivateGrad _, Op.LayerNormGrad _, Op.LayerNormGainGrad _, Op.AttentionGrad _,
                    Op.SelectTokenGrad _, Op.MeanTokensGrad _, Op.GatherGrad _, Op.NormalizeGrad _, Op.SoftmaxGrad _,
                    Op.CrossEntropyGrad _, Op.SoftCrossEntropyGrad _, Op.GlobalNorm _, Op.AdamW _, Op.Sgd _, Op.Extra _ ->
                throw new IllegalArgumentException("no derivative of " + node);
        }
    }

    private void matMul(Node node, Op.MatMul op, Node dy) {
        Graph g = graph;
        giveIfWanted(node, 0, () -> op.transposeA()
                ? shaped(g.apply(new Op.MatMul(op.transposeB(), true), read(node, 1), dy), node.input(0).shape())
                : g.apply(new Op.MatMul(false, !op.transposeB()), dy, read(node, 1)));
        giveIfWanted(node, 1, () -> {
            Node a = read(node, 0);
            if (op.transposeB()) {
                return g.apply(new Op.MatMul(true, op.transposeA()), rows(dy), rows(a));
            }
            return g.apply(new Op.MatMul(!op.transposeA(), false), rows(a), rows(dy));
        });
        giveIfWanted(node, 2, () -> g.sumTo(dy, node.input(2).shape()));
    }

    /** The node seen as a matrix: leading extents flattened. */
    private Node rows(Node x) {
        return x.shape().rank() == 2 ? x : graph.reshape(x, x.shape().rows(), x.shape().last());
    }

    private Node shaped(Node x, Shape shape) {
        return x.shape().equals(shape) ? x : graph.reshape(x, shape.dims());
    }

    private void attention(Node node, Op.Attention op, Node dy) {
        List<Node> inputs = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            inputs.add(read(node, i));
        }
        inputs.add(dy);
        Node gradient = graph.apply(new Op.AttentionGrad(op.heads(), op.causal()), inputs.toArray(Node[]::new));
        giveIfWanted(node, 0, () -> gradient);
        giveIfWanted(node, 1, () -> graph.extra(gradient, 0));
        giveIfWanted(node, 2, () -> graph.extra(gradient, 1));
    }
}
