package dev.itprompt.prompt;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.model.VisionTransformer.Place;
import dev.itprompt.model.VisionTransformer.Pooled;
import dev.itprompt.nn.Transformer;
import dev.itprompt.prompt.Entered.ExtraTokens;
import dev.itprompt.tensor.Shape;
import java.util.List;

/** What the rows of a prompt become where they enter. */
public sealed interface Form {

    /** Blocks that have a prompt of their own, ascending. */
    List<Integer> blocks();

    /** Rows of one prompt, each of {@link #width} numbers. */
    int rows();

    /** D: columns of a token. */
    int width();

    /**
     * Prefix keys and values of the attention, behind its projections (prefix tuning, as in DualPrompt): the first half of a
     * prompt's rows are keys, the second half are values.
     *
     * @param blocks   with prefixes, ascending
     * @param length   P: prefix keys, and as many values
     * @param width    D
     * @param reshaped {@code true} repeats what the first PyTorch port of DualPrompt and what was built on it do: keys and values
     *                 of a batch are taken for values and keys of other samples, because their axes are reshaped and not exchanged.
     *                 Sample b gets entries 2b and 2b+1 of the list of all keys followed by all values. For comparison with
     *                 published code only
     */
    record Prefixes(List<Integer> blocks, int length, int width, boolean reshaped) implements Form {

        public Prefixes {
            blocks = List.copyOf(blocks);
        }

        /** Prefixes of every sample's own keys and values. */
        public static Prefixes of(List<Integer> blocks, int length, int width) {
            return new Prefixes(blocks, length, width, false);
        }

        @Override
        public int rows() {
            return 2 * length;
        }

        /**
         * Cuts prompts into keys and values.
         *
         * @param prompts [2P, D] for the whole batch, [B, 2P, D], or [k, 2P, D] and [B, k, 2P, D] of k prompts whose keys follow
         *                each other, as do their values
         * @param several whether there is an axis of k
         */
        Transformer.Prefix cut(Graph g, Node prompts, boolean several, int batch) {
            Node keys = Form.joined(g, g.slice(prompts, -2, 0, length), several);
            Node values = Form.joined(g, g.slice(prompts, -2, length, length), several);
            return reshaped ? reshaped(g, each(g, keys, batch), each(g, values, batch)) : new Transformer.Prefix(keys, values);
        }

        private static Node each(Graph g, Node rows, int batch) {
            return rows.shape().rank() == 3 ? rows : g.repeat(rows, 0, batch);
        }

        private static Transformer.Prefix reshaped(Graph g, Node keys, Node values) {
            int batch = keys.shape().dim(0);
            int rows = keys.shape().dim(1);
            int width = keys.shape().dim(2);
            Node pairs = g.reshape(g.concat(0, keys, values), batch, 2 * rows, width);
            return new Transformer.Prefix(g.slice(pairs, 1, 0, rows), g.slice(pairs, 1, rows, rows));
        }
    }

    /**
     * Tokens among those of the image, before the first block (prompt tuning, as in L2P).
     *
     * @param length     tokens of one prompt
     * @param width      D
     * @param place      where they stand
     * @param positioned whether they get the position embedding of the class token
     * @param averaged   whether the image's features are made of the mean of the prompts' outputs and not of what they are made of without
     */
    record TokenRows(int length, int width, Place place, boolean positioned, boolean averaged) implements Form {

        @Override
        public List<Integer> blocks() {
            return List.of(0);
        }

        @Override
        public int rows() {
            return length;
        }

        /**
         * @param prompts as for {@link Prefixes#cut}
         */
        ExtraTokens tokens(Pass pass, Node prompts, boolean several) {
            Graph g = pass.graph();
            Node rows = Form.joined(g, prompts, several);
            if (positioned) {
                Node first = g.slice(pass.tower().model().positions(pass.tower().weights()), 0, 0, 1);
                rows = g.add(rows, g.reshape(first, width));
            }
            int count = rows.shape().dim(-2);
            return new ExtraTokens(rows, place, averaged ? new Pooled(place == Place.AFTER_CLASS_TOKEN ? 1 : 0, count)
                    : pooled(pass.tower().model().pooled(), count));
        }

        /** The model's own tokens behind the prompts; where prompts stand among them, the class token, or the mean of all. */
        private Pooled pooled(Pooled own, int count) {
            return place == Place.BEFORE_CLASS_TOKEN ? new Pooled(own.from() + count, own.count())
                    : new Pooled(own.from(), own.count() == 1 ? 1 : own.count() + count);
        }
    }

    /** The rows of k prompts, [k, R, D] or [B, k, R, D], one prompt after another; of a single one as they are. */
    private static Node joined(Graph g, Node prompts, boolean several) {
        if (!several) {
            return prompts;
        }
        Shape shape = prompts.shape();
        int rows = shape.dim(-3) * shape.dim(-2);
        return shape.rank() == 3 ? g.reshape(prompts, rows, shape.last()) : g.reshape(prompts, shape.dim(0), rows, shape.last());
    }
}
