package dev.itprompt.method.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.DivergenceException;
import dev.itprompt.method.FeatureMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.apache.commons.math3.stat.correlation.Covariance;
import org.junit.jupiter.api.Test;

class ClassDistributionTest {

    private static float[][] rows(int count, int columns, long seed) {
        Random random = new Random(seed);
        float[][] rows = new float[count][columns];
        for (float[] row : rows) {
            float common = (float) random.nextGaussian();
            for (int i = 0; i < columns; i++) {
                row[i] = (i + 1) * common + (float) random.nextGaussian() + i;
            }
        }
        return rows;
    }

    @Test
    void momentsAreThoseOfCommonsMath() {
        float[][] rows = rows(40, 4, 1);
        double[][] data = new double[rows.length][4];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < 4; j++) {
                data[i][j] = rows[i][j];
            }
        }
        double[][] expected = new Covariance(data).getCovarianceMatrix().getData();
        double[][] actual = Moments.covariance(rows);
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(expected[i], actual[i], 1e-10);
            assertEquals(expected[i][i] * 39 / 40, Moments.variance(rows, 40)[i], 1e-10);
        }
        float[][] columns = ((Gaussian.Full) ClassDistribution.covariance(rows).parts().getFirst()).columns();
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                double product = 0;
                for (float[] column : columns) {
                    product += (double) column[i] * column[j];
                }
                assertEquals(expected[i][j] + (i == j ? Gaussian.RIDGE : 0), product, 1e-6 * expected[3][3]);
            }
        }
    }

    private static float[][] drawn(ClassDistribution kept, int count, float[][] common) {
        List<float[]> drawn = new ArrayList<>();
        kept.draw(count, common, new SplittableRandom(3), drawn);
        return drawn.toArray(float[][]::new);
    }

    /** What is drawn has the moments of what it was drawn for; what is shrunk towards the same covariance is not changed by it. */
    @Test
    void drawnRowsHaveTheMomentsOfTheClass() {
        float[][] rows = rows(200, 3, 2);
        float[][] common = ((Gaussian.Full) ClassDistribution.covariance(rows).parts().getFirst()).columns();
        for (ClassDistribution kept : List.of(ClassDistribution.covariance(rows), ClassDistribution.shrunk(rows), ClassDistribution.variance(rows))) {
            float[][] all = drawn(kept, 40_000, common);
            boolean full = !(kept.parts().getFirst() instanceof Gaussian.Diagonal);
            assertArrayEquals(FeatureMatrix.mean(rows), FeatureMatrix.mean(all), 0.1, "mean, seed 3");
            double[][] expected = Moments.covariance(rows);
            double[][] actual = Moments.covariance(all);
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 3; j++) {
                    assertEquals(full || i == j ? expected[i][j] : 0, actual[i][j], 0.05 * expected[2][2], "covariance, seed 3");
                }
            }
        }
    }

    @Test
    void clustersOfOneImageAreCentroidsThatNothingIsDrawnFrom() {
        float[][] pair = {{0, 0}, {2, 2}};
        float[][] single = {{5, 5}};
        ClassDistribution kept = ClassDistribution.centroids(new float[][] {{0, 0}, {2, 2}, {5, 5}}, List.of(pair, single));
        assertEquals(2, kept.centroids().size());
        assertArrayEquals(new double[] {7 / 3.0, 7 / 3.0}, kept.mean(), 1e-12);
        assertEquals(1, kept.parts().size());
        double deviation = Math.sqrt(1 + 1e-4);
        assertArrayEquals(new double[] {deviation, deviation}, ((Gaussian.Diagonal) kept.parts().getFirst()).deviation(), 1e-12);
        ClassDistribution alone = ClassDistribution.centroids(single, List.<float[][]>of(single));
        assertEquals(1, alone.parts().size(), "a class must not be without any pseudo-feature");
        assertEquals(0.01, ((Gaussian.Diagonal) alone.parts().getFirst()).deviation()[0], 1e-12);
    }

    @Test
    void aClassOfOneImageHasTheRidgeAlone() {
        float[][] one = {{1, 2, 3}};
        float[][] columns = ((Gaussian.Full) ClassDistribution.covariance(one).parts().getFirst()).columns();
        assertEquals(0.01, columns[2][2], 1e-9);
        assertEquals(0, columns[0][2]);
        assertEquals(0.01, ((Gaussian.Diagonal) ClassDistribution.variance(one).parts().getFirst()).deviation()[1], 1e-12);
        for (ClassDistribution kept : List.of(ClassDistribution.covariance(one), ClassDistribution.shrunk(one), ClassDistribution.variance(one),
                ClassDistribution.centroids(one, List.<float[][]>of(one)))) {
            for (float[] row : drawn(kept, 50, new float[3][3])) {
                assertArrayEquals(one[0], row, 0.06f, "the ridge of 1e-4 is all the spread");
            }
        }
    }

    @Test
    void fewImagesBorrowTheCovarianceOfAllClasses() {
        float[][] rows = {{0, 0, 0}, {2, 0, 0}, {0, 2, 0}};
        float[][] samples = drawn(ClassDistribution.shrunk(rows), 40_000, new float[][] {{0, 0, 0}, {0, 0, 0}, {0, 0, 4}});
        double[][] covariance = Moments.covariance(samples);
        // Three images of width 3: a fifth of the covariance is the class's own, which has a variance of 4/3 along the first two columns.
        assertEquals(0.2 * 4 / 3, covariance[0][0], 0.03, "seed 3");
        assertEquals(0.2 * -2.0 / 3, covariance[0][1], 0.03, "seed 3");
        assertEquals(0.8 * 16, covariance[2][2], 0.3, "seed 3");
    }

    @Test
    void aCovarianceWithoutAFactorIsRefused() {
        float[][] huge = {{1e8f, -1e8f}, {-1e8f, 1e8f}};
        DivergenceException e = assertThrows(DivergenceException.class, () -> ClassDistribution.covariance(huge));
        assertTrue(e.getMessage().endsWith("set the method's replay.statistics=variance"), e.getMessage());
        assertEquals(2, ClassDistribution.variance(huge).mean().length);
    }

    @Test
    void batchesAreRowsOfAnOrder() {
        ClassDistribution zero = ClassDistribution.variance(new float[][] {{0}});
        ClassDistribution two = ClassDistribution.centroids(new float[][] {{9}, {11}, {99}, {101}},
                List.of(new float[][] {{9}, {11}}, new float[][] {{99}, {101}}));
        PseudoFeatures drawn = PseudoFeatures.draw(List.of(zero, two), 2, null, new SplittableRandom(5));
        assertEquals(Arrays.toString(new int[] {0, 0, 1, 1, 1, 1}), Arrays.toString(drawn.labels()), "as many rows of each part");
        PseudoFeatures.Batch batch = drawn.batch(new int[] {5, 0, 3, 2, 1, 4}, 1, 2);
        assertArrayEquals(new float[] {1, 1}, batch.labels());
        assertEquals(drawn.rows()[3][0], batch.rows()[0][0]);
        assertEquals(drawn.rows()[2][0], batch.rows()[1][0]);
    }
}
