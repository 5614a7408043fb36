package dev.itprompt.method.dualprompt;

import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.SharedPrefix;
import dev.itprompt.prompt.Together;
import dev.itprompt.prompt.TopKPool;
import dev.itprompt.prompt.TopKPool.Distance;
import dev.itprompt.prompt.TopKPool.Pool;
import dev.itprompt.prompt.TopKPool.Pull;
import dev.itprompt.prompt.TopKPool.Search;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * DualPrompt's prompts: general ones in blocks 0 and 1, and one expert prompt for each task in blocks 2 to 4, known in training and
 * found by its key at test.
 */
public final class DualPrompts {

    private static final List<Integer> GENERAL = List.of(0, 1);
    private static final List<Integer> EXPERT = List.of(2, 3, 4);

    private DualPrompts() {}

    /**
     * Sizes.
     *
     * @param width      D
     * @param queryWidth E: columns of prompt-free features
     * @param general    prefix keys of a general prompt, and as many values
     * @param expert     prefix keys of an expert prompt, and as many values
     * @param entries    expert prompts there are from the beginning; at test the search goes over those of tasks to come, too
     */
    public record Sizes(int width, int queryWidth, int general, int expert, int entries) {}

    /** As CODA-Prompt's code has it: keys, a choice and a pull for each block, everything drawn between 0 and 1, nothing copied. */
    public static Prompting ofCoda(Sizes sizes) {
        return of(sizes, 0, false, new Pool(sizes.entries(), sizes.queryWidth(), 0, false), new Search(1, true, true, false),
                new Pull(Distance.SUM, 1));
    }

    /**
     * As HiDe-Prompt's code and the first PyTorch port have it: one table of keys, a task's prompt begun with the last one's.
     *
     * @param pull     weight of the pull, 1 in both
     * @param vote     whether the batch votes at test, as the first port has it
     * @param reshaped whether expert prefixes are reshaped and not exchanged, as both have it
     */
    public static Prompting ofPorts(Sizes sizes, double pull, boolean vote, boolean reshaped) {
        return of(sizes, -1, reshaped, new Pool(sizes.entries(), sizes.queryWidth(), -1, true), new Search(1, false, true, vote),
                new Pull(Distance.MEAN, pull));
    }

    private static Prompting of(Sizes sizes, double low, boolean reshaped, Pool pool, Search search, Pull pull) {
        SequencedMap<String, Prompting> parts = new LinkedHashMap<>();
        parts.put("general", new SharedPrefix(Form.Prefixes.of(GENERAL, sizes.general(), sizes.width()), low));
        parts.put("expert", new TopKPool(new Form.Prefixes(EXPERT, sizes.expert(), sizes.width(), reshaped), pool, search, pull));
        return new Together(parts);
    }
}
