package dev.itprompt.method.sprompt;

import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.TopKPool;
import dev.itprompt.prompt.TopKPool.Distance;
import dev.itprompt.prompt.TopKPool.Pool;
import dev.itprompt.prompt.TopKPool.Pull;
import dev.itprompt.prompt.TopKPool.Search;
import java.util.List;

/** S-Prompt++'s prompts: one for each task in blocks 0 to 4, known in training and found by its key at test. */
public final class SPrompts {

    private static final List<Integer> BLOCKS = List.of(0, 1, 2, 3, 4);

    private SPrompts() {}

    /**
     * As HiDe-Prompt's code has it.
     *
     * @param width      D
     * @param queryWidth E: columns of prompt-free features
     * @param length     prefix keys of a prompt, and as many values; 20 there
     * @param entries    prompts there are from the beginning; at test the search goes over those of tasks to come, too
     * @param pull       weight of the pull, 1 there
     * @param compat     what to repeat of that code
     */
    public static Prompting plusPlus(int width, int queryWidth, int length, int entries, double pull, Compat compat) {
        return new TopKPool(new Form.Prefixes(BLOCKS, length, width, compat.reshaped()), new Pool(entries, queryWidth, -1, true),
                new Search(1, false, true, compat.vote()), new Pull(Distance.MEAN, pull));
    }

    /**
     * What published code does and is not sound.
     *
     * @param vote     whether the batch votes at test
     * @param reshaped whether prefixes are reshaped and not exchanged
     */
    public record Compat(boolean vote, boolean reshaped) {
        /** Each image for itself, with its own prefixes. */
        public static final Compat NONE = new Compat(false, false);
    }
}
