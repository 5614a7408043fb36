package dev.itprompt.method.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Pseudo-features of one epoch of a replay.
 *
 * @param rows   features, class after class
 * @param labels their classes
 */
public record PseudoFeatures(float[][] rows, int[] labels) {

    /**
     * One mini-batch.
     *
     * @param rows   features
     * @param labels their classes
     */
    public record Batch(float[][] rows, float[] labels) {}

    /**
     * Draws the same number of rows from every part of every class.
     *
     * @param classes what is kept of each class seen so far
     * @param count   rows of each part
     * @param common  see {@link Gaussian#draw}
     */
    public static PseudoFeatures draw(List<ClassDistribution> classes, int count, float[][] common, RandomGenerator random) {
        List<float[]> rows = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int c = 0; c < classes.size(); c++) {
            classes.get(c).draw(count, common, random, rows);
            while (labels.size() < rows.size()) {
                labels.add(c);
            }
        }
        return new PseudoFeatures(rows.toArray(float[][]::new), labels.stream().mapToInt(Integer::intValue).toArray());
    }

    /**
     * A mini-batch of rows in another order. Published code goes through as many of them in an epoch as there are old classes,
     * whatever is left.
     *
     * @param order a permutation of all rows
     * @param size  rows of a mini-batch
     */
    public Batch batch(int[] order, int number, int size) {
        float[][] chosen = new float[size][];
        float[] classes = new float[size];
        for (int i = 0; i < size; i++) {
            chosen[i] = rows[order[number * size + i]];
            classes[i] = labels[order[number * size + i]];
        }
        return new Batch(chosen, classes);
    }
}
