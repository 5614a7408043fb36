package dev.itprompt.method;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.State;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;

/**
 * The affine map {@code A(x − m)} after which the classes seen so far have, on average, unit covariance: m is the mean of their
 * means, A the inverse Cholesky factor of their {@link PooledCovariance}. Classifiers trained behind it converge in tens of epochs where raw features of very unequal variance take thousands.
 *
 * @param weight  [E, E], A
 * @param bias    [E], −A·m
 * @param inverse [E, E], the inverse of A: the Cholesky factor itself
 * @param rows    the rows of A once more, for single features on the host
 */
public record Whitening(Tensor weight, Tensor bias, Tensor inverse, float[][] rows) {

    /** Saves or loads one that may be absent, which is null. */
    public static Whitening visit(State state, Whitening present) {
        if (!state.flag("present", present != null)) {
            return null;
        }
        Tensor weight = state.tensor("weight", present == null ? null : present.weight);
        Tensor bias = state.tensor("bias", present == null ? null : present.bias);
        Tensor inverse = state.tensor("inverse", present == null ? null : present.inverse);
        return new Whitening(weight, bias, inverse, FeatureMatrix.rows(weight));
    }

    /** {@code A(x − m)} of one feature. */
    public float[] apply(float[] feature) {
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

    /** Columns of the Cholesky factor, for drawing from the covariance. */
    public float[][] factorColumns() {
        float[][] rows = FeatureMatrix.rows(inverse);
        float[][] columns = new float[rows.length][rows.length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows.length; j++) {
                columns[j][i] = rows[i][j];
            }
        }
        return columns;
    }

    /** The map for all classes of a covariance, at least one. */
    static Whitening of(PooledCovariance covariance) {
        double[] mean = covariance.meanOfMeans();
        double[][] factor = new CholeskyDecomposition(new Array2DRowRealMatrix(covariance.estimate(), false), 1e-8, 0).getL().getData();
        double[][] inverse = invertLower(factor);
        int width = mean.length;
        Tensor weight = Tensor.zeros(Shape.of(width, width));
        Tensor back = Tensor.zeros(Shape.of(width, width));
        Tensor bias = Tensor.zeros(Shape.of(width));
        for (int i = 0; i < width; i++) {
            double shift = 0;
            for (int j = 0; j <= i; j++) {
                weight.set((long) i * width + j, (float) inverse[i][j]);
                back.set((long) i * width + j, (float) factor[i][j]);
                shift -= inverse[i][j] * mean[j];
            }
            bias.set(i, (float) shift);
        }
        return new Whitening(weight, bias, back, FeatureMatrix.rows(weight));
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
