package dev.itprompt.method.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.itprompt.DivergenceException;
import dev.itprompt.method.FeatureMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
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
        double[][] factor = ((Gaussian.Full) ClassDistribution.covariance(rows).parts().getFirst()).factor();
        Array2DRowRealMatrix matrix = new Array2DRowRealMatrix(factor);
        double[][] product = matrix.multiply(matrix.transpose()).getData();
        for (int i = 0; i < 4; i++) {
            assertEquals(expected[i][i] + Gaussian.RIDGE, product[i][i], 1e-9);
            assertEquals(expected[i][0] + (i == 0 ? Gaussian.RIDGE : 0), product[i][0], 1e-9);
        }
    }

    /** What is drawn has the moments of what it was drawn for. */
    @Test
    void drawnRowsHaveTheMomentsOfTheClass() {
        float[][] rows = rows(200, 3, 2);
        for (ClassDistribution kept : List.of(ClassDistribution.covariance(rows), ClassDistribution.variance(rows))) {
            List<float[]> drawn = new ArrayList<>();
            kept.draw(40_000, new SplittableRandom(3), drawn);
            float[][] all = drawn.toArray(float[][]::new);
            boolean full = kept.parts().getFirst() instanceof Gaussian.Full;
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
        ClassDistribution kept = ClassDistribution.centroids(List.of(pair, single));
        assertEquals(2, kept.centroids().size());
        assertEquals(1, kept.parts().size());
        double deviation = Math.sqrt(1 + 1e-4);
        assertArrayEquals(new double[] {deviation, deviation}, ((Gaussian.Diagonal) kept.parts().getFirst()).deviation(), 1e-12);
        ClassDistribution alone = ClassDistribution.centroids(List.<float[][]>of(single));
        assertEquals(1, alone.parts().size(), "a class must not be without any pseudo-feature");
        assertEquals(0.01, ((Gaussian.Diagonal) alone.parts().getFirst()).deviation()[0], 1e-12);
    }

    @Test
    void aClassOfOneImageHasTheRidgeAlone() {
        float[][] one = {{1, 2, 3}};
        double[][] factor = ((Gaussian.Full) ClassDistribution.covariance(one).parts().getFirst()).factor();
        assertEquals(0.01, factor[2][2], 1e-12);
        assertEquals(0, factor[2][0]);
        assertEquals(0.01, ((Gaussian.Diagonal) ClassDistribution.variance(one).parts().getFirst()).deviation()[1], 1e-12);
    }

    @Test
    void aCovarianceWithoutAFactorIsRefused() {
        float[][] huge = {{1e8f, -1e8f}, {-1e8f, 1e8f}};
        assertThrows(DivergenceException.class, () -> ClassDistribution.covariance(huge));
    }

    @Test
    void batchesAreRowsOfAnOrder() {
        ClassDistribution zero = ClassDistribution.variance(new float[][] {{0}});
        ClassDistribution two = ClassDistribution.centroids(List.of(new float[][] {{9}, {11}}, new float[][] {{99}, {101}}));
        PseudoFeatures drawn = PseudoFeatures.draw(List.of(zero, two), 2, new SplittableRandom(5));
        assertEquals(Arrays.toString(new int[] {0, 0, 1, 1, 1, 1}), Arrays.toString(drawn.labels()), "as many rows of each part");
        PseudoFeatures.Batch batch = drawn.batch(new int[] {5, 0, 3, 2, 1, 4}, 1, 2);
        assertArrayEquals(new float[] {1, 1}, batch.labels());
        assertEquals(drawn.rows()[3][0], batch.rows()[0][0]);
        assertEquals(drawn.rows()[2][0], batch.rows()[1][0]);
    }
}
