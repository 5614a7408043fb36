package dev.itprompt.method.l2p;

import dev.itprompt.model.VisionTransformer.Place;
import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.TopKPool;
import dev.itprompt.prompt.TopKPool.Distance;
import dev.itprompt.prompt.TopKPool.Pool;
import dev.itprompt.prompt.TopKPool.Pull;
import dev.itprompt.prompt.TopKPool.Search;
import java.util.List;

/** L2P's prompts: a pool shared by all tasks, of which each image gets the nearest. */
public final class L2pPrompts {

    private L2pPrompts() {}

    /**
     * Sizes.
     *
     * @param width      D
     * @param queryWidth E: columns of prompt-free features
     * @param entries    of the pool
     * @param rows       of an entry: tokens, or prefix keys and as many values together
     * @param count      k: entries for each image
     */
    public record Sizes(int width, int queryWidth, int entries, int rows, int count) {}

    /**
     * As the first PyTorch port has it: tokens behind the class token and with its position; their mean is what is classified.
     *
     * @param pull weight of the pull, 0.1 there
     * @param vote whether the batch votes, as it does there, in training and at test
     */
    public static Prompting ofFirstPort(Sizes sizes, double pull, boolean vote) {
        return tokens(sizes, new Form.TokenRows(sizes.rows(), sizes.width(), Place.AFTER_CLASS_TOKEN, true, true), pull, vote);
    }

    /** As HiDe-Prompt's code has it: tokens before the class token, without positions; otherwise as {@link #ofFirstPort}. */
    public static Prompting ofHide(Sizes sizes, double pull, boolean vote) {
        return tokens(sizes, new Form.TokenRows(sizes.rows(), sizes.width(), Place.BEFORE_CLASS_TOKEN, false, false), pull, vote);
    }

    private static Prompting tokens(Sizes sizes, Form form, double pull, boolean vote) {
        return new TopKPool(form, new Pool(sizes.entries(), sizes.queryWidth(), -1, false),
                new Search(sizes.count(), false, false, vote), new Pull(Distance.MEAN, pull));
    }

    /**
     * L2P++ as CODA-Prompt's code has it: prefixes, with keys, a choice and a pull for each block.
     *
     * @param blocks   with prefixes: 0 alone, or 0 to 4 (deep L2P++)
     * @param distance {@link Distance#SUM_OF_ALL_PAIRS} in that code; {@link Distance#SUM} is what it means to do
     */
    public static Prompting plusPlus(Sizes sizes, List<Integer> blocks, Distance distance) {
        return new TopKPool(Form.Prefixes.of(blocks, sizes.rows() / 2, sizes.width()),
                new Pool(sizes.entries(), sizes.queryWidth(), 0, false), new Search(sizes.count(), true, false, false),
                new Pull(distance, 1));
    }
}
