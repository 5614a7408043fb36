package dev.itprompt.method.prompted;

import dev.itprompt.Setting;
import dev.itprompt.method.Need;
import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.TopKPool;
import dev.itprompt.prompt.TopKPool.Distance;
import java.util.EnumSet;
import java.util.Set;

/** A pool with a prompt and a key for every task: a task's images get its own in training, and that of the nearest key at test. */
public record TaskPoolSettings(
        @Setting(meaning = "prompts there are from the beginning; 1 adds one when a task comes, so that keys of tasks to come are not chosen",
                byDefault = "1", min = 1)
        int entries,
        @Setting(meaning = "whether every layer has keys and a choice of its own", byDefault = "false")
        boolean keysPerLayer,
        @Setting(meaning = "prompts and keys are drawn uniformly between this and 1", byDefault = "-1", min = -1, max = 0)
        double low,
        @Setting(meaning = "whether a task's prompt begins as that of the task before", byDefault = "true")
        boolean copies,
        @Setting(meaning = "weight of the pull of a task's key to the queries of its images", byDefault = "1", min = 0)
        double pull,
        @Setting(meaning = "the pull: mean (of cosines over the batch), sum (of 1 - cosine) or sum-of-all-pairs", byDefault = "mean")
        Distance distance,
        @Setting(meaning = "whether keys and values of a batch's prefixes are taken for each other's, as much published code has it by mistake",
                byDefault = "false")
        boolean reshaped,
        @Setting(meaning = "whether classes that have not been learned compete at test, as much published code has it", byDefault = "false")
        boolean unmasked) {

    /** What published code does by them that changes what answers mean. */
    public Set<Need> needs() {
        Set<Need> needs = EnumSet.noneOf(Need.class);
        if (reshaped) {
            needs.add(Need.RESHAPED_PREFIXES);
        }
        if (unmasked) {
            needs.add(Need.UNMASKED_LOGITS);
        }
        return needs;
    }

    /**
     * The pool.
     *
     * @param form       of the prompts
     * @param queryWidth E
     * @param vote       whether the batch votes
     */
    public TopKPool pool(Form.Prefixes form, int queryWidth, boolean vote) {
        return new TopKPool(new Form.Prefixes(form.blocks(), form.length(), form.width(), reshaped),
                new TopKPool.Pool(entries, queryWidth, low, copies), new TopKPool.Search(1, keysPerLayer, true, vote),
                new TopKPool.Pull(distance, pull));
    }
}
