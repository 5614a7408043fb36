package dev.itprompt.prompt;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Tokens that are tuned for all tasks and images: visual prompt tuning (Jia et al. 2022). Each block sees its own tokens beside
 * those of the image and gives none on, so that they act as prefix keys and values which the block's layer norm and projections
 * make of them. Values are {@code tokens.b} [P, D] for each block b.
 *
 * @param blocks with tokens, ascending
 * @param length P: tokens of a block
 * @param width  D
 * @param bound  values are drawn between this and its negative
 */
public record Tokens(List<Integer> blocks, int length, int width, double bound) implements Prompting {

    public Tokens {
        blocks = List.copyOf(blocks);
    }

    /** Tokens drawn as visual prompt tuning does, between ±√(6/(3·patch² + D)). */
    public static Tokens of(List<Integer> blocks, int length, VisionTransformer model) {
        int patch = model.patchSize();
        return new Tokens(blocks, length, model.width(), Math.sqrt(6.0 / (3 * patch * patch + model.width())));
    }

    @Override
    public Map<String, Tensor> beginTask(int task, Map<String, Tensor> values, RandomGenerator random) {
        if (task > 0) {
            return values;
        }
        Map<String, Tensor> drawn = new LinkedHashMap<>();
        for (int block : blocks) {
            Tensor tokens = Tensor.zeros(Shape.of(length, width));
            for (int i = 0; i < tokens.shape().size(); i++) {
                tokens.set(i, (float) random.nextDouble(-bound, bound));
            }
            drawn.put("tokens." + block, tokens);
        }
        return drawn;
    }

    @Override
    public boolean needsQueries(boolean training) {
        return false;
    }

    @Override
    public Entered enter(Pass pass) {
        Graph g = pass.graph();
        VisionTransformer model = pass.tower().model();
        Map<Integer, Transformer.Prefix> prefixes = new LinkedHashMap<>();
        for (int block : blocks) {
            Parameters weights = pass.tower().weights().in("visual").in("transformer").in("resblocks." + block);
            Node tokens = pass.prompts().get("tokens." + block, length, width);
            Node normed = Transformer.layerNorm(weights.in("ln_1"), tokens, width, model.epsilon());
            Node projected = g.linear(normed, weights.get("attn.in_proj_weight", 3 * width, width),
                    weights.get("attn.in_proj_bias", 3 * width));
            prefixes.put(block, new Transformer.Prefix(g.slice(projected, 1, width, width), g.slice(projected, 1, 2 * width, width)));
        }
        return Entered.of(prefixes);
    }
}
