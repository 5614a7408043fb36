package dev.itprompt.method.itprompt;

import dev.itprompt.method.PrefixSettings;
import dev.itprompt.method.TrainingSettings;

/**
 * How a prompt is trained.
 *
 * @param prefix   its size and place
 * @param training the training
 * @param guidance loss terms beside the cross-entropy
 */
public record PromptTuning(PrefixSettings prefix, TrainingSettings training, GuidanceSettings guidance) {}
