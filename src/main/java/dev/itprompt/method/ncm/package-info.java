/** The nearest mean of frozen features, and of clusters of them: IT-Prompt's C-NCM. */
package dev.itprompt.method.ncm;
