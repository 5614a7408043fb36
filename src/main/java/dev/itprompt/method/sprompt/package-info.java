/** S-Prompt (Wang, Huang and Hong 2022) and S-Prompt++. */
package dev.itprompt.method.sprompt;
