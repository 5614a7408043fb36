package dev.itprompt.nn;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A stack of pre-norm transformer blocks (Vaswani et al. 2017 in the arrangement of ViT and CLIP):
 * {@code x += attention(ln_1 x)}, {@code x += mlp(ln_2 x)}. Parameter names are those of OpenAI's CLIP:
 * {@code resblocks.i.{ln_1, attn.in_proj_weight, attn.in_proj_bias, attn.out_proj, ln_2, mlp.c_fc, mlp.c_proj}}.
 *
 * @param scope      name of the repeated block in the graph, such as {@code vision.block}
 * @param width      D
 * @param hidden     width inside the MLPs, 4D in most models
 * @param layers     number of blocks, at least 1
 * @param heads      attention heads, a divisor of D
 * @param causal     whether a token sees only itself and earlier ones
 * @param activation non-linearity of the MLP
 * @param epsilon    added to the variance in layer norms
 */
public record Transformer(String scope, int width, int hidden, int layers, int heads, boolean causal, Op.Activation activation,
                          float epsilon) {

    /**
     * Prefix keys and values of one block's attention, each [P, D] for the whole batch or [B, P, D]; they enter after the
     * projections, so no weight touches them (prefix tuning as in DualPrompt and HiDe-Prompt).
     */
    public record Prefix(Node keys, Node values) {}

    /**
     * Adds all blocks.
     *
     * @param parameters below the path that holds {@code resblocks}
     * @param x          [B, N, D]
     * @param prefixes   by block number; blocks without an entry have none
     * @param asked      picks the tokens that are asked for from [B, N, D]: after the last attention no token depends on another, so
     *                   the rest of that block is computed for these alone; the identity for all
     * @return what {@code asked} makes of [B, N, D]
     */
    public Node apply(Parameters parameters, Node x, Map<Integer, Prefix> prefixes, UnaryOperator<Node> asked) {
        Node[] state = {x};
        for (int layer = 0; layer < layers; layer++) {
            Parameters block = parameters.in("resblocks." + layer);
            Prefix prefix = prefixes.get(layer);
            UnaryOperator<Node> kept = layer == layers - 1 ? asked : UnaryOperator.identity();
            parameters.graph().scoped(scope, layer, () -> state[0] = block(block, state[0], prefix, kept));
        }
        return state[0];
    }

    /**
     * Adds one block alone.
     *
     * @param parameters below the path that holds {@code resblocks}
     * @param prefix     null for none
     */
    public Node block(Parameters parameters, int number, Node x, Prefix prefix) {
        return block(parameters.in("resblocks." + number), x, prefix, UnaryOperator.identity());
    }

    /** Queries, keys and values of one block for tokens [B, N, D]: [B, N, 3D]. */
    public Node projections(Parameters parameters, int number, Node x) {
        return projections(parameters.in("resblocks." + number), x);
    }

    private Node projections(Parameters p, Node in) {
        return p.graph().linear(layerNorm(p.in("ln_1"), in, width, epsilon), p.get("attn.in_proj_weight", 3 * width, width),
                p.get("attn.in_proj_bias", 3 * width));
    }

    /** Number of weights of all blocks: D·(4·D + 2·hidden) of matrices and 9·D + hidden of biases and gains each. */
    public static long parameters(int width, int hidden, int layers) {
        return layers * (width * (4L * width + 2L * hidden) + 9L * width + hidden);
    }

    private Node block(Parameters p, Node in, Prefix prefix, UnaryOperator<Node> kept) {
        Graph g = p.graph();
        Node qkv = projections(p, in);
        Node attended = prefix == null
                ? g.attention(qkv, heads, causal)
                : g.attention(qkv, prefix.keys(), prefix.values(), heads, causal);
        Node x = kept.apply(in);
        Node mixed = kept.apply(attended);
        Node afterAttention = g.add(x, linear(p.in("attn.out_proj"), mixed, width, width));
        Node normed = layerNorm(p.in("ln_2"), afterAttention, width, epsilon);
        Node inside = g.activate(linear(p.in("mlp.c_fc"), normed, width, hidden), activation);
        return g.add(afterAttention, linear(p.in("mlp.c_proj"), inside, hidden, width));
    }

    /** A linear layer with {@code weight} [out, in] and {@code bias} [out]. */
    public static Node linear(Parameters p, Node x, int in, int out) {
        return p.graph().linear(x, p.get("weight", out, in), p.get("bias", out));
    }

    /** A layer norm with {@code weight} and {@code bias} [width]. */
    public static Node layerNorm(Parameters p, Node x, int width, float epsilon) {
        return p.graph().layerNorm(x, p.get("weight", width), p.get("bias", width), epsilon);
    }
}
