/**
 * Methods of continual learning on a frozen CLIP: IT-Prompt ({@link dev.itprompt.method.ItPrompt}) and the baselines it is
 * compared with, all behind {@link dev.itprompt.method.Learner}. They describe their training steps as graphs and run them on
 * whatever device they are given.
 */
package dev.itprompt.method;
