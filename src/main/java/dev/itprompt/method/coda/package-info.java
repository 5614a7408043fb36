/** CODA-Prompt (Smith et al. 2023). */
package dev.itprompt.method.coda;
