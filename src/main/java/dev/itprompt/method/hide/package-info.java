/** HiDe-Prompt (Wang et al. 2023), whose stages IT-Prompt shares: what its learner is made of. */
package dev.itprompt.method.hide;
