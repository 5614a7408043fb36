package dev.itprompt.method;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Small host-side arithmetic on rows of features. */
public final class FeatureMatrix {

    private FeatureMatrix() {}

    /** Rows of a matrix as arrays. */
    public static float[][] rows(Tensor matrix) {
        int columns = matrix.shape().last();
        float[] all = matrix.toArray();
        float[][] rows = new float[matrix.shape().rows()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(all, i * columns, (i + 1) * columns);
        }
        return rows;
    }

    /** The reverse of {@link #rows}: at least one row. */
    public static Tensor of(float[][] rows) {
        Tensor matrix = Tensor.zeros(Shape.of(rows.length, rows[0].length));
        for (int i = 0; i < rows.length; i++) {
            matrix.slice(i, 1).copyFrom(rows[i]);
        }
        return matrix;
    }

    /** The same of rows in double precision, rounded. */
    public static Tensor of(List<double[]> rows) {
        int columns = rows.getFirst().length;
        Tensor matrix = Tensor.zeros(Shape.of(rows.size(), columns));
        for (int i = 0; i < matrix.shape().size(); i++) {
            matrix.set(i, (float) rows.get(i / columns)[i % columns]);
        }
        return matrix;
    }

    /** The sum of products, in double precision. */
    public static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    /** A copy of Euclidean length 1; zeros stay zeros. */
    public static float[] normalized(float[] x) {
        double length = Math.max(1e-12, Math.sqrt(dot(x, x)));
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (float) (x[i] / length);
        }
        return y;
    }

    /** Shares that add up to 1, in proportion to the exponentials of logits. */
    public static double[] softmax(double[] logits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            largest = Math.max(largest, logit);
        }
        double[] shares = new double[logits.length];
        double sum = 0;
        for (int c = 0; c < shares.length; c++) {
            shares[c] = Math.exp(logits[c] - largest);
            sum += shares[c];
        }
        for (int c = 0; c < shares.length; c++) {
            shares[c] /= sum;
        }
        return shares;
    }

    /** Copies of rows, each of Euclidean length 1. */
    public static float[][] normalized(float[][] rows) {
        return Arrays.stream(rows).map(FeatureMatrix::normalized).toArray(float[][]::new);
    }

    /** The index of the largest of the first {@code count} scores, the first of equals. */
    public static int argmax(double[] scores, int count) {
        return argmax(scores, 0, count);
    }

    /** The index of the largest of the scores from {@code from} to before {@code end}, the first of equals. */
    public static int argmax(double[] scores, int from, int end) {
        int best = from;
        for (int i = from + 1; i < end; i++) {
            if (scores[i] > scores[best]) {
                best = i;
            }
        }
        return best;
    }

    /** Element-wise mean. */
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

    /** Scatter matrix Σ (x−mean)(x−mean)ᵀ. */
    public static double[][] scatter(float[][] rows, double[] mean) {
        int n = mean.length;
        double[][] scatter = new double[n][n];
        double[] centered = new double[n];
        for (float[] row : rows) {
            for (int i = 0; i < n; i++) {
                centered[i] = row[i] - mean[i];
            }
            for (int i = 0; i < n; i++) {
                double factor = centered[i];
                double[] target = scatter[i];
                for (int j = 0; j <= i; j++) {
                    target[j] += factor * centered[j];
                }
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                scatter[j][i] = scatter[i][j];
            }
        }
        return scatter;
    }

    /** Adds {@code factor} times a square matrix to another one. */
    public static void addScaled(double[][] target, double[][] matrix, double factor) {
        for (int i = 0; i < target.length; i++) {
            for (int j = 0; j < target.length; j++) {
                target[i][j] += factor * matrix[i][j];
            }
        }
    }
}
