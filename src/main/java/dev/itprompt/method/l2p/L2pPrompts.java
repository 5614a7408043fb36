package dev.itprompt.method.l2p;

import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.TopKPool;
import dev.itprompt.prompt.TopKPool.Distance;
import dev.itprompt.prompt.TopKPool.Pool;
import dev.itprompt.prompt.TopKPool.Pull;
import dev.itprompt.prompt.TopKPool.Search;

/** L2P's prompts: a pool shared by all tasks, of which each image gets the nearest. */
public final class L2pPrompts {

    private L2pPrompts() {}

    /**
     * The choice.
     *
     * @param queryWidth E: columns of prompt-free features
     * @param entries    of the pool
     * @param count      k: entries for each image
     */
    public record Choice(int queryWidth, int entries, int count) {}

    /**
     * Tokens before the first block, as L2P has them.
     *
     * @param pull weight of the pull, 0.1 in published code
     * @param vote whether the batch votes
     */
    public static Prompting tokens(Form.TokenRows form, Choice choice, double pull, boolean vote) {
        return new TopKPool(form, new Pool(choice.entries(), choice.queryWidth(), -1, false),
                new Search(choice.count(), false, false, vote), new Pull(Distance.MEAN, pull));
    }

    /**
     * L2P++ of CODA-Prompt's authors: prefixes, with keys, a choice and a pull for each block; block 0 alone, or 0 to 4 (deep L2P++).
     *
     * @param pull {@link Distance#SUM_OF_ALL_PAIRS} in their code; {@link Distance#SUM} is what it means to do
     */
    public static Prompting prefixes(Form.Prefixes form, Choice choice, Pull pull) {
        return new TopKPool(form, new Pool(choice.entries(), choice.queryWidth(), 0, false), new Search(choice.count(), true, false, false),
                pull);
    }
}
