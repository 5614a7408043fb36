package dev.itprompt.graph;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.ShapeException;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A static computation: nodes in the order of their making, which is an order in which they can run. Each method adds one
 * node and checks shapes at once, so that a mistake is reported where the model is described and not where it runs.
 *
 * <p>A graph is built by one thread, then compiled by a device and not changed any more.
 */
public final class Graph {

    private final boolean recomputes;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Tensor, Node> constants = new IdentityHashMap<>();
    private Node.Scope scope = Node.Scope.NONE;

    /** An empty graph whose gradients keep what they need. */
    public Graph() {
        this(false);
    }

    private Graph(boolean recomputes) {
        this.recomputes = recomputes;
    }

    /**
     * An empty graph whose gradients compute the values inside of a repetition ({@link #scoped}) again from what enters it, so that
     * only that is kept until the backward pass (Chen et al. 2016, Training Deep Nets with Sublinear Memory Cost).
     */
    public static Graph recomputing() {
        return new Graph(true);
    }

    /** Whether gradients compute values inside of repetitions again. */
    boolean recomputes() {
        return recomputes;
    }

    /** All nodes; inputs come before the nodes that read them. */
    public List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /** Marks nodes added while {@code body} runs as repetition {@code index} of the piece of model called {@code name}. */
    public void scoped(String name, int index, Runnable body) {
        Node.Scope outer = scope;
        scope = new Node.Scope(name, index);
        try {
            body.run();
        } finally {
            scope = outer;
        }
    }

    /** Runs {@code body} with the scope of an existing node: gradients stand where their forward node stands. */
    void scopedLike(Node node, Runnable body) {
        scoped(node.scope().name(), node.scope().index(), body);
    }

    // ---- sources ------------------------------------------------------------------------------------------------

    /** A value written before every run. */
    public Node input(String name, Shape shape) {
        return append(new Op.Input(name), List.of(), shape);
    }

    /** A frozen value; the same tensor gives the same node. The tensor must not change afterwards. */
    public Node constant(Tensor value) {
        Node known = constants.get(value);
        if (known == null) {
            known = append(new Op.Constant(value), List.of(), value.shape());
            constants.put(value, known);
        }
        return known;
    }

    /** A trainable or otherwise persistent value; {@code initial} is copied when the graph is compiled. */
    public Node variable(String name, Tensor initial) {
        return append(new Op.Variable(name, initial), List.of(), initial.shape());
    }

    /** Adds a node for any op that is no source. */
    public Node apply(Op op, Node... inputs) {
        List<Node> in = Arrays.asList(inputs);
        Shape shape = ShapeRules.infer(op, in.stream().map(Node::shape).toList());
        if (op instanceof Op.Indexed indexed) {
            Indices.check(indexed, in.get(0), in.get(1));
        }
        return append(op, in, shape);
    }

    /** Adds a node as another graph has it, whose shape is known to be right. */
    void add(Op op, List<Node> inputs, Shape shape, Node.Scope place) {
        scoped(place.name(), place.index(), () -> append(op, inputs, shape));
    }

    private Node append(Op op, List<Node> inputs, Shape shape) {
        for (Node input : inputs) {
            if (input.id() >= nodes.size() || nodes.get(input.id()) != input) {
                throw new IllegalArgumentException(op + " reads " + input + ", which belongs to another graph");
            }
        }
        Node node = new Node(nodes.size(), op, inputs, shape, scope);
        nodes.add(node);
        return node;
    }

    // ---- ops; see Op for their meaning --------------------------------------------------------------------------

    /** a [M, K] times b [K, n]. */
    public Node matMul(Node a, Node b) {
        return apply(new Op.MatMul(false, false), a, b);
    }

    /** a [M, K] times the transpose of b [n, K]. */
    public Node matMulTransposed(Node a, Node b) {
        return apply(new Op.MatMul(false, true), a, b);
    }

    /** A linear layer: x […, K] times the transpose of weight [n, K], plus bias [n] unless that is null. */
    public Node linear(Node x, Node weight, Node bias) {
        Op op = new Op.MatMul(false, true);
        return bias == null ? apply(op, x, weight) : apply(op, x, weight, bias);
    }

    public Node add(Node a, Node b) {
        return apply(new Op.Add(), a, b);
    }

    public Node multiply(Node a, Node b) {
        return apply(new Op.Multiply(), a, b);
    }

    public Node divide(Node a, Node b) {
        return apply(new Op.Divide(), a, b);
    }

    public Node scale(Node x, double factor) {
        return affine(x, factor, 0);
    }

    /** {@code scale·x + shift}. */
    public Node affine(Node x, double scale, double shift) {
        return apply(new Op.Affine(scale, shift), x);
    }

    public Node exp(Node x) {
        return apply(new Op.Exp(), x);
    }

    public Node log(Node x) {
        return apply(new Op.Log(), x);
    }

    public Node sqrt(Node x) {
        return apply(new Op.Sqrt(), x);
    }

    /** The sum over an axis; axis −1 is the innermost. */
    public Node sum(Node x, int axis) {
        return apply(new Op.Sum(axis(x, axis)), x);
    }

