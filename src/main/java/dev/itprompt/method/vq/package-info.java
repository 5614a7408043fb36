/** VQ-Prompt (Jiao et al. 2024): what its learner is made of. */
package dev.itprompt.method.vq;
