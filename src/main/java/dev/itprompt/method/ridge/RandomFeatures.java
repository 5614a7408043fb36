package dev.itprompt.method.ridge;

import dev.itprompt.linear.Matrix;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.State;
import dev.itprompt.train.Stateful;
import java.util.function.DoubleSupplier;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;

/** Features behind a fixed random layer, {@code h = a(xᵀ·W)} with an activation that leaves 0 as it is. */
public final class RandomFeatures implements Stateful {

    private final DoubleUnaryOperator activation;
    private Matrix weights;

    /**
     * @param weights    W [E, M]
     * @param activation a
     */
    public RandomFeatures(Matrix weights, DoubleUnaryOperator activation) {
        this.weights = weights;
        this.activation = activation;
    }

    /**
     * Draws a layer, as float32.
     *
     * @param width  E
     * @param size   M
     * @param number one of W after the other, row by row
     */
    public static RandomFeatures draw(int width, int size, DoubleSupplier number, DoubleUnaryOperator activation) {
        Matrix weights = new Matrix(width, size);
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < size; j++) {
                weights.set(i, j, (float) number.getAsDouble());
            }
        }
        return new RandomFeatures(weights, activation);
    }

    /** {@code max(0, x)}. */
    public static double relu(double x) {
        return Math.max(0, x);
    }

    /** {@code x·Φ(x)}, Φ being the standard normal distribution. */
    public static double gelu(double x) {
        return x == 0 ? 0 : x * Erf.erfc(-x / Math.sqrt(2)) / 2;
    }

    /** M: numbers of a random feature. */
    public int size() {
        return weights.columns();
    }

    /** h of each row, [n, M]. */
    public Matrix rows(float[][] features) {
        return Matrix.ofColumns(features).transposedTimes(weights).map(activation);
    }

    /** h of each row as a column, [M, n]. */
    public Matrix columns(float[][] features) {
        return weights.transposedTimes(Matrix.ofColumns(features)).map(activation);
    }

    /** Some numbers of h of each row, from {@code first} on, as columns, [count, n]. */
    Matrix columns(Matrix features, int first, int count) {
        return weights.columnsFrom(first, count).transposedTimes(features).map(activation);
    }

    @Override
    public void visit(State state) {
        Tensor stored = Tensor.zeros(Shape.of(weights.rows(), weights.columns()));
        float[] row = new float[weights.columns()];
        for (int i = 0; i < weights.rows(); i++) {
            for (int j = 0; j < row.length; j++) {
                row[j] = (float) weights.get(i, j);
            }
            stored.slice(i, 1).copyFrom(row);
        }
        stored = state.tensor("weights", stored);
        float[] all = stored.toArray();
        if (all.length != (long) weights.rows() * weights.columns()) {
            throw new IllegalArgumentException(all.length + " weights for a layer of " + weights.rows() + " times " + weights.columns());
        }
        int next = 0;
        for (int i = 0; i < weights.rows() && state.isLoading(); i++) {
            for (int j = 0; j < row.length; j++) {
                weights.set(i, j, all[next++]);
            }
        }
    }
}
