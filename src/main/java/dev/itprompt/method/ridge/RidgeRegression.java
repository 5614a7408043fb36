package dev.itprompt.method.ridge;

import dev.itprompt.DivergenceException;
import dev.itprompt.linear.Cholesky;
import dev.itprompt.linear.Matrix;
import dev.itprompt.linear.SymmetricMatrix;
import dev.itprompt.train.State;
import dev.itprompt.train.Stateful;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The sums that ridge regression from random features h to classes needs, and no image: the Gram matrix {@code G = Σ h·hᵀ} and
 * each class's sum of h. Weights for any targets are {@code (G + λI)⁻¹·Σ_c sum_c·target_c}.
 */
public final class RidgeRegression implements Stateful {

    /** Rows whose random features are in memory at a time. */
    private static final int BLOCK = 10 * Matrix.BLOCK;

    private final int size;
    private final SymmetricMatrix gram;
    private final List<double[]> sums = new ArrayList<>();

    /** @param size M, numbers of a random feature */
    public RidgeRegression(int size) {
        this.size = size;
        this.gram = new SymmetricMatrix(size);
    }

    /**
     * Bytes at most of a layer, the sums, and a factor and solution while weights are computed.
     *
     * @param size    M
     * @param width   E
     * @param classes seen in the end
     */
    public static long bytes(long size, long width, long classes) {
        return 2 * SymmetricMatrix.bytes(size) + Matrix.bytes(width, size) + Matrix.bytes(BLOCK, size) + 4 * Matrix.bytes(size, classes);
    }

    /** Adds rows; of new classes as well. */
    public void add(RandomFeatures map, LabeledRows rows) {
        for (int from = 0; from < rows.size(); from += BLOCK) {
            LabeledRows block = rows.range(from, Math.min(rows.size(), from + BLOCK));
            Matrix h = map.rows(block.features());
            gram.addGram(h);
            for (int i = 0; i < block.size(); i++) {
                while (sums.size() <= block.labels()[i]) {
                    sums.add(new double[size]);
                }
                h.addRowTo(i, sums.get(block.labels()[i]));
            }
        }
    }

    /** Adds another one's sums. */
    void add(RidgeRegression other) {
        gram.add(other.gram);
        for (int c = 0; c < other.sums.size(); c++) {
            if (c == sums.size()) {
                sums.add(new double[size]);
            }
            for (int i = 0; i < size; i++) {
                sums.get(c)[i] += other.sums.get(c)[i];
            }
        }
    }

    /** Classes seen. */
    public int classes() {
        return sums.size();
    }

    /**
     * Weights for one-hot targets of the classes from one on.
     *
     * @param firstClass of the first column
     * @return [M, classes − firstClass]; empty if {@code G + λI} is not positive definite in double precision
     */
    public Optional<Matrix> weights(double ridge, int firstClass) {
        return Cholesky.of(gram, ridge).map(factor -> factor.solve(sums(firstClass)));
    }

    /**
     * Weights for one-hot targets of all classes.
     *
     * @return [M, classes]
     * @throws DivergenceException if {@code G + λI} is not positive definite in double precision
     */
    public Matrix required(double ridge) {
        return required(weights(ridge, 0), ridge);
    }

    /**
     * Weights for other targets.
     *
     * @param targets [classes][any]
     * @return [M, any]
     * @throws DivergenceException as the other
     */
    public Matrix required(double ridge, double[][] targets) {
        return required(weights(ridge, targets), ridge);
    }

    private static Matrix required(Optional<Matrix> weights, double ridge) {
        return weights.orElseThrow(() -> new DivergenceException(
                "random features have no regression with a ridge of " + ridge + "; set a larger ridge"));
    }

    private Optional<Matrix> weights(double ridge, double[][] targets) {
        Matrix transposed = new Matrix(sums.size(), size);
        Matrix wanted = new Matrix(sums.size(), targets[0].length);
        for (int c = 0; c < sums.size(); c++) {
            for (int i = 0; i < size; i++) {
                transposed.set(c, i, sums.get(c)[i]);
            }
            for (int j = 0; j < targets[c].length; j++) {
                wanted.set(c, j, targets[c][j]);
            }
        }
        return Cholesky.of(gram, ridge).map(factor -> factor.solve(transposed.transposedTimes(wanted)));
    }

    private Matrix sums(int firstClass) {
        Matrix right = new Matrix(size, sums.size() - firstClass);
        for (int c = firstClass; c < sums.size(); c++) {
            for (int i = 0; i < size; i++) {
                right.set(i, c - firstClass, sums.get(c)[i]);
            }
        }
        return right;
    }

    /**
     * What weights make of rows.
     *
     * @param weights [M, any]
     * @return [n][any]
     */
    public static double[][] outputs(RandomFeatures map, float[][] features, Matrix weights) {
        double[][] outputs = new double[features.length][weights.columns()];
        for (int from = 0; from < features.length; from += BLOCK) {
            int end = Math.min(features.length, from + BLOCK);
            Matrix product = map.columns(Arrays.copyOfRange(features, from, end)).transposedTimes(weights);
            for (int i = from; i < end; i++) {
                for (int j = 0; j < weights.columns(); j++) {
                    outputs[i][j] = product.get(i - from, j);
                }
            }
        }
        return outputs;
    }

    @Override
    public void visit(State state) {
        double[][] rows = gram.blockRows();
        for (int i = 0; i < rows.length; i++) {
            copy(state.doubles("gram." + i, rows[i]), rows[i]);
        }
        int classes = state.integer("classes", sums.size());
        if (state.isLoading()) {
            sums.clear();
        }
        for (int c = 0; c < classes; c++) {
            if (state.isLoading()) {
                sums.add(new double[size]);
            }
            copy(state.doubles("sum." + c, sums.get(c)), sums.get(c));
        }
    }

    /** Saves or loads weights; {@code null} without any. */
    public static Matrix visit(State state, Matrix present) {
        int columns = state.integer("columns", present == null ? 0 : present.columns());
        int rows = state.integer("rows", present == null ? 0 : present.rows());
        Matrix weights = columns == 0 ? null : state.isLoading() ? new Matrix(rows, columns) : present;
        double[] column = new double[rows];
        for (int j = 0; j < columns; j++) {
            for (int i = 0; i < rows; i++) {
                column[i] = weights.get(i, j);
            }
            copy(state.doubles("column." + j, column.clone()), column);
            for (int i = 0; i < rows; i++) {
                weights.set(i, j, column[i]);
            }
        }
        return weights;
    }

    private static void copy(double[] from, double[] to) {
        if (from.length != to.length) {
            throw new IllegalArgumentException(from.length + " sums of random features, expected " + to.length);
        }
        System.arraycopy(from, 0, to, 0, to.length);
    }
}
