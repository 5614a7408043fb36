/** S-Prompt (Wang, Huang and Hong 2022) and S-Prompt++: what their learners are made of. */
package dev.itprompt.method.sprompt;
