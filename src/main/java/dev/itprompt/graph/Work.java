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
        long written = node.shape().bytes();
        long read = node.inputs().stream().mapToLong(input -> input.shape().bytes()).sum();
        return switch (node.op()) {
            case Op.Source _, Op.View _ -> new Work(0, 0);
            // Of these only what is picked is read.
            case Op.Gather _, Op.SelectToken _ -> new Work(0, 2 * written + node.input(1).shape().bytes());
            case Op.Slice _ -> new Work(0, 2 * written);
            case Op.MatMul m -> {
                Shape a = node.input(0).shape();
                yield new Work(2.0 * node.shape().size() * (m.transposeA() ? a.rows() : a.last()), written + read);
            }
            case Op.Attention a -> new Work(product(node, a.causal()), written + read);
            // Gradients of values, probabilities, queries and keys, where scores and their use were two products.
            case Op.AttentionGrad a -> new Work(2 * product(node, a.causal()), written + read);
            case Op.Add _, Op.Multiply _, Op.Divide _, Op.Affine _, Op.Exp _, Op.Log _, Op.Sqrt _, Op.Sum _, Op.Repeat _,
                    Op.Concat _, Op.Pad _, Op.SelectTokenGrad _, Op.GatherGrad _, Op.TopK _, Op.Activate _, Op.ActivateGrad _, Op.LayerNorm _,
                    Op.LayerNormGrad _, Op.LayerNormGainGrad _, Op.Patches _, Op.Normalize _, Op.NormalizeGrad _, Op.Softmax _,
                    Op.SoftmaxGrad _, Op.CrossEntropy _, Op.CrossEntropyGrad _, Op.SoftCrossEntropy _, Op.SoftCrossEntropyGrad _,
                    Op.SoftCrossEntropyTargetGrad _, Op.GlobalNorm _, Op.AdamW _, Op.Sgd _, Op.FurtherResult _ ->
                new Work(0, written + read);
        };
    }

    /** The work of several nodes together. */
    public static Work of(Collection<Node> nodes) {
        return nodes.stream().map(Work::of).reduce(new Work(0, 0), Work::plus);
    }

    /** Both together. */
    public Work plus(Work other) {
        return new Work(flops + other.flops, bytes + other.bytes);
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
