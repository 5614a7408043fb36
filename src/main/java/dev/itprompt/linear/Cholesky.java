package dev.itprompt.linear;

import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The factor U of a symmetric positive definite matrix {@code A = Uᵀ·U}, by blocks. Every number is computed by one thread, sums
 * over ascending rows of blocks.
 */
public final class Cholesky {

    private static final int N = Matrix.BLOCK;
    /** Rows of blocks after which the rest is brought up to date: enough work for what is fetched. */
    private static final int GROUP = 4;

    private final int size;
    private final SymmetricMatrix factor;
    private final double[][] rows;

    private Cholesky(SymmetricMatrix factor) {
        this.size = factor.size();
        this.factor = factor;
        this.rows = factor.blockRows();
    }

    /**
     * Factors {@code a + ridge·I}.
     *
     * @param a left as it is
     * @return empty if it is not positive definite in double precision
     */
    public static Optional<Cholesky> of(SymmetricMatrix a, double ridge) {
        Cholesky cholesky = new Cholesky(a.copy());
        return cholesky.factor(ridge) ? Optional.of(cholesky) : Optional.empty();
    }

    private boolean factor(double ridge) {
        for (int i = 0; i < rows.length * N; i++) {
            int own = i % N * N + i % N;
            rows[i / N][own] = i < size ? rows[i / N][own] + ridge : 1;
        }
        for (int from = 0; from < rows.length; from += GROUP) {
            int top = from;
            int end = Math.min(rows.length, from + GROUP);
            for (int k = from; k < end; k++) {
                if (!factorDiagonal(rows[k])) {
                    return false;
                }
                int row = k;
                IntStream.range(k + 1, rows.length).parallel().forEach(j -> solveTransposed(rows[row], rows[row], SymmetricMatrix.at(row, j)));
                for (int i = k + 1; i < end; i++) {
                    int target = i;
                    IntStream.range(i, rows.length).parallel().forEach(j -> update(row, target, j));
                }
            }
            factor.forEachBlock(end, (i, j) -> {
                for (int k = top; k < end; k++) {
                    update(k, i, j);
                }
            });
        }
        return true;
    }

    /** Takes the part of row k from block (i, j). */
    private void update(int k, int i, int j) {
        Blocks.addTransposed(-1, rows[k], SymmetricMatrix.at(k, i), rows[k], SymmetricMatrix.at(k, j), N, rows[i], SymmetricMatrix.at(i, j));
    }

    /** The factor of the block on the diagonal, in its place. */
    private static boolean factorDiagonal(double[] a) {
        for (int i = 0; i < N; i++) {
            Blocks.eliminate(a, i, N, 0, i, a, 0, i);
            double pivot = a[i * N + i];
            if (!(pivot > 0) || pivot == Double.POSITIVE_INFINITY) {
                return false;
            }
            Blocks.divide(a, i * N, Math.sqrt(pivot));
        }
        return true;
    }

    /** Replaces a block b by {@code u⁻ᵀ·b}, u being the factor on the diagonal. */
    private static void solveTransposed(double[] u, double[] b, int from) {
        for (int i = 0; i < N; i++) {
            Blocks.eliminate(u, i, N, 0, i, b, from, i);
            Blocks.divide(b, from + i * N, u[i * N + i]);
        }
    }

    /** Replaces a block b by {@code u⁻¹·b}. */
    private static void solve(double[] u, double[] b, int from) {
        for (int i = N - 1; i >= 0; i--) {
            Blocks.eliminate(u, i * N, 1, i + 1, N, b, from, i);
            Blocks.divide(b, from + i * N, u[i * N + i]);
        }
    }

    /**
     * The solution X of {@code A·X = B}.
     *
     * @param b [size, any]; left as it is
     */
    public Matrix solve(Matrix b) {
        if (b.rows() != size) {
            throw new IllegalArgumentException("a system of " + size + " rows and " + b.rows());
        }
        Matrix x = b.copy();
        IntStream.range(0, x.panels()).parallel().forEach(panel -> {
            double[] values = x.panel(panel);
            for (int i = 0; i < rows.length; i++) {
                solveTransposed(rows[i], values, i * N * N);
                for (int j = i + 1; j < rows.length; j++) {
                    Blocks.addTransposed(-1, rows[i], SymmetricMatrix.at(i, j), values, i * N * N, N, values, j * N * N);
                }
            }
            for (int i = rows.length - 1; i >= 0; i--) {
                for (int j = i + 1; j < rows.length; j++) {
                    Blocks.addProduct(-1, rows[i], SymmetricMatrix.at(i, j), values, j * N * N, values, i * N * N);
                }
                solve(rows[i], values, i * N * N);
            }
        });
        return x;
    }

    /** The logarithm of A's determinant. */
    public double logDeterminant() {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += 2 * Math.log(rows[i / N][i % N * N + i % N]);
        }
        return sum;
    }
}
