package dev.itprompt.prompt;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.model.VisionTransformer.Place;
import dev.itprompt.model.VisionTransformer.Pooled;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Tensor;
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
 * @param pools    how images use pools whose entries are no tasks', by the pool's name
 */
public record Entered(Map<Integer, Transformer.Prefix> prefixes, ExtraTokens tokens, Map<String, Node> terms,
                      Map<String, Node> shown, Map<String, Use> pools) {

    static final String TASK = "task";

    /**
     * Tokens beside those of the image.
     *
     * @param rows   [P, D] or [B, P, D]
     * @param place  where they stand
     * @param pooled the tokens that make the image's features
     */
    public record ExtraTokens(Node rows, Place place, Pooled pooled) {}

    /**
     * How images use a pool.
     *
     * @param node    entries that were chosen, [B, k], or [k] for the whole batch; or weights of all of them, [B, n]
     * @param entries n
     * @param weighed whether it holds weights
     */
    public record Use(Node node, int entries, boolean weighed) {

        /**
         * The use by the first images of a pass.
         *
         * @param values of the node
         */
        public PoolUse of(Tensor values, int images) {
            double[] sums = new double[entries];
            int columns = values.shape().last();
            boolean each = values.shape().rank() > 1;
            for (int i = 0; i < images; i++) {
                for (int k = 0; k < columns; k++) {
                    float value = values.get(each ? (long) i * columns + k : k);
                    sums[weighed ? k : (int) value] += weighed ? Math.abs(value) : 1;
                }
            }
            return new PoolUse(images, sums, weighed);
        }
    }

    /** Prefixes without a choice or a loss. */
    static Entered of(Map<Integer, Transformer.Prefix> prefixes) {
        return new Entered(prefixes, null, Map.of(), Map.of(), Map.of());
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
                joined(shown, other.shown, name), joined(pools, other.pools, name));
    }

    private static <T> Map<String, T> joined(Map<String, T> own, Map<String, T> others, String name) {
        Map<String, T> all = new LinkedHashMap<>(own);
        others.forEach((key, value) -> all.put(name + "." + key, value));
        return all;
    }
}
