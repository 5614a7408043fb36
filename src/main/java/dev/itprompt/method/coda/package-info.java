/** CODA-Prompt (Smith et al. 2023): what its learner is made of. */
package dev.itprompt.method.coda;
