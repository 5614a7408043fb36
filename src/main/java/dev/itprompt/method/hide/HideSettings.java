package dev.itprompt.method.hide;

import dev.itprompt.Setting;
import dev.itprompt.method.TrainingSettings;
import dev.itprompt.method.replay.FeatureReplay;
import java.util.List;

/** Settings of HiDe-Prompt. */
public record HideSettings(
        @Setting(meaning = "published settings that take the place of the defaults below", byDefault = "none",
                presets = "hide-prompt-presets.yaml")
        String preset,
        @Setting(meaning = "the prompts", inline = true)
        Prompts prompts,
        @Setting(meaning = "the training of prompts", inline = true)
        TrainingSettings training,
        @Setting(meaning = "the contrastive loss", inline = true)
        ContrastSettings contrasted,
        @Setting(meaning = "task-identity inference")
        InferenceSettings inference,
        @Setting(meaning = "statistics of classes and the training of classifiers on features drawn from them")
        FeatureReplay.Settings replay) {

    /** A prompt for each task. */
    public record Prompts(
            @Setting(meaning = "prefix keys of a prompt in each layer, and as many values", byDefault = "5", min = 1, max = 512)
            int length,
            @Setting(meaning = "prompted layers, counted from 0; those beyond the model's depth are left out", byDefault = "[0, 1, 2, 3, 4]")
            List<Integer> layers,
            @Setting(meaning = "share of the mean of older prompts in a prompt (alpha)", byDefault = "0.1", min = 0, max = 1)
            double momentum,
            @Setting(meaning = "whether keys and values of a batch's prefixes are taken for each other's, as the published code has it by mistake",
                    byDefault = "false")
            boolean reshaped,
            @Setting(meaning = "whether classes that have not been learned compete at test, as published code has it", byDefault = "false")
            boolean unmasked) {}

    /** What keeps features of a task apart from those of older classes. */
    public record ContrastSettings(
            @Setting(meaning = "weight of the contrastive term against old classes' means (lambda_cr)", byDefault = "0.1", min = 0)
            double contrast,
            @Setting(meaning = "temperature of the contrastive term", byDefault = "0.8", min = 1e-6)
            double contrastTemperature) {}

    /** The network that infers tasks, and its training. */
    public record InferenceSettings(
            @Setting(meaning = "widths inside the network as multiples of that of features; [] for a linear classifier alone",
                    byDefault = "[2]")
            List<Integer> hidden,
            @Setting(meaning = "its training", inline = true)
            TaskInferenceSettings training) {

        /** Checks what a range cannot say. */
        public InferenceSettings {
            if (hidden.stream().anyMatch(width -> width < 1)) {
                throw new IllegalArgumentException("hidden: expected whole numbers of at least 1, found " + hidden);
            }
        }
    }
}
