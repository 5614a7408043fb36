package dev.itprompt.device;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import org.openjdk.jmh.annotations.Param;

/** Attention and its gradient, with and without a prompt. */
public class AttentionBenchmark extends OpBenchmark {

    /** Keys and values of the prompt, shared by the batch. */
    @Param({"0", "8"})
    public int prefix;

    @Param({"false", "true"})
    public boolean causal;

    @Param({"false", "true"})
    public boolean gradient;

    @Override
    Node build(Graph g) {
        Node qkv = normal(sizes.batch, sizes.tokens(), 3 * sizes.width);
        if (!gradient) {
            return prefix == 0 ? g.attention(qkv, sizes.heads, causal)
                    : g.attention(qkv, variable(prefix, sizes.width), variable(prefix, sizes.width), sizes.heads, causal);
        }
        Op op = new Op.AttentionGrad(sizes.heads, causal);
        Node dy = normal(sizes.batch, sizes.tokens(), sizes.width);
        return prefix == 0 ? g.apply(op, qkv, dy)
                : g.apply(op, qkv, variable(prefix, sizes.width), variable(prefix, sizes.width), dy);
    }
}
