/** HiDe-Prompt (Wang et al. 2023), whose stages IT-Prompt shares. */
package dev.itprompt.method.hide;
