/**
 * The learner of all methods whose prompts are a {@link dev.itprompt.prompt.Prompting}: a method says what it is made of
 * ({@link dev.itprompt.method.prompted.Recipe}), and {@link dev.itprompt.method.prompted.PromptedLearner} trains it, answers and keeps
 * its state.
 */
package dev.itprompt.method.prompted;
