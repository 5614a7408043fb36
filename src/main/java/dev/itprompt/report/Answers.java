package dev.itprompt.report;

/**
 * A method's answers to the test images of a run after the last task, in the order of {@link RunRecord#images}.
 *
 * @param classes    predicted classes, by position in the class order
 * @param tasks      inferred tasks; empty if the method infers none
 * @param confidence probability that the method gave its answer, from 0 to 1; empty if its scores are no probabilities, or were not stored
 */
public record Answers(int[] classes, int[] tasks, double[] confidence) {}
