package dev.itprompt.model;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import java.util.Map;

/**
 * CLIP's text transformer (Radford et al. 2021): causal, pooled at the end-of-text token.
 *
 * @param context    longest sequence in tokens, start and end included
 * @param vocabulary number of token ids
 * @param width      D
 * @param hidden     width inside the MLPs, 4D in most models
 * @param layers     number of blocks
 * @param heads      attention heads, a divisor of D
 * @param embedding  E, columns of the projection
 * @param activation QuickGELU in OpenAI's CLIP
 * @param epsilon    of layer norms
 */
public record TextTransformer(int context, int vocabulary, int width, int hidden, int layers, int heads, int embedding,
                              Op.Activation activation, float epsilon) {

    /** OpenAI's CLIP: QuickGELU, eps 1e-5, heads of width 64. */
    public static TextTransformer clip(int context, int vocabulary, int width, int layers, int embedding) {
        return new TextTransformer(context, vocabulary, width, 4 * width, layers, Math.max(1, width / 64), embedding,
                Op.Activation.QUICK_GELU, 1e-5f);
    }

    /** Number of weights. */
    public long parameters() {
        return (long) (vocabulary + context) * width + Transformer.parameters(width, hidden, layers) + 2L * width
                + (long) width * embedding;
    }

    /**
     * Adds the whole tower: {@link #embed}, {@link #encode} and {@link #pool}.
     *
     * @param parameters the model's root; text names have no common prefix
     * @param tokens     [B, n] token ids, zero-padded; n at most {@link #context}
     * @param end        [B] position of the end-of-text token
     * @return [B, E], not normalised
     */
    public Node apply(Parameters parameters, Node tokens, Node end) {
        return pool(parameters, encode(parameters, embed(parameters, tokens), Map.of(), end));
    }

    /**
     * The first part: embeddings of tokens, without their positions. Trained vectors may stand in place of some of them, put there
     * by {@link Graph#slice} and {@link Graph#concat} (CoOp, Zhou et al. 2022).
     *
     * @param parameters the model's root
     * @param tokens     [B, n] token ids
     * @return [B, n, D]
     */
    public Node embed(Parameters parameters, Node tokens) {
        return parameters.graph().gather(parameters.get("token_embedding.weight", vocabulary, width), tokens);
    }

    /**
     * The second part: positions and blocks.
     *
     * @param parameters the model's root
     * @param embedded   [B, n, D], n at most {@link #context}
     * @param prefixes   prefix keys and values by block number
     * @param end        [B] position of the end-of-text token
     * @return [B, D], the end-of-text tokens
     */
    public Node encode(Parameters parameters, Node embedded, Map<Integer, Transformer.Prefix> prefixes, Node end) {
        Graph g = parameters.graph();
        Node positions = parameters.get("positional_embedding", context, width);
        Node x = g.add(embedded, g.slice(positions, 0, 0, embedded.shape().dim(1)));
        Transformer blocks = new Transformer("text.block", width, hidden, layers, heads, true, activation, epsilon);
        return blocks.apply(parameters.in("transformer"), x, prefixes, tokens -> g.selectToken(tokens, end));
    }

    /**
     * The last part: final layer norm and projection.
     *
     * @param parameters the model's root
     * @param ends       [B, D], end-of-text tokens after the blocks
     * @return [B, E], not normalised
     */
    public Node pool(Parameters parameters, Node ends) {
        Node normed = Transformer.layerNorm(parameters.in("ln_final"), ends, width, epsilon);
        return parameters.graph().matMul(normed, parameters.get("text_projection", width, embedding));
    }
}
