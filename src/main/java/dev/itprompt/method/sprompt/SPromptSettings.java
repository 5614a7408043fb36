package dev.itprompt.method.sprompt;

import dev.itprompt.Setting;
import dev.itprompt.method.TrainingSettings;
import java.util.List;

/** Settings of S-Prompt. */
public record SPromptSettings(
        @Setting(meaning = "prefix keys of a prompt in each layer, and as many values", byDefault = "5", min = 1, max = 512)
        int length,
        @Setting(meaning = "prompted layers, counted from 0; those beyond the model's depth are left out", byDefault = "[0, 1, 2, 3, 4]")
        List<Integer> layers,
        @Setting(meaning = "centroids of a task's prompt-free features, among which the nearest chooses the task", byDefault = "5", min = 1)
        int centroids,
        @Setting(meaning = "the training", inline = true)
        TrainingSettings training) {}
