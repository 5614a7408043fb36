package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.RandomStreams;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.junit.jupiter.api.Test;

/** The covariance of all classes: right where images are many, well conditioned and nearer to the truth where they are few. */
class PooledCovarianceTest {

    private static final long SEED = 21;
    private static final int WIDTH = 20;
    private final RandomStreams streams = new RandomStreams(SEED);

    /** Independent columns, the first of variance 9, the others of 1; each class around a mean of its own. */
    private float[][] rows(int label, int count) {
        RandomGenerator random = streams.stream("rows", label);
        float[][] rows = new float[count][WIDTH];
        for (float[] row : rows) {
            for (int i = 0; i < WIDTH; i++) {
                row[i] = (float) (label * i + (i == 0 ? 3 : 1) * random.nextGaussian());
            }
        }
        return rows;
    }

    private PooledCovariance covariance(int classes, int perClass) {
        PooledCovariance covariance = new PooledCovariance(WIDTH);
        for (int c = 0; c < classes; c++) {
            covariance.addClass(rows(c, perClass));
        }
        return covariance;
    }

    private static double distance(double[][] estimate) {
        double sum = 0;
        for (int i = 0; i < WIDTH; i++) {
            for (int j = 0; j < WIDTH; j++) {
                double truth = i != j ? 0 : i == 0 ? 9 : 1;
                sum += (estimate[i][j] - truth) * (estimate[i][j] - truth);
            }
        }
        return Math.sqrt(sum);
    }

    private static double[][] sampleCovariance(PooledCovarianceTest test, int classes, int perClass) {
        double[][] sum = new double[WIDTH][WIDTH];
        for (int c = 0; c < classes; c++) {
            float[][] rows = test.rows(c, perClass);
            FeatureMatrix.addScaled(sum, FeatureMatrix.scatter(rows, FeatureMatrix.mean(rows)), 1.0 / (classes * (perClass - 1)));
        }
        return sum;
    }

    @Test
    void manyImagesGiveTheCovarianceWithinClasses() {
        PooledCovariance covariance = covariance(3, 4000);
        assertTrue(distance(covariance.estimate()) < 0.5, "distance " + distance(covariance.estimate()) + ", seed " + SEED);
        double[] means = new double[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            means[i] = i;
        }
        assertArrayEquals(means, covariance.meanOfMeans(), 0.1, "seed " + SEED);
    }

    @Test
    void fewImagesAreNearerToTheTruthThanTheSampleCovariance() {
        double shrunk = distance(covariance(3, 10).estimate());
        double sample = distance(sampleCovariance(this, 3, 10));
        assertTrue(shrunk < 0.8 * sample, shrunk + " of " + sample + ", seed " + SEED);
    }

    @Test
    void itIsPositiveDefiniteForAnyNumberOfImages() {
        for (int perClass : new int[] {1, 2, 3, 5}) {
            for (int classes : new int[] {1, 2, 4}) {
                double[] values = new EigenDecomposition(new Array2DRowRealMatrix(covariance(classes, perClass).estimate()))
                        .getRealEigenvalues();
                for (double value : values) {
                    assertTrue(value > 0, value + " of " + classes + " classes of " + perClass + ", seed " + SEED);
                }
            }
        }
    }

    @Test
    void singleImagesGiveTheIdentity() {
        double[][] estimate = covariance(3, 1).estimate();
        assertEquals(1, estimate[2][2]);
        assertEquals(0, estimate[2][3]);
    }
}
