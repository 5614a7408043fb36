/** DualPrompt (Wang et al. 2022): what its learner is made of. */
package dev.itprompt.method.dualprompt;
