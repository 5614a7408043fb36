package dev.itprompt.method.itprompt;

import dev.itprompt.Setting;

/** What a task's prompt is guided by beside the cross-entropy of its classes: older prompts, old classes, texts, its key. */
public record GuidanceSettings(
        @Setting(meaning = "share of the mean of older prompts in a prompt (alpha)", byDefault = "0.1", min = 0, max = 1)
        double momentum,
        @Setting(meaning = "weight of the contrastive term against old classes' means (lambda_cr)", byDefault = "0.1", min = 0)
        double contrast,
        @Setting(meaning = "temperature of the contrastive term", byDefault = "0.8", min = 1e-6)
        double contrastTemperature,
        @Setting(meaning = "weight of the text guide (lambda_txt)", byDefault = "1", min = 0)
        double textWeight,
        @Setting(meaning = "texts an image is compared with: seen (all classes so far), task (the task's), pull (its own only) or off",
                byDefault = "seen")
        TextGuide textGuide,
        @Setting(meaning = "weight of the pull between key and query (lambda_key)", byDefault = "1", min = 0)
        double keyWeight) {

    /** Nothing but the cross-entropy: plain prompt tuning. */
    static final GuidanceSettings NONE = new GuidanceSettings(0, 0, 1, 0, TextGuide.OFF, 0);

    /** Texts in the denominator of the text guide. */
    public enum TextGuide { SEEN, TASK, PULL, OFF }
}
