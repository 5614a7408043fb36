package dev.itprompt.method.sprompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.RandomStreams;
import dev.itprompt.method.FeatureMatrix;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CentroidChoiceTest {

    /** The task of the nearest centroid, found by sorting all of them. */
    @Test
    void theNearestCentroidDecides() {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            CentroidChoice choice = new CentroidChoice(5, new RandomStreams(1));
            double[][][] tasks = new double[4][][];
            for (int t = 0; t < tasks.length; t++) {
                tasks[t] = new double[1 + random.nextInt(3)][3];
                for (double[] centroid : tasks[t]) {
                    Arrays.setAll(centroid, i -> random.nextGaussian());
                }
                choice.add(new CentroidChoice.Known(tasks[t], 2 * t, 2 * t + 2));
            }
            float[] feature = {(float) random.nextGaussian(), (float) random.nextGaussian(), (float) random.nextGaussian()};
            int expected = -1;
            double least = Double.MAX_VALUE;
            for (int t = 0; t < tasks.length; t++) {
                for (double[] c : tasks[t]) {
                    double distance = Math.hypot(Math.hypot(c[0] - feature[0], c[1] - feature[1]), c[2] - feature[2]);
                    if (distance < least) {
                        least = distance;
                        expected = t;
                    }
                }
            }
            assertEquals(expected, choice.task(feature), "seed " + seed);
        }
    }

    @Test
    void theFirstOfEqualsIsTaken() {
        CentroidChoice choice = new CentroidChoice(5, new RandomStreams(1));
        choice.add(new CentroidChoice.Known(new double[][] {{1, 0}}, 0, 2));
        choice.add(new CentroidChoice.Known(new double[][] {{-1, 0}, {1, 0}}, 2, 3));
        assertEquals(0, choice.task(new float[] {1, 0}));
        assertEquals(0, choice.task(new float[] {0, 3}), "equally far from all");
        assertEquals(1, choice.task(new float[] {-0.1f, 3}));
    }

    /** Classes of the inferred task come first, and within and outside of it the order of logits stays. */
    @Test
    void onlyClassesOfTheInferredTaskCompete() {
        CentroidChoice choice = new CentroidChoice(5, new RandomStreams(1));
        choice.add(new CentroidChoice.Known(new double[][] {{1, 0}}, 0, 2));
        choice.add(new CentroidChoice.Known(new double[][] {{-1, 0}}, 2, 4));
        assertArrayEquals(new double[] {-99, -101, 1, 3}, choice.within(new double[] {7, 5, 1, 3}, 1));
        assertArrayEquals(new double[] {7, 5, -97, -95}, choice.within(new double[] {7, 5, 1, 3}, 0), "own classes keep their logits");
        double share = 1 / (1 + Math.exp(-2));
        assertArrayEquals(new double[] {0, 0, 1 - share, share}, FeatureMatrix.softmax(choice.within(new double[] {7, 5, 1, 3}, 1)), 1e-15);
        choice.add(new CentroidChoice.Known(new double[][] {{0, 1}}, 0, 4));
        assertArrayEquals(new double[] {7, 5, 9, 3}, choice.within(new double[] {7, 5, 9, 3}, 2), "a task of all classes, as domains have");
    }
}
