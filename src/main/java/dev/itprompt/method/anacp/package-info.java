/** AnaCP (Momeni et al. 2025): analytic contrastive projection, ridge regressions towards class means that are spread apart. */
package dev.itprompt.method.anacp;
