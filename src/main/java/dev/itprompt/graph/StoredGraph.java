package dev.itprompt.graph;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph as another process gets it, which makes the same graph of it, with the same numbers of nodes. Weights that both have are named;
 * other constants and variables are there with their values.
 *
 * @param items nodes in their order
 */
public record StoredGraph(List<Item> items) implements Serializable {

    /** What tells an op from others of its kind. */
    private sealed interface Content extends Serializable {

        /** An op with all that it is. */
        record Plain(Op op) implements Content {}

        /** A constant that is a weight of the model. */
        record Weight(String name) implements Content {}

        /** Another constant. */
        record Constant(float[] values) implements Content {}

        /** A variable and what it begins with. */
        record Variable(String name, float[] values) implements Content {}
    }

    /**
     * A node.
     *
     * @param inputs numbers of nodes
     */
    public record Item(Content content, int[] inputs, Shape shape, Node.Scope scope) implements Serializable {}

    /**
     * Of a graph.
     *
     * @param weights that the other process has as well, by name
     */
    public static StoredGraph of(Graph graph, Map<String, Tensor> weights) {
        Map<Tensor, String> names = new IdentityHashMap<>();
        weights.forEach((name, tensor) -> names.put(tensor, name));
        return new StoredGraph(new ArrayList<>(graph.nodes().stream().map(node -> new Item(content(node.op(), names),
                node.inputs().stream().mapToInt(Node::id).toArray(), node.shape(), node.scope())).toList()));
    }

    private static Content content(Op op, Map<Tensor, String> names) {
        return switch (op) {
            case Op.Constant constant when names.containsKey(constant.value()) -> new Content.Weight(names.get(constant.value()));
            case Op.Constant constant -> new Content.Constant(constant.value().toArray());
            case Op.Variable variable -> new Content.Variable(variable.name(), variable.initial().toArray());
            default -> new Content.Plain(op);
        };
    }

    /**
     * The graph.
     *
     * @param weights that are named in it
     */
    public Graph graph(Map<String, Tensor> weights) {
        Graph graph = new Graph();
        for (Item item : items) {
            Op op = switch (item.content()) {
                case Content.Plain plain -> plain.op();
                case Content.Weight weight -> new Op.Constant(weights.get(weight.name()));
                case Content.Constant constant -> new Op.Constant(Tensor.of(item.shape(), constant.values()));
                case Content.Variable variable -> new Op.Variable(variable.name(), Tensor.of(item.shape(), variable.values()));
            };
            List<Node> inputs = new ArrayList<>();
            for (int input : item.inputs()) {
                inputs.add(graph.nodes().get(input));
            }
            graph.add(op, inputs, item.shape(), item.scope());
        }
        return graph;
    }
}
