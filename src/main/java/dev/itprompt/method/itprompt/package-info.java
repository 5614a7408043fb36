/**
 * IT-Prompt ({@link dev.itprompt.method.itprompt.ItPrompt}), and its training of a prompt on images ({@link
 * dev.itprompt.method.itprompt.PromptTrainer}), which shared prompt and joint training do without its guidance.
 */
package dev.itprompt.method.itprompt;
