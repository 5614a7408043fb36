/** VQ-Prompt (Jiao et al. 2024). */
package dev.itprompt.method.vq;
