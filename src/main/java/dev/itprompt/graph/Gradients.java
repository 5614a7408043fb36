package dev.itprompt.graph;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reverse-mode differentiation as a graph transform. Backward nodes are added only on paths from the parameters to the loss,
 * so that with a frozen backbone and prompts as the only parameters there is no weight gradient, nothing backward below the
 * first prompted layer and no activation kept there. What stands behind an {@link Op.StopGradient} or an {@link Op.TopK} is on no
 * such path; every other dependence is differentiated or refused.
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
            if (!node.op().isConstant() && node.inputs().stream().anyMatch(needed::contains)) {
                needed.add(node);
            }
        }
        gradients[loss.id()] = graph.constant(Tensor.scalar(1));
        for (Node node : forward.reversed()) {
            Node dy = gradients[node.id()];
            if (dy != null && needed.contains(node) && !node.op().isConstant()) {
                graph.scopedLike(node, () -> backward(node, dy));
            }
        }
    }

    /** Gives every input that depends on a parameter its share of the gradient. */
    private void backward(Node node, Node dy) {
        List<Supplier<Node>> derivatives = derivatives(node, dy);
        for (int i = 0; i < node.inputs().size(); i++) {
            Node input = node.input(i);
            if (needed.contains(input)) {
                if (i >= derivatives.size()) {
                    throw new IllegalArgumentException("no derivative of " + node + " with respect to its input " + i + ", " + input
                            + ", which depends on a parameter; a stop-gradient makes a constant of it");
                }
                Node known = gradients[input.id()];
                Node gradient = derivatives.get(i).get();
                gradients[input.id()] = known == null ? gradient : graph.add(known, gradient);
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

    /** The node's own result as its backward pass is to read it. */
    private Node result(Node node) {
        return value(node, node.scope());
    }

    private Node value(Node value, Node.Scope inside) {
        boolean within = !inside.equals(Node.Scope.NONE) && value.scope().equals(inside);
        if (!graph.recomputes() || !within || value.op() instanceof Op.Source) {
            return value;
        }
        Node known = again.get(value);
        if (known == null) {
            known = graph.apply(value.op(), value.inputs().stream().map(input -> value(input, inside)).toArray(Node[]::new));
            again.put(value, known);
        }
        return known;
    }

    /** What adds the gradient with respect to each input, in order; the inputs beyond have none. */
    private List<Supplier<Node>> derivatives(Node node, Node dy) {
        Graph g = graph;
        if (node.inputs().isEmpty()) {
            throw new AssertionError("a source has no inputs: " + node);
        }
        Shape shape = node.input(0).shape();
        return switch (node.op()) {
            case Op.MatMul m -> matMul(node, m, dy);
            case Op.Add _ -> List.of(() -> dy, () -> g.sumTo(dy, node.input(1).shape()));
            case Op.Multiply _ -> List.of(
                    () -> g.multiply(dy, read(node, 1)),
                    () -> g.sumTo(g.multiply(dy, read(node, 0)), node.input(1).shape()));
            case Op.Divide _ -> List.of(
                    () -> g.divide(dy, read(node, 1)),
                    () -> g.scale(g.divide(g.sumTo(g.multiply(dy, result(node)), node.input(1).shape()), read(node, 1)), -1));
            case Op.Affine a -> List.of(() -> g.scale(dy, a.scale()));
            case Op.Exp _ -> List.of(() -> g.multiply(dy, result(node)));
            case Op.Log _ -> List.of(() -> g.divide(dy, read(node, 0)));
            case Op.Sqrt _ -> List.of(() -> g.scale(g.divide(dy, result(node)), 0.5f));
            case Op.Sum s -> List.of(() -> g.repeat(dy, s.axis(), shape.dim(s.axis())));
            case Op.Repeat r -> List.of(() -> g.sum(dy, r.axis()));
            case Op.Reshape _ -> List.of(() -> g.reshape(dy, shape.dims()));
            case Op.Concat c -> concat(node, c.axis(), dy);
            case Op.Slice s -> List.of(() -> g.pad(dy, s.axis(), s.from(), shape.dim(s.axis())));
            case Op.Pad p -> List.of(() -> g.slice(dy, p.axis(), p.from(), shape.dim(p.axis())));
            case Op.SelectToken _ -> List.of(() -> g.apply(new Op.SelectTokenGrad(shape.dim(1)), dy, read(node, 1)));
            case Op.Gather _ -> List.of(() -> g.apply(new Op.GatherGrad(shape.dim(0)), dy, read(node, 1)));
            case Op.Activate a -> List.of(() -> g.apply(new Op.ActivateGrad(a.kind()), read(node, 0), dy));
            case Op.LayerNorm n -> List.of(
                    () -> g.apply(new Op.LayerNormGrad(n.epsilon()), read(node, 0), read(node, 1), dy),
                    () -> g.apply(new Op.LayerNormGainGrad(n.epsilon()), read(node, 0), dy),
                    () -> g.sumTo(dy, node.input(2).shape()));
            case Op.Attention a -> attention(node, a, dy);
            case Op.Normalize _ -> List.of(() -> g.apply(new Op.NormalizeGrad(), read(node, 0), dy));
            case Op.Softmax _ -> List.of(() -> g.apply(new Op.SoftmaxGrad(), result(node), dy));
            case Op.CrossEntropy _ -> List.of(() -> g.apply(new Op.CrossEntropyGrad(), read(node, 0), read(node, 1), dy));
            case Op.SoftCrossEntropy _ -> List.of(
                    () -> g.apply(new Op.SoftCrossEntropyGrad(), read(node, 0), read(node, 1), dy),
                    () -> g.apply(new Op.SoftCrossEntropyTargetGrad(), read(node, 0), dy));
            case Op.Source _, Op.StopGradient _, Op.TopK _ -> throw new AssertionError("a constant has no derivative: " + node);
            case Op.Patches _, Op.ActivateGrad _, Op.LayerNormGrad _, Op.LayerNormGainGrad _, Op.AttentionGrad _,
                    Op.SelectTokenGrad _, Op.GatherGrad _, Op.NormalizeGrad _, Op.SoftmaxGrad _, Op.CrossEntropyGrad _,
                    Op.SoftCrossEntropyGrad _, Op.SoftCrossEntropyTargetGrad _, Op.GlobalNorm _, Op.AdamW _, Op.Sgd _, Op.FurtherResult _ ->
                List.of();
        };
    }

    private List<Supplier<Node>> matMul(Node node, Op.MatMul op, Node dy) {
        Graph g = graph;
        return List.of(
                () -> op.transposeA()
                        ? g.shaped(g.apply(new Op.MatMul(op.transposeB(), true), read(node, 1), dy), node.input(0).shape())
                        : g.apply(new Op.MatMul(false, !op.transposeB()), dy, read(node, 1)),
                () -> {
                    Node a = read(node, 0);
                    return op.transposeB()
                            ? g.apply(new Op.MatMul(true, op.transposeA()), rows(dy), rows(a))
                            : g.apply(new Op.MatMul(!op.transposeA(), false), rows(a), rows(dy));
                },
                () -> g.sumTo(dy, node.input(2).shape()));
    }

    private List<Supplier<Node>> concat(Node node, int axis, Node dy) {
        List<Supplier<Node>> parts = new ArrayList<>();
        int from = 0;
        for (Node part : node.inputs()) {
            int start = from;
            int count = part.shape().dim(axis);
            parts.add(() -> graph.slice(dy, axis, start, count));
            from += count;
        }
        return parts;
    }

    /** The node seen as a matrix: leading extents flattened. */
    private Node rows(Node x) {
        return x.shape().rank() == 2 ? x : graph.reshape(x, x.shape().rows(), x.shape().last());
    }

    private List<Supplier<Node>> attention(Node node, Op.Attention op, Node dy) {
        List<Node> inputs = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            inputs.add(read(node, i));
        }
        inputs.add(dy);
        Node gradient = graph.apply(new Op.AttentionGrad(op.heads(), op.causal()), inputs.toArray(Node[]::new));
        return List.of(() -> gradient, () -> graph.extra(gradient, 0), () -> graph.extra(gradient, 1));
    }
}
