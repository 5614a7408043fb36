/**
 * Dense linear algebra in double precision on the processor: products, Gram matrices, Cholesky factors and solutions, on several
 * threads with the same result whatever their number. Matrices lie in blocks of {@link dev.itprompt.linear.Matrix#BLOCK} rows and
 * columns.
 */
package dev.itprompt.linear;
