package dev.itprompt.report;

/**
 * A test image of a run.
 *
 * @param source where it comes from, as in {@code predictions.csv}
 * @param label  its class, by position in the class order
 * @param task   the task of this class, from 0
 */
public record TestImage(String source, int label, int task) {}
