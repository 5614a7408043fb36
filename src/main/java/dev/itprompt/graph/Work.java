package dev.itprompt.graph;

import dev.itprompt.tensor.Shape;
import java.util.Collection;

/**
 * What a node's definition costs at least, whatever a device makes of it.
 *
 * @param flops floating-point operations of matrix products and attention, a multiply-add as two; 0 for all other ops. Scores
 *              that a backward pass computes again are not counted
 * @param bytes inputs read once, as far as they are needed, and results written once
 */
public record Work(double flops, long bytes) {

    /** The work of one node. */
    public static Work of(Node node) {
        return new Work(flops(node), bytes(node));
    }

    /** The work of several nodes together. */
    public static Work of(Collection<Node> nodes) {
        return nodes.stream().map(Work::of).reduce(new Work(0, 0), Work::plus);
    }

    /** Both together. */
    public Work plus(Work other) {
        return new Work(flops + other.flops, bytes + other.bytes);
    }

    private static long bytes(Node node) {
        long written = node.shape().bytes();
        return switch (node.op()) {
            case Op op when op.isSource() || op.isAlias() && !op.isUpdate() -> 0;
            // Of these only the rows that are picked are read.
            case Op.Gather _, Op.SelectToken _ -> 2 * written + node.input(1).shape().bytes();
            case Op.SliceRows _, Op.DropToken _ -> 2 * written;
            default -> written + node.inputs().stream().mapToLong(input -> input.shape().bytes()).sum();
        };
    }

    private static double flops(Node node) {
        return switch (node.op()) {
            case Op.MatMul m -> {
                Shape a = node.input(0).shape();
                yield 2.0 * node.shape().size() * (m.transposeA() ? a.rows() : a.last());
            }
            case Op.Attention a -> product(node, a.causal());
            // Gradients of values, probabilities, queries and keys, where scores and their use were two products.
            case Op.AttentionGrad a -> 2 * product(node, a.causal());
            default -> 0;
        };
    }

    /** Scores and their product with the values. */
    private static double product(Node node, boolean causal) {
        Shape qkv = node.input(0).shape();
        double tokens = qkv.dim(1);
        int prefix = node.inputs().size() < 3 ? 0 : node.input(1).shape().dim(node.input(1).shape().rank() - 2);
        double keys = prefix + (causal ? (tokens + 1) / 2 : tokens);
        return 4 * qkv.dim(0) * tokens * keys * qkv.last() / 3;
    }
}
