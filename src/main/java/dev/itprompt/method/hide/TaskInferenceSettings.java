package dev.itprompt.method.hide;

import dev.itprompt.Setting;

/** Stages A and A′: the residual MLP and classifier over prompt-free features. */
public record TaskInferenceSettings(
        @Setting(meaning = "passes over a task's images", byDefault = "20", min = 0) int epochs,
        @Setting(meaning = "Adam's learning rate", byDefault = "2.5e-4", min = 0) double rate,
        @Setting(meaning = "random crop and flip; false uses cached features and saves most of the time", byDefault = "false")
        boolean augment,
        @Setting(meaning = "learning rate when pseudo-features are replayed", byDefault = "1e-2", min = 0)
        double replayRate) {}
