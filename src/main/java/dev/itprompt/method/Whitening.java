package dev.itprompt.method;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;

/**
 * The affine map {@code A(x − m)} after which the classes seen so far have, on average, unit covariance: m is the mean of their
 * means, A the inverse Cholesky factor of their pooled covariance (with a ridge of a thousandth of the mean variance). Classifiers
 * trained behind it converge in tens of epochs where raw features of very unequal variance take thousands.
 *
 * @param weight  [E, E], A
 * @param bias    [E], −A·m
 * @param inverse [E, E], the inverse of A: the Cholesky factor itself
 * @param rows    the rows of A once more, for single features on the host
 */
record Whitening(Tensor weight, Tensor bias, Tensor inverse, float[][] rows) {

    private static final double RIDGE = 1e-3;

    /** {@code A(x − m)} of one feature. */
    float[] apply(float[] feature) {
        float[] result = bias.toArray();
        for (int i = 0; i < result.length; i++) {
            double sum = result[i];
            for (int j = 0; j <= i; j++) {
                sum += (double) rows[i][j] * feature[j];
            }
            result[i] = (float) sum;
        }
        return result;
    }

    /** Collects classes; no feature is kept. */
    static final class Builder {

        private final double[] sumOfMeans;
        private final double[][] scatter;
        private long rows;
        private int classes;

        Builder(int width) {
            this.sumOfMeans = new double[width];
            this.scatter = new double[width][width];
        }

        /** Adds one class by its features. */
        void addClass(float[][] features) {
            double[] mean = FeatureMatrix.mean(features);
            double[][] own = FeatureMatrix.scatter(features, mean);
            for (int i = 0; i < mean.length; i++) {
                sumOfMeans[i] += mean[i];
                for (int j = 0; j < mean.length; j++) {
                    scatter[i][j] += own[i][j];
                }
            }
            rows += features.length;
            classes++;
        }

        /** The map for the classes added so far, at least one. */
        Whitening build() {
            int width = sumOfMeans.length;
            double trace = 0;
            for (int i = 0; i < width; i++) {
                trace += scatter[i][i] / rows;
            }
            double[][] covariance = new double[width][width];
            for (int i = 0; i < width; i++) {
                for (int j = 0; j < width; j++) {
                    covariance[i][j] = scatter[i][j] / rows;
                }
                covariance[i][i] += RIDGE * trace / width + 1e-12;
            }
            double[][] factor = new CholeskyDecomposition(new Array2DRowRealMatrix(covariance, false), 1e-8, 0).getL().getData();
            return of(factor, invertLower(factor));
        }

        private Whitening of(double[][] factor, double[][] inverse) {
            int width = sumOfMeans.length;
            Tensor weight = Tensor.zeros(Shape.of(width, width));
            Tensor back = Tensor.zeros(Shape.of(width, width));
            Tensor bias = Tensor.zeros(Shape.of(width));
            for (int i = 0; i < width; i++) {
                double shift = 0;
                for (int j = 0; j <= i; j++) {
                    weight.set((long) i * width + j, (float) inverse[i][j]);
                    back.set((long) i * width + j, (float) factor[i][j]);
                    shift -= inverse[i][j] * sumOfMeans[j] / classes;
                }
                bias.set(i, (float) shift);
            }
            return new Whitening(weight, bias, back, FeatureMatrix.rows(weight));
        }
    }

    /** The inverse of a lower triangular matrix, by forward substitution. */
    private static double[][] invertLower(double[][] lower) {
        int n = lower.length;
        double[][] inverse = new double[n][n];
        for (int column = 0; column < n; column++) {
            inverse[column][column] = 1 / lower[column][column];
            for (int i = column + 1; i < n; i++) {
                double sum = 0;
                for (int k = column; k < i; k++) {
                    sum += lower[i][k] * inverse[k][column];
                }
                inverse[i][column] = -sum / lower[i][i];
            }
        }
        return inverse;
    }
}
