package dev.itprompt.method.dualprompt;

import dev.itprompt.Setting;
import dev.itprompt.method.TrainingSettings;
import dev.itprompt.method.prompted.TaskPoolSettings;
import java.util.List;

/** Settings of DualPrompt. */
public record DualPromptSettings(
        @Setting(meaning = "published settings that take the place of the defaults below", byDefault = "none",
                presets = "dualprompt-presets.yaml")
        String preset,
        @Setting(meaning = "prefix keys of the general prompt in each of its layers, and as many values", byDefault = "5", min = 1, max = 512)
        int generalLength,
        @Setting(meaning = "layers of the general prompt, counted from 0; those beyond the model's depth are left out", byDefault = "[0, 1]")
        List<Integer> generalLayers,
        @Setting(meaning = "prefix keys of an expert prompt in each of its layers, and as many values", byDefault = "20", min = 1, max = 512)
        int length,
        @Setting(meaning = "layers of the expert prompts; those beyond the model's depth are left out", byDefault = "[2, 3, 4]")
        List<Integer> layers,
        @Setting(meaning = "expert prompts and their keys", inline = true)
        TaskPoolSettings pool,
        @Setting(meaning = "the training", inline = true)
        TrainingSettings training) {

    /** Checks what a range cannot say. */
    public DualPromptSettings {
        if (generalLayers.stream().anyMatch(layers::contains)) {
            throw new IllegalArgumentException("generalLayers: expected other layers than those of layers, " + layers + ", found " + generalLayers);
        }
    }
}
