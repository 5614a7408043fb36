package dev.itprompt.graph;

import dev.itprompt.tensor.Shape;
import java.io.Serializable;
import java.util.List;

/**
 * One value of a {@link Graph}: an op, the nodes it reads, the shape of its result, and where in the model it stands.
 *
 * <p>Nodes are made by {@link Graph} alone, are compared by identity and numbered in an order in which inputs come first.
 */
public final class Node {

    /**
     * Place in the model, for example {@code vision.block} 3: equal names with different indices mark repetitions of one
     * piece of graph, which a device may compile once.
     *
     * @param name  what is repeated; empty outside of any repetition
     * @param index which repetition, from 0
     */
    public record Scope(String name, int index) implements Serializable {
        static final Scope NONE = new Scope("", 0);
    }

    private final int id;
    private final Op op;
    private final List<Node> inputs;
    private final Shape shape;
    private final Scope scope;

    Node(int id, Op op, List<Node> inputs, Shape shape, Scope scope) {
        this.id = id;
        this.op = op;
        this.inputs = List.copyOf(inputs);
        this.shape = shape;
        this.scope = scope;
    }

    /** Position in the graph, from 0. */
    public int id() {
        return id;
    }

    public Op op() {
        return op;
    }

    public List<Node> inputs() {
        return inputs;
    }

    public Node input(int index) {
        return inputs.get(index);
    }

    /** Shape of the (main) result. */
    public Shape shape() {
        return shape;
    }

    public Scope scope() {
        return scope;
    }

    /** For example {@code %12 MatMul [128, 64] vision.block.3}. */
    @Override
    public String toString() {
        String place = scope == Scope.NONE ? "" : " " + scope.name() + "." + scope.index();
        return "%" + id + " " + op.getClass().getSimpleName() + " " + shape + place;
    }
}
