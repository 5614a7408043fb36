package dev.itprompt.linear;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of blocks: {@code c ± a·b}, b and c being rows of {@link Matrix#BLOCK} numbers one after the other, a the same or its
 * transpose. Each number is one chain of multiply-adds over ascending steps, whatever the width of vectors, and is then added to
 * what was there.
 *
 * <p>The register tile calls the vector interface itself: in methods of its size the compiler does not always inline others.
 */
final class Blocks {

    private static final VectorSpecies<Double> S = DoubleVector.SPECIES_PREFERRED;
    private static final int V = S.length();
    private static final int N = Matrix.BLOCK;
    /** Rows of a register tile; its columns are two vectors. */
    private static final int ROWS = 6;
    /** Steps whose part of b stays in the first-level cache while all rows of a go by. */
    private static final int DEPTH = 192;
    /** Whether the processor has fused multiply-adds; elsewhere {@code fma} would be thousands of times as slow. */
    private static final boolean FUSED = Boolean.parseBoolean(
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption("UseFMA").getValue());

    private Blocks() {}

    /**
     * Adds {@code sign·aᵀ·b} to c.
     *
     * @param a     [steps, BLOCK] from {@code aFrom} on
     * @param b     [steps, BLOCK] from {@code bFrom} on
     * @param c     [BLOCK, BLOCK] from {@code cFrom} on
     */
    static void addTransposed(double sign, double[] a, int aFrom, double[] b, int bFrom, int steps, double[] c, int cFrom) {
        for (int k = 0; k < steps; k += DEPTH) {
            add(sign, a, aFrom + k * N, 1, N, b, bFrom + k * N, Math.min(DEPTH, steps - k), c, cFrom);
        }
    }

    /** Adds {@code sign·a·b} to c, all three [BLOCK, BLOCK]. */
    static void addProduct(double sign, double[] a, int aFrom, double[] b, int bFrom, double[] c, int cFrom) {
        add(sign, a, aFrom, N, 1, b, bFrom, N, c, cFrom);
    }

    private static void add(double sign, double[] a, int aFrom, int aRow, int aStep, double[] b, int bFrom, int steps, double[] c, int cFrom) {
        for (int j = 0; j < N; j += 2 * V) {
            for (int i = 0; i < N; i += ROWS) {
                if (FUSED) {
                    tile(sign, a, aFrom + i * aRow, aRow, aStep, b, bFrom + j, steps, c, cFrom + i * N + j);
                } else {
                    plainTile(sign, a, aFrom + i * aRow, aRow, aStep, b, bFrom + j, steps, c, cFrom + i * N + j);
                }
            }
        }
    }

    private static void tile(double sign, double[] a, int aFrom, int aRow, int aStep, double[] b, int bFrom, int steps, double[] c, int cFrom) {
        DoubleVector c0a = DoubleVector.zero(S);
        DoubleVector c0b = c0a;
        DoubleVector c1a = c0a;
        DoubleVector c1b = c0a;
        DoubleVector c2a = c0a;
        DoubleVector c2b = c0a;
        DoubleVector c3a = c0a;
        DoubleVector c3b = c0a;
        DoubleVector c4a = c0a;
        DoubleVector c4b = c0a;
        DoubleVector c5a = c0a;
        DoubleVector c5b = c0a;
        int p = aFrom;
        int q = bFrom;
        for (int k = 0; k < steps; k++) {
            DoubleVector u = DoubleVector.fromArray(S, b, q);
            DoubleVector v = DoubleVector.fromArray(S, b, q + V);
            DoubleVector x = DoubleVector.broadcast(S, a[p]);
            c0a = u.fma(x, c0a);
            c0b = v.fma(x, c0b);
            x = DoubleVector.broadcast(S, a[p + aRow]);
            c1a = u.fma(x, c1a);
            c1b = v.fma(x, c1b);
            x = DoubleVector.broadcast(S, a[p + 2 * aRow]);
            c2a = u.fma(x, c2a);
            c2b = v.fma(x, c2b);
            x = DoubleVector.broadcast(S, a[p + 3 * aRow]);
            c3a = u.fma(x, c3a);
            c3b = v.fma(x, c3b);
            x = DoubleVector.broadcast(S, a[p + 4 * aRow]);
            c4a = u.fma(x, c4a);
            c4b = v.fma(x, c4b);
            x = DoubleVector.broadcast(S, a[p + 5 * aRow]);
            c5a = u.fma(x, c5a);
            c5b = v.fma(x, c5b);
            p += aStep;
            q += N;
        }
        DoubleVector.fromArray(S, c, cFrom).add(c0a.mul(sign)).intoArray(c, cFrom);
        DoubleVector.fromArray(S, c, cFrom + V).add(c0b.mul(sign)).intoArray(c, cFrom + V);
        DoubleVector.fromArray(S, c, cFrom + N).add(c1a.mul(sign)).intoArray(c, cFrom + N);
        DoubleVector.fromArray(S, c, cFrom + N + V).add(c1b.mul(sign)).intoArray(c, cFrom + N + V);
        DoubleVector.fromArray(S, c, cFrom + 2 * N).add(c2a.mul(sign)).intoArray(c, cFrom + 2 * N);
        DoubleVector.fromArray(S, c, cFrom + 2 * N + V).add(c2b.mul(sign)).intoArray(c, cFrom + 2 * N + V);
        DoubleVector.fromArray(S, c, cFrom + 3 * N).add(c3a.mul(sign)).intoArray(c, cFrom + 3 * N);
        DoubleVector.fromArray(S, c, cFrom + 3 * N + V).add(c3b.mul(sign)).intoArray(c, cFrom + 3 * N + V);
        DoubleVector.fromArray(S, c, cFrom + 4 * N).add(c4a.mul(sign)).intoArray(c, cFrom + 4 * N);
        DoubleVector.fromArray(S, c, cFrom + 4 * N + V).add(c4b.mul(sign)).intoArray(c, cFrom + 4 * N + V);
        DoubleVector.fromArray(S, c, cFrom + 5 * N).add(c5a.mul(sign)).intoArray(c, cFrom + 5 * N);
        DoubleVector.fromArray(S, c, cFrom + 5 * N + V).add(c5b.mul(sign)).intoArray(c, cFrom + 5 * N + V);
    }

    /** For processors without fused multiply-adds. */
    private static void plainTile(double sign, double[] a, int aFrom, int aRow, int aStep, double[] b, int bFrom, int steps, double[] c,
            int cFrom) {
        for (int i = 0; i < ROWS; i++) {
            DoubleVector left = DoubleVector.zero(S);
            DoubleVector right = left;
            for (int k = 0; k < steps; k++) {
                double x = a[aFrom + i * aRow + k * aStep];
                left = left.add(DoubleVector.fromArray(S, b, bFrom + k * N).mul(x));
                right = right.add(DoubleVector.fromArray(S, b, bFrom + k * N + V).mul(x));
            }
            int own = cFrom + i * N;
            DoubleVector.fromArray(S, c, own).add(left.mul(sign)).intoArray(c, own);
            DoubleVector.fromArray(S, c, own + V).add(right.mul(sign)).intoArray(c, own + V);
        }
    }

    /**
     * Takes multiples of rows of a block from another of its rows: {@code b[row] −= Σ u[k]·b[k]}.
     *
     * @param uFrom where u[0] stands
     * @param uStep from one of u to the next
     * @param first k, and {@code end} one past the last
     * @param from  where b begins
     */
    static void eliminate(double[] u, int uFrom, int uStep, int first, int end, double[] b, int from, int row) {
        for (int j = from; j < from + N; j += 4 * V) {
            int own = row * N + j;
            DoubleVector x0 = DoubleVector.fromArray(S, b, own);
            DoubleVector x1 = DoubleVector.fromArray(S, b, own + V);
            DoubleVector x2 = DoubleVector.fromArray(S, b, own + 2 * V);
            DoubleVector x3 = DoubleVector.fromArray(S, b, own + 3 * V);
            for (int k = first; k < end; k++) {
                DoubleVector factor = DoubleVector.broadcast(S, u[uFrom + k * uStep]);
                x0 = x0.sub(DoubleVector.fromArray(S, b, j + k * N).mul(factor));
                x1 = x1.sub(DoubleVector.fromArray(S, b, j + k * N + V).mul(factor));
                x2 = x2.sub(DoubleVector.fromArray(S, b, j + k * N + 2 * V).mul(factor));
                x3 = x3.sub(DoubleVector.fromArray(S, b, j + k * N + 3 * V).mul(factor));
            }
            x0.intoArray(b, own);
            x1.intoArray(b, own + V);
            x2.intoArray(b, own + 2 * V);
            x3.intoArray(b, own + 3 * V);
        }
    }

    /** Divides a row of a block that begins at {@code from}. */
    static void divide(double[] b, int from, double divisor) {
        for (int j = from; j < from + N; j += V) {
            DoubleVector.fromArray(S, b, j).div(divisor).intoArray(b, j);
        }
    }
}
