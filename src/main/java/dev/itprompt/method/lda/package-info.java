/** Linear discriminant analysis of frozen features. */
package dev.itprompt.method.lda;
