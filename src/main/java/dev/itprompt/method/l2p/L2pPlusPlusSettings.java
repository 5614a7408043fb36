package dev.itprompt.method.l2p;

import dev.itprompt.Setting;
import dev.itprompt.method.TrainingSettings;
import dev.itprompt.prompt.TopKPool.Distance;
import java.util.List;

/** Settings of L2P++. */
public record L2pPlusPlusSettings(
        @Setting(meaning = "published settings that take the place of the defaults below", byDefault = "none", presets = "l2p++-presets.yaml")
        String preset,
        @Setting(meaning = "the pools", inline = true)
        PoolSettings pool,
        @Setting(meaning = "weight of the pull of chosen keys to queries", byDefault = "1", min = 0)
        double pull,
        @Setting(meaning = "the pull: mean (of cosines over the batch), sum (of 1 - cosine) or sum-of-all-pairs (of images and entries "
                + "chosen for any image, as the published code has it)", byDefault = "mean")
        Distance distance,
        @Setting(meaning = "the training", inline = true)
        TrainingSettings training) {

    /** A pool for each layer, shared by all tasks. */
    public record PoolSettings(
            @Setting(meaning = "entries of a layer's pool", byDefault = "30", min = 1)
            int entries,
            @Setting(meaning = "prefix keys of an entry, and as many values", byDefault = "10", min = 1, max = 512)
            int length,
            @Setting(meaning = "entries that each image gets", byDefault = "5", min = 1)
            int count,
            @Setting(meaning = "prompted layers, counted from 0; those beyond the model's depth are left out", byDefault = "[0]")
            List<Integer> layers) {

        /** Checks what a range cannot say. */
        public PoolSettings {
            if (count > entries) {
                throw new IllegalArgumentException("count: expected no more than the " + entries + " entries, found " + count);
            }
        }
    }
}
