package dev.itprompt.method;

/**
 * How a prompt is trained.
 *
 * @param prefix   its size and place
 * @param training the training
 * @param guidance loss terms beside the cross-entropy
 */
record PromptTuning(PrefixSettings prefix, TrainingSettings training, GuidanceSettings guidance) {}
