package dev.itprompt.method.replay;

/** Means and spreads of rows of features, in double precision. */
public final class Moments {

    private Moments() {}

    /** The mean of at least one row. */
    public static double[] mean(float[][] rows) {
        double[] mean = new double[rows[0].length];
        for (float[] row : rows) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += row[i];
            }
        }
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= rows.length;
        }
        return mean;
    }

    /** The sample covariance, divided by n − 1; 0 for a single row. */
    public static double[][] covariance(float[][] rows) {
        double[] mean = mean(rows);
        double[][] covariance = new double[mean.length][mean.length];
        double[] off = new double[mean.length];
        for (float[] row : rows) {
            for (int i = 0; i < mean.length; i++) {
                off[i] = row[i] - mean[i];
                for (int j = 0; j <= i; j++) {
                    covariance[i][j] += off[i] * off[j];
                }
            }
        }
        for (int i = 0; i < mean.length; i++) {
            for (int j = 0; j <= i; j++) {
                covariance[i][j] /= Math.max(1, rows.length - 1);
                covariance[j][i] = covariance[i][j];
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
        double[] mean = mean(rows);
        double[] variance = new double[mean.length];
        for (float[] row : rows) {
            for (int i = 0; i < mean.length; i++) {
                variance[i] += (row[i] - mean[i]) * (row[i] - mean[i]) / divisor;
            }
        }
        return variance;
    }
}