    /** The mean over an axis; axis −1 is the innermost. */
    public Node mean(Node x, int axis) {
        Node sum = sum(x, axis);
        return scale(sum, 1.0 / x.shape().dim(axis));
    }

    /** The mean of all elements, a scalar. */
    public Node mean(Node x) {
        return scale(sumTo(x, Shape.SCALAR), 1.0 / x.shape().size());
    }

    /** x repeated along a new axis. */
    public Node repeat(Node x, int axis, int count) {
        return apply(new Op.Repeat(axis, count), x);
    }

    /** The sum over leading extents, until the given suffix of x's shape is left; the gradient of {@link #broadcast}. */
    public Node sumTo(Node x, Shape shape) {
        if (x.shape().equals(shape)) {
            return x;
        }
        if (!shape.isSuffixOf(x.shape())) {
            throw new ShapeException("Sum: expected a shape that ends in " + shape + ", got " + x.shape());
        }
        return sum(shaped(x, shape.inserted(0, x.shape().size() / shape.size())), 0);
    }

    /** x repeated over new leading extents up to the given shape, of which x's is a suffix; the gradient of {@link #sumTo}. */
    public Node broadcast(Node x, Shape shape) {
        if (x.shape().equals(shape)) {
            return x;
        }
        if (!x.shape().isSuffixOf(shape)) {
            throw new ShapeException("Repeat: expected a suffix of " + shape + ", got " + x.shape());
        }
        return shaped(repeat(x, 0, shape.size() / x.shape().size()), shape);
    }

    public Node reshape(Node x, int... dims) {
        return apply(new Op.Reshape(Shape.of(dims)), x);
    }

    /** x under another shape; x itself if that is its own. */
    Node shaped(Node x, Shape shape) {
        return x.shape().equals(shape) ? x : apply(new Op.Reshape(shape), x);
    }

    public Node stopGradient(Node x) {
        return apply(new Op.StopGradient(), x);
    }

    /** One or more tensors after another along an axis; axis −1 is the innermost. */
    public Node concat(int axis, Node... xs) {
        return xs.length == 1 ? xs[0] : apply(new Op.Concat(axis(xs[0], axis)), xs);
    }

    /** {@code count} entries along an axis from {@code from} on; axis −1 is the innermost. */
    public Node slice(Node x, int axis, int from, int count) {
        int along = axis(x, axis);
        boolean all = from == 0 && count == x.shape().dim(along);
        return all ? x : apply(new Op.Slice(along, from, count), x);
    }

    /** x among zeros along an axis; axis −1 is the innermost. */
    public Node pad(Node x, int axis, int from, int extent) {
        return apply(new Op.Pad(axis(x, axis), from, extent), x);
    }

    /** Places of the largest elements of each row. */
    public Node topK(Node x, int count) {
        return apply(new Op.TopK(count), x);
    }

    /** The axis counted from the outermost. */
    private static int axis(Node x, int axis) {
        int rank = x.shape().rank();
        if (axis < -rank || axis >= rank) {
            throw new ShapeException("expected an axis of " + x.shape() + ", got " + axis);
        }
        return axis < 0 ? rank + axis : axis;
    }

    public Node activate(Node x, Op.Activation kind) {
        return apply(new Op.Activate(kind), x);
    }

    public Node layerNorm(Node x, Node gain, Node bias, float epsilon) {
        return apply(new Op.LayerNorm(epsilon), x, gain, bias);
    }

    /** Attention without prefixes. */
    public Node attention(Node qkv, int heads, boolean causal) {
        return apply(new Op.Attention(heads, causal), qkv);
    }

    /** Attention with prefix keys and values, each [P, D] or [B, P, D]. */
    public Node attention(Node qkv, Node prefixKeys, Node prefixValues, int heads, boolean causal) {
        return apply(new Op.Attention(heads, causal), qkv, prefixKeys, prefixValues);
    }

    public Node patches(Node image, int patch) {
        return apply(new Op.Patches(patch), image);
    }

    public Node selectToken(Node x, Node index) {
        return apply(new Op.SelectToken(), x, index);
    }

    public Node gather(Node table, Node ids) {
        return apply(new Op.Gather(), table, ids);
    }

    public Node normalize(Node x) {
        return apply(new Op.Normalize(), x);
    }

    public Node softmax(Node x) {
        return apply(new Op.Softmax(), x);
    }

    public Node crossEntropy(Node logits, Node labels) {
        return apply(new Op.CrossEntropy(), logits, labels);
    }

    public Node softCrossEntropy(Node logits, Node target) {
        return apply(new Op.SoftCrossEntropy(), logits, target);
    }

    public Node globalNorm(List<Node> xs) {
        return apply(new Op.GlobalNorm(), xs.toArray(Node[]::new));
    }

    /** Output {@code index} of a node beside its main one. */
    public Node extra(Node node, int index) {
        return append(new Op.FurtherResult(index), List.of(node), ShapeRules.extras(node).get(index));
    }
}
