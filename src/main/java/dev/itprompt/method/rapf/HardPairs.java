package dev.itprompt.method.rapf;

import java.util.ArrayList;
import java.util.List;

/** Old classes that a new one may be taken for, by their texts. */
final class HardPairs {

    private HardPairs() {}

    /**
     * Two classes.
     *
     * @param old   one of an earlier task
     * @param fresh one of the task at hand
     */
    record Pair(int old, int fresh) {}

    /**
     * All pairs of an old and a new class whose texts are nearer to each other than a threshold, by old class and then by new one.
     *
     * @param texts      normalised, [C][E]
     * @param firstClass first class of the task: those before it are old
     * @param endClass   one past its last class
     * @param threshold  Euclidean distance
     */
    static List<Pair> of(float[][] texts, int firstClass, int endClass, double threshold) {
        List<Pair> pairs = new ArrayList<>();
        for (int old = 0; old < firstClass; old++) {
            for (int fresh = firstClass; fresh < endClass; fresh++) {
                if (distance(texts[old], texts[fresh]) < threshold) {
                    pairs.add(new Pair(old, fresh));
                }
            }
        }
        return pairs;
    }

    private static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }
}
