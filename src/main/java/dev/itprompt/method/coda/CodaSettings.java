package dev.itprompt.method.coda;

import dev.itprompt.Setting;
import dev.itprompt.method.TrainingSettings;
import java.util.List;

/** Settings of CODA-Prompt. */
public record CodaSettings(
        @Setting(meaning = "published settings that take the place of the defaults below", byDefault = "none",
                presets = "coda-prompt-presets.yaml")
        String preset,
        @Setting(meaning = "prefix keys of a component in each layer, and as many values", byDefault = "4", min = 1, max = 512)
        int length,
        @Setting(meaning = "components that every task adds; published: 100 for all tasks together", byDefault = "10", min = 1)
        int components,
        @Setting(meaning = "prompted layers, counted from 0; those beyond the model's depth are left out", byDefault = "[0, 1, 2, 3, 4]")
        List<Integer> layers,
        @Setting(meaning = "weight of the penalty that keeps keys, attention and components orthogonal", byDefault = "0", min = 0)
        double orthogonality,
        @Setting(meaning = "the training", inline = true)
        TrainingSettings training) {}
