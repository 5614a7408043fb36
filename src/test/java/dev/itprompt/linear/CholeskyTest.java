package dev.itprompt.linear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products, Gram matrices, factors and solutions against plain loops and Commons Math. */
class CholeskyTest {

    private static final long SEED = 8;

    private static Matrix random(int rows, int columns, long seed) {
        Random random = new Random(SEED + seed);
        Matrix matrix = new Matrix(rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                matrix.set(i, j, random.nextGaussian());
            }
        }
        return matrix;
    }

    private static RealMatrix plain(Matrix matrix) {
        RealMatrix plain = new Array2DRowRealMatrix(matrix.rows(), matrix.columns());
        for (int i = 0; i < matrix.rows(); i++) {
            for (int j = 0; j < matrix.columns(); j++) {
                plain.setEntry(i, j, matrix.get(i, j));
            }
        }
        return plain;
    }

    private static void assertSame(RealMatrix expected, Matrix actual, double tolerance) {
        for (int i = 0; i < expected.getRowDimension(); i++) {
            for (int j = 0; j < expected.getColumnDimension(); j++) {
                assertEquals(expected.getEntry(i, j), actual.get(i, j), tolerance, i + ", " + j);
            }
        }
    }

    @Test
    void products() {
        Matrix a = random(301, 97, 1);
        Matrix b = random(301, 200, 2);
        assertSame(plain(a).transpose().multiply(plain(b)), a.transposedTimes(b), 1e-11);
        Matrix sum = random(97, 200, 3);
        RealMatrix expected = plain(sum).add(plain(a).transpose().multiply(plain(b)));
        sum.addTransposedProduct(a, b);
        assertSame(expected, sum, 1e-11);
        assertSame(plain(b).getSubMatrix(0, 300, 96, 199), b.columnsFrom(96, 104), 0);
        assertThrows(IllegalArgumentException.class, () -> b.columnsFrom(95, 96));
        assertThrows(IllegalArgumentException.class, () -> a.addTransposedProduct(a, b));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 96, 97, 500})
    void solvesSystems(int size) {
        Matrix x = random(size + 30, size, size);
        SymmetricMatrix gram = new SymmetricMatrix(size);
        gram.addGram(x);
        RealMatrix plain = plain(x).transpose().multiply(plain(x));
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                assertEquals(plain.getEntry(i, j), gram.get(i, j), 1e-10, i + ", " + j);
            }
            plain.addToEntry(i, i, 0.5);
        }
        Matrix right = random(size, 101, 4);
        CholeskyDecomposition oracle = new CholeskyDecomposition(plain, 1e-8, 0);
        Cholesky factor = Cholesky.of(gram, 0.5).orElseThrow();
        assertSame(oracle.getSolver().solve(plain(right)), factor.solve(right), 1e-9);
    }

    @Test
    void whatIsNotPositiveDefiniteHasNoFactor() {
        SymmetricMatrix gram = new SymmetricMatrix(300);
        gram.addGram(random(20, 300, 1));
        assertEquals(Optional.empty(), Cholesky.of(gram, -1));
        SymmetricMatrix infinite = new SymmetricMatrix(3);
        infinite.addGram(random(5, 3, 1).map(_ -> Double.MAX_VALUE));
        assertEquals(Optional.empty(), Cholesky.of(infinite, 1));
        assertTrue(Cholesky.of(gram, 1e-3).isPresent());
    }

    /** The same bits on one thread and on four. */
    @Test
    void threadsChangeNothing() throws Exception {
        Matrix x = random(700, 600, 1);
        Matrix right = random(600, 100, 2);
        try (ForkJoinPool one = new ForkJoinPool(1); ForkJoinPool four = new ForkJoinPool(4)) {
            double[][][] results = {one.submit(() -> solved(x, right)).get(), four.submit(() -> solved(x, right)).get()};
            assertArrayEquals(results[0], results[1]);
        }
    }

    private static double[][] solved(Matrix x, Matrix right) {
        SymmetricMatrix gram = new SymmetricMatrix(600);
        gram.addGram(x);
        SymmetricMatrix twice = gram.copy();
        twice.add(gram);
        Matrix solution = Cholesky.of(twice, 1).orElseThrow().solve(right);
        double[][] rows = new double[600][100];
        for (int i = 0; i < 600; i++) {
            for (int j = 0; j < 100; j++) {
                rows[i][j] = solution.get(i, j);
            }
        }
        return rows;
    }
}
