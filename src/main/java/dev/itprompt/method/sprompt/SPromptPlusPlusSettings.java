package dev.itprompt.method.sprompt;

import dev.itprompt.Setting;
import dev.itprompt.method.TrainingSettings;
import dev.itprompt.method.prompted.TaskPoolSettings;
import java.util.List;

/** Settings of S-Prompt++. */
public record SPromptPlusPlusSettings(
        @Setting(meaning = "published settings that take the place of the defaults below", byDefault = "none",
                presets = "s-prompt++-presets.yaml")
        String preset,
        @Setting(meaning = "prefix keys of a prompt in each layer, and as many values", byDefault = "20", min = 1, max = 512)
        int length,
        @Setting(meaning = "prompted layers, counted from 0; those beyond the model's depth are left out", byDefault = "[0, 1, 2, 3, 4]")
        List<Integer> layers,
        @Setting(meaning = "prompts and their keys", inline = true)
        TaskPoolSettings pool,
        @Setting(meaning = "the training", inline = true)
        TrainingSettings training) {}
