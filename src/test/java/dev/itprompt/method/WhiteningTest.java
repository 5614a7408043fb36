package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.RandomStreams;
import dev.itprompt.device.ReferenceDevice;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class WhiteningTest {

    private static final long SEED = 4;
    private final RandomStreams streams = new RandomStreams(SEED);

    /** Rows around a center with variances of 100, 1 and 0.01 and a correlation between the first two. */
    private float[][] rows(int label, int count) {
        RandomGenerator random = streams.stream("rows", label);
        float[][] rows = new float[count][];
        for (int i = 0; i < count; i++) {
            double a = random.nextGaussian();
            rows[i] = new float[] {(float) (10 * a + label), (float) (a + random.nextGaussian() - label),
                (float) (0.1 * random.nextGaussian() + 2 * label)};
        }
        return rows;
    }

    private Whitening whitening(int classes) {
        PooledCovariance covariance = new PooledCovariance(3);
        for (int c = 0; c < classes; c++) {
            covariance.addClass(rows(c, 3000));
        }
        return Whitening.of(covariance);
    }

    @Test
    void pooledCovarianceBecomesTheIdentity() {
        Whitening whitening = whitening(3);
        double[][] pooled = new double[3][3];
        double[] meanOfMeans = new double[3];
        for (int c = 0; c < 3; c++) {
            float[][] rows = rows(c, 3000);
            for (int i = 0; i < rows.length; i++) {
                rows[i] = whitening.apply(rows[i]);
            }
            double[] mean = FeatureMatrix.mean(rows);
            double[][] scatter = FeatureMatrix.scatter(rows, mean);
            for (int i = 0; i < 3; i++) {
                meanOfMeans[i] += mean[i] / 3;
                for (int j = 0; j < 3; j++) {
                    pooled[i][j] += scatter[i][j] / 9000;
                }
            }
        }
        assertArrayEquals(new double[3], meanOfMeans, 1e-3, "seed " + SEED);
        for (int i = 0; i < 3; i++) {
            assertEquals(1, pooled[i][i], 0.06, "variance " + i + ", seed " + SEED);
        }
        assertEquals(0, pooled[0][1], 0.03, "seed " + SEED);
    }

    @Test
    void aLinearClassifierKeepsItsAnswersBehindAnyWhitening() {
        try (ReferenceDevice device = new ReferenceDevice()) {
            FeatureClassifier classifier = new FeatureClassifier(device, 3, 4, streams.stream("init"));
            float[][] rows = rows(1, 20);
            double[][] raw = classifier.scores(rows);
            classifier.whiten(whitening(2));
            double[][] first = classifier.scores(rows);
            classifier.whiten(whitening(3));
            double[][] second = classifier.scores(rows);
            for (int i = 0; i < rows.length; i++) {
                assertArrayEquals(raw[i], first[i], 1e-4, "row " + i);
                assertArrayEquals(raw[i], second[i], 1e-4, "row " + i);
            }
        }
    }
}
