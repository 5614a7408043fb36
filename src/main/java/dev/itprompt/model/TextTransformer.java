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
 * @param layers     number of blocks
 * @param heads      attention heads
 * @param embedding  E, columns of the projection
 * @param activation QuickGELU in OpenAI's CLIP
 * @param epsilon    of layer norms
 */
public record TextTransformer(int context, int vocabulary, int width, int layers, int heads, int embedding,
                              Op.Activation activation, float epsilon) {

    /** OpenAI's CLIP: QuickGELU, eps 1e-5, heads of width 64. */
    public static TextTransformer clip(int context, int vocabulary, int width, int layers, int embedding) {
        return new TextTransformer(context, vocabulary, width, layers, Math.max(1, width / 64), embedding,
                Op.Activation.QUICK_GELU, 1e-5f);
    }

    /** Number of weights. */
    public long parameters() {
        return (long) (vocabulary + context) * width + Transformer.parameters(width, layers) + 2L * width + (long) width * embedding;
    }

    /**
     * Adds the whole tower.
     *
     * @param parameters the model's root; text names have no common prefix
     * @param tokens     [B, context] token ids, zero-padded
     * @param end        [B] position of the end-of-text token
     * @return [B, E], not normalised
     */
    public Node apply(Parameters parameters, Node tokens, Node end) {
        Graph g = parameters.graph();
        Node x = g.gather(parameters.get("token_embedding.weight", vocabulary, width), tokens);
        x = g.add(x, parameters.get("positional_embedding", context, width));
        Transformer blocks = new Transformer("text.block", width, layers, heads, true, activation, epsilon);
        x = blocks.apply(parameters.in("transformer"), x, Map.of(), end);
        Node pooled = Transformer.layerNorm(parameters.in("ln_final"), x, width, epsilon);
        return g.matMul(pooled, parameters.get("text_projection", width, embedding));
    }
}
