/** DualPrompt (Wang et al. 2022). */
package dev.itprompt.method.dualprompt;
