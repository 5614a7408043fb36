package dev.itprompt.method.replay;

import dev.itprompt.method.FeatureMatrix;

/** Means and spreads of rows of features, in double precision. */
public final class Moments {

    private Moments() {}

    /** The sample covariance, divided by n − 1; 0 for a single row. */
    public static double[][] covariance(float[][] rows) {
        double[][] covariance = FeatureMatrix.scatter(rows, FeatureMatrix.mean(rows));
        for (double[] row : covariance) {
            for (int j = 0; j < row.length; j++) {
                row[j] /= Math.max(1, rows.length - 1);
            }
        }
        return covariance;
    }

    /**
     * The variance of each column.
     *
     * @param divisor of the sum of squares: n for the population variance, n − 1 for the sample variance
     */
    public static double[] variance(float[][] rows, int divisor) {
        double[] mean = FeatureMatrix.mean(rows);
        double[] variance = new double[mean.length];
        for (float[] row : rows) {
            for (int i = 0; i < mean.length; i++) {
                variance[i] += (row[i] - mean[i]) * (row[i] - mean[i]);
            }
        }
        for (int i = 0; i < mean.length; i++) {
            variance[i] /= divisor;
        }
        return variance;
    }
}
