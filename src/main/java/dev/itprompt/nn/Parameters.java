package dev.itprompt.nn;

import dev.itprompt.InputException;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The weights of a model as nodes of one graph, found by the names they have in a checkpoint. {@link #in} descends into a
 * part, so that a module asks for {@code weight} and gets {@code visual.transformer.resblocks.3.mlp.c_fc.weight}.
 */
public final class Parameters {

    private final Graph graph;
    private final Map<String, Tensor> weights;
    private final boolean trainable;
    private final String path;
    private final Map<String, Node> nodes;

    private Parameters(Graph graph, Map<String, Tensor> weights, boolean trainable, String path, Map<String, Node> nodes) {
        this.graph = graph;
        this.weights = weights;
        this.trainable = trainable;
        this.path = path;
        this.nodes = nodes;
    }

    /** Weights that never change: constants of the graph. */
    public static Parameters frozen(Graph graph, Map<String, Tensor> weights) {
        return new Parameters(graph, weights, false, "", new LinkedHashMap<>());
    }

    /** Weights to be trained: variables of the graph. */
    public static Parameters trainable(Graph graph, Map<String, Tensor> weights) {
        return new Parameters(graph, weights, true, "", new LinkedHashMap<>());
    }

    /** The part whose names begin with {@code part} and a dot. */
    public Parameters in(String part) {
        return new Parameters(graph, weights, trainable, path + part + ".", nodes);
    }

    public Graph graph() {
        return graph;
    }

    /**
     * The shape of a tensor, for modules whose extents are those of their values.
     *
     * @param name below this path
     * @throws InputException if the tensor is missing
     */
    public Shape shape(String name) {
        Tensor tensor = weights.get(path + name);
        if (tensor == null) {
            throw new InputException("checkpoint: tensor '" + path + name + "' is missing");
        }
        return tensor.shape();
    }

    /**
     * The node of one tensor; asked for twice it is the same node.
     *
     * @param name  below this path
     * @param shape extents the model's configuration asks for
     * @throws InputException if the tensor is missing or has another shape
     */
    public Node get(String name, int... shape) {
        String key = path + name;
        Tensor tensor = weights.get(key);
        Shape expected = Shape.of(shape);
        if (tensor == null) {
            throw new InputException("checkpoint: tensor '" + key + "' of shape " + expected + " is missing");
        }
        if (!tensor.shape().equals(expected)) {
            throw new InputException("checkpoint: tensor '" + key + "' has shape " + tensor.shape() + ", expected " + expected
                    + " by the model's configuration");
        }
        return nodes.computeIfAbsent(key, _ -> trainable ? graph.variable(key, tensor) : graph.constant(tensor));
    }

    /** All nodes asked for so far, by full name, in the order of asking. */
    public Map<String, Node> nodes() {
        return nodes;
    }
}
