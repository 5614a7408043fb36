package dev.itprompt.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Matrix products of blocks that fit the cache: {@code c = init + a·b} with b in column panels of {@link #WIDTH} elements
 * (row k of a panel is contiguous, zeros beyond the last column). a is read where it lies, through a row stride and a stride
 * along k, so that rows, columns and packed blocks need no kernels of their own. All strides are in bytes.
 *
 * <p>Each element is one chain of fused multiply-adds over ascending k, whatever tile it falls into; a block that is added
 * to c is summed by itself first.
 */
final class Tiles {

    private static final boolean WIDE = Lanes.COUNT >= 16;
    /** Rows of a register tile. */
    static final int ROWS = WIDE ? 6 : 4;
    /** Columns of a register tile and of a panel of b. */
    static final int WIDTH = (WIDE ? 4 : 2) * Lanes.COUNT;
    /** Bytes from one row of a panel to the next. */
    static final int PANEL = 4 * WIDTH;
    /** Bytes of scratch that {@link #multiply} needs. */
    static final int SCRATCH = (ROWS + 1) * PANEL;

    private static final int V = Lanes.BYTES;

    // The kernels call the vector interface itself: in methods of this size the compiler no longer inlines wrappers.
    private static final VectorSpecies<Float> S = Lanes.SPECIES;
    private static final MemorySegment M = Lanes.MEMORY;
    private static final ValueLayout.OfFloat FLOAT = Lanes.FLOAT;
    private static final ByteOrder ORDER = Lanes.ORDER;

    private Tiles() {}

    /** Columns rounded up to whole panels. */
    static int padded(int columns) {
        return (columns + WIDTH - 1) / WIDTH * WIDTH;
    }

    /**
     * {@code c[m, n] = init + a[m, depth]·b[depth, n]}, or {@code c += a·b}.
     *
     * @param a          first element of a; element (i, k) is at {@code a + i·aRow + k·aStep}
     * @param b          first panel of b; panel p is at {@code b + p·panelBytes}
     * @param init       one row of {@code padded(n)} values; 0 to add to c
     * @param c          first element of the result; rows are {@code cRow} bytes apart
     * @param scratch    {@link #SCRATCH} bytes
     */
    static void multiply(long a, long aRow, long aStep, int m, long b, long panelBytes, int n, int depth,
            long init, long c, long cRow, long scratch) {
        boolean add = init == 0;
        if (add) {
            Lanes.fill(scratch + ROWS * PANEL, WIDTH, 0);
        }
        for (int j = 0; j < n; j += WIDTH) {
            int columns = Math.min(WIDTH, n - j);
            long from = add ? scratch + ROWS * PANEL : init + 4L * j;
            column(a, aRow, aStep, m, b + j / WIDTH * panelBytes, columns, depth, from, add, c + 4L * j, cRow, scratch);
        }
    }

    private static void column(long a, long aRow, long aStep, int m, long b, int columns, int depth, long init, boolean add,
            long c, long cRow, long scratch) {
        boolean half = WIDE && columns <= WIDTH / 2;
        boolean direct = !add && columns == (half ? WIDTH / 2 : WIDTH);
        for (int i = 0; i < m; i += ROWS) {
            int rows = Math.min(ROWS, m - i);
            long to = c + i * cRow;
            if (direct && rows == ROWS) {
                tile(half, a + i * aRow, aRow, aStep, ROWS, b, depth, init, to, cRow);
                continue;
            }
            tile(half, a + i * aRow, aRow, aStep, rows, b, depth, init, scratch, PANEL);
            for (int r = 0; r < rows; r++) {
                if (add) {
                    Elementwise.addTo(scratch + r * PANEL, to + r * cRow, columns);
                } else {
                    Lanes.copyRow(scratch + r * PANEL, to + r * cRow, columns);
                }
            }
        }
    }

    private static void tile(boolean half, long a, long aRow, long aStep, int rows, long b, int depth, long init, long c,
            long cRow) {
        if (!WIDE) {
            tile4x2(a, aRow, aStep, rows, b, depth, init, c, cRow);
        } else if (half) {
            tile6x2(a, aRow, aStep, rows, b, depth, init, c, cRow);
        } else {
            tile6x4(a, aRow, aStep, rows, b, depth, init, c, cRow);
        }
    }

    /** 6 rows times 4 vectors, all rows starting from {@code init}; beyond {@code rows} the last row is read again. */
    private static void tile6x4(long a, long aRow, long aStep, int rows, long b, int depth, long init, long c,
            long cRow) {
        long r1 = rows > 1 ? aRow : 0;
        long r2 = rows > 2 ? 2 * aRow : r1;
        long r3 = rows > 3 ? 3 * aRow : r2;
        long r4 = rows > 4 ? 4 * aRow : r3;
        long r5 = rows > 5 ? 5 * aRow : r4;
        FloatVector c00 = FloatVector.fromMemorySegment(S, M, init, ORDER);
        FloatVector c01 = FloatVector.fromMemorySegment(S, M, init + V, ORDER);
        FloatVector c02 = FloatVector.fromMemorySegment(S, M, init + 2 * V, ORDER);
        FloatVector c03 = FloatVector.fromMemorySegment(S, M, init + 3 * V, ORDER);
        FloatVector c10 = c00;
        FloatVector c11 = c01;
        FloatVector c12 = c02;
        FloatVector c13 = c03;
        FloatVector c20 = c00;
        FloatVector c21 = c01;
        FloatVector c22 = c02;
        FloatVector c23 = c03;
        FloatVector c30 = c00;
        FloatVector c31 = c01;
        FloatVector c32 = c02;
        FloatVector c33 = c03;
        FloatVector c40 = c00;
        FloatVector c41 = c01;
        FloatVector c42 = c02;
        FloatVector c43 = c03;
        FloatVector c50 = c00;
        FloatVector c51 = c01;
        FloatVector c52 = c02;
        FloatVector c53 = c03;
        for (int k = 0; k < depth; k++) {
            long p = a + k * aStep;
            long q = b + (long) k * PANEL;
            FloatVector b0 = FloatVector.fromMemorySegment(S, M, q, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, M, q + V, ORDER);
            FloatVector b2 = FloatVector.fromMemorySegment(S, M, q + 2 * V, ORDER);
            FloatVector b3 = FloatVector.fromMemorySegment(S, M, q + 3 * V, ORDER);
            FloatVector x = FloatVector.broadcast(S, M.get(FLOAT, p));
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r1));
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r2));
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
            c23 = x.fma(b3, c23);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r3));
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            c32 = x.fma(b2, c32);
            c33 = x.fma(b3, c33);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r4));
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            c42 = x.fma(b2, c42);
            c43 = x.fma(b3, c43);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r5));
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            c52 = x.fma(b2, c52);
            c53 = x.fma(b3, c53);
        }
        c00.intoMemorySegment(M, c, ORDER);
        c01.intoMemorySegment(M, c + V, ORDER);
        c02.intoMemorySegment(M, c + 2 * V, ORDER);
        c03.intoMemorySegment(M, c + 3 * V, ORDER);
        c10.intoMemorySegment(M, c + cRow, ORDER);
        c11.intoMemorySegment(M, c + cRow + V, ORDER);
        c12.intoMemorySegment(M, c + cRow + 2 * V, ORDER);
        c13.intoMemorySegment(M, c + cRow + 3 * V, ORDER);
        c20.intoMemorySegment(M, c + 2 * cRow, ORDER);
        c21.intoMemorySegment(M, c + 2 * cRow + V, ORDER);
        c22.intoMemorySegment(M, c + 2 * cRow + 2 * V, ORDER);
        c23.intoMemorySegment(M, c + 2 * cRow + 3 * V, ORDER);
        c30.intoMemorySegment(M, c + 3 * cRow, ORDER);
        c31.intoMemorySegment(M, c + 3 * cRow + V, ORDER);
        c32.intoMemorySegment(M, c + 3 * cRow + 2 * V, ORDER);
        c33.intoMemorySegment(M, c + 3 * cRow + 3 * V, ORDER);
        c40.intoMemorySegment(M, c + 4 * cRow, ORDER);
        c41.intoMemorySegment(M, c + 4 * cRow + V, ORDER);
        c42.intoMemorySegment(M, c + 4 * cRow + 2 * V, ORDER);
        c43.intoMemorySegment(M, c + 4 * cRow + 3 * V, ORDER);
        c50.intoMemorySegment(M, c + 5 * cRow, ORDER);
        c51.intoMemorySegment(M, c + 5 * cRow + V, ORDER);
        c52.intoMemorySegment(M, c + 5 * cRow + 2 * V, ORDER);
        c53.intoMemorySegment(M, c + 5 * cRow + 3 * V, ORDER);
    }

    /** 6 rows times 2 vectors, all rows starting from {@code init}; beyond {@code rows} the last row is read again. */
    private static void tile6x2(long a, long aRow, long aStep, int rows, long b, int depth, long init, long c,
            long cRow) {
        long r1 = rows > 1 ? aRow : 0;
        long r2 = rows > 2 ? 2 * aRow : r1;
        long r3 = rows > 3 ? 3 * aRow : r2;
        long r4 = rows > 4 ? 4 * aRow : r3;
        long r5 = rows > 5 ? 5 * aRow : r4;
        FloatVector c00 = FloatVector.fromMemorySegment(S, M, init, ORDER);
        FloatVector c01 = FloatVector.fromMemorySegment(S, M, init + V, ORDER);
        FloatVector c10 = c00;
        FloatVector c11 = c01;
        FloatVector c20 = c00;
        FloatVector c21 = c01;
        FloatVector c30 = c00;
        FloatVector c31 = c01;
        FloatVector c40 = c00;
        FloatVector c41 = c01;
        FloatVector c50 = c00;
        FloatVector c51 = c01;
        for (int k = 0; k < depth; k++) {
            long p = a + k * aStep;
            long q = b + (long) k * PANEL;
            FloatVector b0 = FloatVector.fromMemorySegment(S, M, q, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, M, q + V, ORDER);
            FloatVector x = FloatVector.broadcast(S, M.get(FLOAT, p));
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r1));
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r2));
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r3));
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r4));
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r5));
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
        }
        c00.intoMemorySegment(M, c, ORDER);
        c01.intoMemorySegment(M, c + V, ORDER);
        c10.intoMemorySegment(M, c + cRow, ORDER);
        c11.intoMemorySegment(M, c + cRow + V, ORDER);
        c20.intoMemorySegment(M, c + 2 * cRow, ORDER);
        c21.intoMemorySegment(M, c + 2 * cRow + V, ORDER);
        c30.intoMemorySegment(M, c + 3 * cRow, ORDER);
        c31.intoMemorySegment(M, c + 3 * cRow + V, ORDER);
        c40.intoMemorySegment(M, c + 4 * cRow, ORDER);
        c41.intoMemorySegment(M, c + 4 * cRow + V, ORDER);
        c50.intoMemorySegment(M, c + 5 * cRow, ORDER);
        c51.intoMemorySegment(M, c + 5 * cRow + V, ORDER);
    }

    /** 4 rows times 2 vectors, all rows starting from {@code init}; beyond {@code rows} the last row is read again. */
    private static void tile4x2(long a, long aRow, long aStep, int rows, long b, int depth, long init, long c,
            long cRow) {
        long r1 = rows > 1 ? aRow : 0;
        long r2 = rows > 2 ? 2 * aRow : r1;
        long r3 = rows > 3 ? 3 * aRow : r2;
        FloatVector c00 = FloatVector.fromMemorySegment(S, M, init, ORDER);
        FloatVector c01 = FloatVector.fromMemorySegment(S, M, init + V, ORDER);
        FloatVector c10 = c00;
        FloatVector c11 = c01;
        FloatVector c20 = c00;
        FloatVector c21 = c01;
        FloatVector c30 = c00;
        FloatVector c31 = c01;
        for (int k = 0; k < depth; k++) {
            long p = a + k * aStep;
            long q = b + (long) k * PANEL;
            FloatVector b0 = FloatVector.fromMemorySegment(S, M, q, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, M, q + V, ORDER);
            FloatVector x = FloatVector.broadcast(S, M.get(FLOAT, p));
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r1));
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r2));
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + r3));
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
        }
        c00.intoMemorySegment(M, c, ORDER);
        c01.intoMemorySegment(M, c + V, ORDER);
        c10.intoMemorySegment(M, c + cRow, ORDER);
        c11.intoMemorySegment(M, c + cRow + V, ORDER);
        c20.intoMemorySegment(M, c + 2 * cRow, ORDER);
        c21.intoMemorySegment(M, c + 2 * cRow + V, ORDER);
        c30.intoMemorySegment(M, c + 3 * cRow, ORDER);
        c31.intoMemorySegment(M, c + 3 * cRow + V, ORDER);
    }
}
