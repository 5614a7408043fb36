package dev.itprompt.prompt;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.model.VisionTransformer.Place;
import dev.itprompt.model.VisionTransformer.Pooled;
import dev.itprompt.nn.Transformer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a prompting adds to a pass.
 *
 * @param prefixes prefix keys and values by block number
 * @param tokens   tokens beside those of the image; null for none
 * @param terms    scalars by name to be added to the cross-entropy in training, weighted already
 * @param shown    values worth looking at, by name and, where every block has its own, the block's number after a dot:
 *                 {@code chosen} entries, their {@code similarity}, {@code weights} of a mixture, {@code distance} to entries, the
 *                 {@code task} that was inferred where every task has an entry
 */
public record Entered(Map<Integer, Transformer.Prefix> prefixes, ExtraTokens tokens, Map<String, Node> terms,
                      Map<String, Node> shown) {

    static final String TASK = "task";

    /**
     * Tokens beside those of the image.
     *
     * @param rows   [P, D] or [B, P, D]
     * @param place  where they stand
     * @param pooled the tokens that make the image's features
     */
    public record ExtraTokens(Node rows, Place place, Pooled pooled) {}

    /** Prefixes without a choice or a loss. */
    static Entered of(Map<Integer, Transformer.Prefix> prefixes) {
        return new Entered(prefixes, null, Map.of(), Map.of());
    }

    /** The features z(x) of the pass's images with these prompts, [B, E]. */
    public Node features(Pass pass) {
        VisionTransformer model = pass.tower().model();
        if (tokens == null) {
            return model.apply(pass.tower().weights(), pass.images(), prefixes);
        }
        Node embedded = model.embed(pass.tower().weights(), pass.images());
        Node all = VisionTransformer.insert(pass.graph(), embedded, tokens.rows(), tokens.place());
        return model.pool(pass.tower().weights(), model.encode(pass.tower().weights(), all, prefixes, tokens.pooled()));
    }

    /** The task whose entry each image was given, or all of them were, if that is what was chosen; null otherwise. */
    public Node tasks() {
        return shown.entrySet().stream().filter(entry -> entry.getKey().equals(TASK) || entry.getKey().endsWith("." + TASK))
                .map(Map.Entry::getValue).findFirst().orElse(null);
    }

    /** A loss with all terms added. */
    public Node addTo(Graph graph, Node loss) {
        Node sum = loss;
        for (Node term : terms.values()) {
            sum = graph.add(sum, term);
        }
        return sum;
    }

    /** Both together; only one of them may have tokens, and no block may be prefixed twice. */
    Entered and(Entered other, String name) {
        Map<Integer, Transformer.Prefix> allPrefixes = new LinkedHashMap<>(prefixes);
        other.prefixes.forEach((block, prefix) -> {
            if (allPrefixes.put(block, prefix) != null) {
                throw new IllegalArgumentException("two prompts enter block " + block);
            }
        });
        if (tokens != null && other.tokens != null) {
            throw new IllegalArgumentException("two prompts bring tokens");
        }
        return new Entered(allPrefixes, tokens == null ? other.tokens : tokens, joined(terms, other.terms, name),
                joined(shown, other.shown, name));
    }

    private static Map<String, Node> joined(Map<String, Node> own, Map<String, Node> others, String name) {
        Map<String, Node> all = new LinkedHashMap<>(own);
        others.forEach((key, node) -> all.put(name + "." + key, node));
        return all;
    }
}
