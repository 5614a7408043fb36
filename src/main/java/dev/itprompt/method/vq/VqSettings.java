package dev.itprompt.method.vq;

import dev.itprompt.Setting;
import dev.itprompt.method.TrainingSettings;
import dev.itprompt.method.replay.FeatureReplay;
import java.util.List;

/** Settings of VQ-Prompt. */
public record VqSettings(
        @Setting(meaning = "published settings that take the place of the defaults below", byDefault = "none",
                presets = "vq-prompt-presets.yaml")
        String preset,
        @Setting(meaning = "the pool", inline = true)
        PoolSettings pool,
        @Setting(meaning = "the training", inline = true)
        TrainingSettings training,
        @Setting(meaning = "epochs at the beginning of a task in which rates are 1e-6, before a cosine to 1e-6, as the published code has it; -1 "
                + "takes schedule", byDefault = "-1", min = -1)
        int frozenEpochs,
        @Setting(meaning = "statistics of classes and the training of the classifier on features drawn from them")
        FeatureReplay.Settings replay) {

    /** The pool of every layer. */
    public record PoolSettings(
            @Setting(meaning = "prefix keys of an entry, and as many values", byDefault = "4", min = 1, max = 512)
            int length,
            @Setting(meaning = "entries of a layer's pool, shared by all tasks", byDefault = "10", min = 1)
            int entries,
            @Setting(meaning = "prompted layers, counted from 0; those beyond the model's depth are left out", byDefault = "[0, 1, 2, 3, 4]")
            List<Integer> layers,
            @Setting(meaning = "temperature of the softmax over query and keys that mixes entries", byDefault = "1", min = 1e-6)
            double temperature) {}
}
