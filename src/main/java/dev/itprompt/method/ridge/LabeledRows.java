package dev.itprompt.method.ridge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Features and their classes.
 *
 * @param features [n][E]
 * @param labels   [n]
 */
public record LabeledRows(float[][] features, int[] labels) {

    /** Every how many rows one is held out: 20 % of them. */
    private static final int HELD_OUT = 5;

    /**
     * Classes one after the other.
     *
     * @param firstClass label of the first one
     */
    public static LabeledRows of(int firstClass, List<float[][]> classes) {
        List<float[]> features = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int c = 0; c < classes.size(); c++) {
            for (float[] row : classes.get(c)) {
                features.add(row);
                labels.add(firstClass + c);
            }
        }
        return new LabeledRows(features.toArray(float[][]::new), labels.stream().mapToInt(Integer::intValue).toArray());
    }

    /** How many there are. */
    public int size() {
        return labels.length;
    }

    /** Those from one row to before another. */
    LabeledRows range(int from, int end) {
        return new LabeledRows(Arrays.copyOfRange(features, from, end), Arrays.copyOfRange(labels, from, end));
    }

    /** Every fifth row, beginning with the fifth; the last one where there are fewer. */
    public LabeledRows heldOut() {
        return where(true);
    }

    /** The rows that are not {@link #heldOut}; none of a single one. */
    public LabeledRows kept() {
        return where(false);
    }

    private LabeledRows where(boolean heldOut) {
        int period = Math.min(HELD_OUT, size());
        List<float[]> chosen = new ArrayList<>();
        List<Integer> classes = new ArrayList<>();
        for (int i = 0; i < size(); i++) {
            if ((i % period == period - 1) == heldOut) {
                chosen.add(features[i]);
                classes.add(labels[i]);
            }
        }
        return new LabeledRows(chosen.toArray(float[][]::new), classes.stream().mapToInt(Integer::intValue).toArray());
    }
}
