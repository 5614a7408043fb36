package dev.itprompt.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles {@code c = init + aᵀ·b} with a in a panel, read along its columns: element (i, k) of the left operand is at
 * {@code a + 4i + k·LEFT_PANEL}, and row k of b at {@code b + k·PANEL}. See {@link Tiles}.
 *
 * <p>The accumulators, a row of b and one number of a fill the registers. The kernels call the vector interface itself, because
 * in methods of this size the compiler no longer inlines wrappers; and every stride inside the loop is a constant, because only
 * then does it take all address checks out of the loop.
 */
final class ColumnTiles {

    private static final int PANEL = Tiles.PANEL;
    private static final int LEFT_PANEL = Tiles.LEFT_PANEL;
    private static final int V = Lanes.BYTES;
    private static final VectorSpecies<Float> S = Lanes.SPECIES;
    private static final MemorySegment M = Lanes.MEMORY;
    private static final ValueLayout.OfFloat FLOAT = Lanes.FLOAT;
    private static final ByteOrder ORDER = Lanes.ORDER;

    private ColumnTiles() {}

    /** 6 rows times 4 vectors. */
    static void tile6x4(long a, long b, int depth, long init, long initRow, long c, long cRow) {
        FloatVector c00 = FloatVector.fromMemorySegment(S, M, init, ORDER);
        FloatVector c01 = FloatVector.fromMemorySegment(S, M, init + V, ORDER);
        FloatVector c02 = FloatVector.fromMemorySegment(S, M, init + 2 * V, ORDER);
        FloatVector c03 = FloatVector.fromMemorySegment(S, M, init + 3 * V, ORDER);
        FloatVector c10 = FloatVector.fromMemorySegment(S, M, init + initRow, ORDER);
        FloatVector c11 = FloatVector.fromMemorySegment(S, M, init + initRow + V, ORDER);
        FloatVector c12 = FloatVector.fromMemorySegment(S, M, init + initRow + 2 * V, ORDER);
        FloatVector c13 = FloatVector.fromMemorySegment(S, M, init + initRow + 3 * V, ORDER);
        FloatVector c20 = FloatVector.fromMemorySegment(S, M, init + 2 * initRow, ORDER);
        FloatVector c21 = FloatVector.fromMemorySegment(S, M, init + 2 * initRow + V, ORDER);
        FloatVector c22 = FloatVector.fromMemorySegment(S, M, init + 2 * initRow + 2 * V, ORDER);
        FloatVector c23 = FloatVector.fromMemorySegment(S, M, init + 2 * initRow + 3 * V, ORDER);
        FloatVector c30 = FloatVector.fromMemorySegment(S, M, init + 3 * initRow, ORDER);
        FloatVector c31 = FloatVector.fromMemorySegment(S, M, init + 3 * initRow + V, ORDER);
        FloatVector c32 = FloatVector.fromMemorySegment(S, M, init + 3 * initRow + 2 * V, ORDER);
        FloatVector c33 = FloatVector.fromMemorySegment(S, M, init + 3 * initRow + 3 * V, ORDER);
        FloatVector c40 = FloatVector.fromMemorySegment(S, M, init + 4 * initRow, ORDER);
        FloatVector c41 = FloatVector.fromMemorySegment(S, M, init + 4 * initRow + V, ORDER);
        FloatVector c42 = FloatVector.fromMemorySegment(S, M, init + 4 * initRow + 2 * V, ORDER);
        FloatVector c43 = FloatVector.fromMemorySegment(S, M, init + 4 * initRow + 3 * V, ORDER);
        FloatVector c50 = FloatVector.fromMemorySegment(S, M, init + 5 * initRow, ORDER);
        FloatVector c51 = FloatVector.fromMemorySegment(S, M, init + 5 * initRow + V, ORDER);
        FloatVector c52 = FloatVector.fromMemorySegment(S, M, init + 5 * initRow + 2 * V, ORDER);
        FloatVector c53 = FloatVector.fromMemorySegment(S, M, init + 5 * initRow + 3 * V, ORDER);
        for (int k = 0; k < depth; k++) {
            long p = a + (long) k * LEFT_PANEL;
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
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 4));
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 8));
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
            c23 = x.fma(b3, c23);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 12));
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            c32 = x.fma(b2, c32);
            c33 = x.fma(b3, c33);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 16));
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            c42 = x.fma(b2, c42);
            c43 = x.fma(b3, c43);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 20));
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

    /** 6 rows times 2 vectors. */
    static void tile6x2(long a, long b, int depth, long init, long initRow, long c, long cRow) {
        FloatVector c00 = FloatVector.fromMemorySegment(S, M, init, ORDER);
        FloatVector c01 = FloatVector.fromMemorySegment(S, M, init + V, ORDER);
        FloatVector c10 = FloatVector.fromMemorySegment(S, M, init + initRow, ORDER);
        FloatVector c11 = FloatVector.fromMemorySegment(S, M, init + initRow + V, ORDER);
        FloatVector c20 = FloatVector.fromMemorySegment(S, M, init + 2 * initRow, ORDER);
        FloatVector c21 = FloatVector.fromMemorySegment(S, M, init + 2 * initRow + V, ORDER);
        FloatVector c30 = FloatVector.fromMemorySegment(S, M, init + 3 * initRow, ORDER);
        FloatVector c31 = FloatVector.fromMemorySegment(S, M, init + 3 * initRow + V, ORDER);
        FloatVector c40 = FloatVector.fromMemorySegment(S, M, init + 4 * initRow, ORDER);
        FloatVector c41 = FloatVector.fromMemorySegment(S, M, init + 4 * initRow + V, ORDER);
        FloatVector c50 = FloatVector.fromMemorySegment(S, M, init + 5 * initRow, ORDER);
        FloatVector c51 = FloatVector.fromMemorySegment(S, M, init + 5 * initRow + V, ORDER);
        for (int k = 0; k < depth; k++) {
            long p = a + (long) k * LEFT_PANEL;
            long q = b + (long) k * PANEL;
            FloatVector b0 = FloatVector.fromMemorySegment(S, M, q, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, M, q + V, ORDER);
            FloatVector x = FloatVector.broadcast(S, M.get(FLOAT, p));
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 4));
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 8));
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 12));
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 16));
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 20));
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

    /** 3 rows times 3 vectors. */
    static void tile3x3(long a, long b, int depth, long init, long initRow, long c, long cRow) {
        FloatVector c00 = FloatVector.fromMemorySegment(S, M, init, ORDER);
        FloatVector c01 = FloatVector.fromMemorySegment(S, M, init + V, ORDER);
        FloatVector c02 = FloatVector.fromMemorySegment(S, M, init + 2 * V, ORDER);
        FloatVector c10 = FloatVector.fromMemorySegment(S, M, init + initRow, ORDER);
        FloatVector c11 = FloatVector.fromMemorySegment(S, M, init + initRow + V, ORDER);
        FloatVector c12 = FloatVector.fromMemorySegment(S, M, init + initRow + 2 * V, ORDER);
        FloatVector c20 = FloatVector.fromMemorySegment(S, M, init + 2 * initRow, ORDER);
        FloatVector c21 = FloatVector.fromMemorySegment(S, M, init + 2 * initRow + V, ORDER);
        FloatVector c22 = FloatVector.fromMemorySegment(S, M, init + 2 * initRow + 2 * V, ORDER);
        for (int k = 0; k < depth; k++) {
            long p = a + (long) k * LEFT_PANEL;
            long q = b + (long) k * PANEL;
            FloatVector b0 = FloatVector.fromMemorySegment(S, M, q, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, M, q + V, ORDER);
            FloatVector b2 = FloatVector.fromMemorySegment(S, M, q + 2 * V, ORDER);
            FloatVector x = FloatVector.broadcast(S, M.get(FLOAT, p));
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 4));
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 8));
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
        }
        c00.intoMemorySegment(M, c, ORDER);
        c01.intoMemorySegment(M, c + V, ORDER);
        c02.intoMemorySegment(M, c + 2 * V, ORDER);
        c10.intoMemorySegment(M, c + cRow, ORDER);
        c11.intoMemorySegment(M, c + cRow + V, ORDER);
        c12.intoMemorySegment(M, c + cRow + 2 * V, ORDER);
        c20.intoMemorySegment(M, c + 2 * cRow, ORDER);
        c21.intoMemorySegment(M, c + 2 * cRow + V, ORDER);
        c22.intoMemorySegment(M, c + 2 * cRow + 2 * V, ORDER);
    }
}
