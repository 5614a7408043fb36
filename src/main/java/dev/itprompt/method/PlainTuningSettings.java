package dev.itprompt.method;

import dev.itprompt.Setting;

/** Settings of one prompt and classifier tuned by plain cross-entropy, task after task or on all images together. */
public record PlainTuningSettings(
        @Setting(meaning = "the prompt", inline = true)
        PrefixSettings prefix,
        @Setting(meaning = "the training of the prompt", inline = true)
        TrainingSettings training,
        @Setting(meaning = "whether the classifier looks at features whitened by the pooled covariance of the classes seen so far while the "
                + "prompt is trained", byDefault = "true")
        boolean whiten) {

    /** Plain prompt tuning by cross-entropy. */
    PromptTuning tuning() {
        return new PromptTuning(prefix, training, GuidanceSettings.NONE);
    }
}
