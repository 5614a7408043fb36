/**
 * What is kept of classes instead of their images, and pseudo-features drawn from it on which classifiers are trained again:
 * HiDe-Prompt's task-adaptive prediction (Wang et al. 2023), which VQ-Prompt (Jiao et al. 2024) took over.
 */
package dev.itprompt.method.replay;
