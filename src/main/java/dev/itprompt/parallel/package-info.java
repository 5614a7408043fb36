/**
 * Training steps whose batches are cut into parts that the processes of a cluster compute: weights go out, gradients come back, and the
 * process that trains adds them and moves. May use {@code train}, {@code cluster} and what stands below them.
 */
package dev.itprompt.parallel;
