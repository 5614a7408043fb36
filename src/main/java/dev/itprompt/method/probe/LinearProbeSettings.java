package dev.itprompt.method.probe;

import dev.itprompt.Setting;
import dev.itprompt.method.replay.FeatureReplay;

/** Settings of the linear probe. */
public record LinearProbeSettings(
        @Setting(meaning = "whether logits of classes outside the task are left out while it is learned", byDefault = "true")
        boolean masked,
        @Setting(meaning = "whether the classifier is trained again after each task on features drawn of all classes", byDefault = "false")
        boolean replayed,
        @Setting(meaning = "statistics of classes and that training")
        FeatureReplay.Settings replay) {}
