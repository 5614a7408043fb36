package dev.itprompt.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles {@code c = init + a·b} with a read along its rows: element (i, k) of a is at {@code a + i·ROW + 4k}, and row k of
 * b at {@code b + k·PANEL}. See {@link Tiles}.
 *
 * <p>The accumulators, a row of b and one number of a fill the registers. The kernels call the vector interface itself, because
 * in methods of this size the compiler no longer inlines wrappers. Strides inside the loop are constants, so that the addresses of a
 * take one register instead of one per row.
 *
 * <p>A mask leaves an address as it is, but tells the compiler that no sum with it overflows, which saves bounds checks and the copies
 * of the loop that would do them. Masked is what made each kernel fastest: with more, loads are moved ahead and registers run out.
 */
final class RowTiles {

    private static final int ROW = Tiles.ROW;
    private static final int PANEL = Tiles.PANEL;
    private static final int V = Lanes.BYTES;
    private static final VectorSpecies<Float> S = Lanes.SPECIES;
    private static final MemorySegment M = Lanes.MEMORY;
    private static final ValueLayout.OfFloat FLOAT = Lanes.FLOAT;
    private static final ByteOrder ORDER = Lanes.ORDER;
    private static final long ADDRESS = Lanes.ADDRESS;
    private static final long STRIDE = Integer.MAX_VALUE;

    private RowTiles() {}

    /** 12 rows times 2 vectors. */
    static void tile12x2(long a, long b, int depth, long init, long initRow, long c, long cRow) {
        a &= ADDRESS;
        init &= ADDRESS;
        c &= ADDRESS;
        initRow &= STRIDE;
        cRow &= STRIDE;
        FloatVector c0a = FloatVector.fromMemorySegment(S, M, init, ORDER);
        FloatVector c0b = FloatVector.fromMemorySegment(S, M, init + V, ORDER);
        FloatVector c1a = FloatVector.fromMemorySegment(S, M, init + initRow, ORDER);
        FloatVector c1b = FloatVector.fromMemorySegment(S, M, init + initRow + V, ORDER);
        FloatVector c2a = FloatVector.fromMemorySegment(S, M, init + 2 * initRow, ORDER);
        FloatVector c2b = FloatVector.fromMemorySegment(S, M, init + 2 * initRow + V, ORDER);
        FloatVector c3a = FloatVector.fromMemorySegment(S, M, init + 3 * initRow, ORDER);
        FloatVector c3b = FloatVector.fromMemorySegment(S, M, init + 3 * initRow + V, ORDER);
        FloatVector c4a = FloatVector.fromMemorySegment(S, M, init + 4 * initRow, ORDER);
        FloatVector c4b = FloatVector.fromMemorySegment(S, M, init + 4 * initRow + V, ORDER);
        FloatVector c5a = FloatVector.fromMemorySegment(S, M, init + 5 * initRow, ORDER);
        FloatVector c5b = FloatVector.fromMemorySegment(S, M, init + 5 * initRow + V, ORDER);
        FloatVector c6a = FloatVector.fromMemorySegment(S, M, init + 6 * initRow, ORDER);
        FloatVector c6b = FloatVector.fromMemorySegment(S, M, init + 6 * initRow + V, ORDER);
        FloatVector c7a = FloatVector.fromMemorySegment(S, M, init + 7 * initRow, ORDER);
        FloatVector c7b = FloatVector.fromMemorySegment(S, M, init + 7 * initRow + V, ORDER);
        FloatVector c8a = FloatVector.fromMemorySegment(S, M, init + 8 * initRow, ORDER);
        FloatVector c8b = FloatVector.fromMemorySegment(S, M, init + 8 * initRow + V, ORDER);
        FloatVector c9a = FloatVector.fromMemorySegment(S, M, init + 9 * initRow, ORDER);
        FloatVector c9b = FloatVector.fromMemorySegment(S, M, init + 9 * initRow + V, ORDER);
        FloatVector c10a = FloatVector.fromMemorySegment(S, M, init + 10 * initRow, ORDER);
        FloatVector c10b = FloatVector.fromMemorySegment(S, M, init + 10 * initRow + V, ORDER);
        FloatVector c11a = FloatVector.fromMemorySegment(S, M, init + 11 * initRow, ORDER);
        FloatVector c11b = FloatVector.fromMemorySegment(S, M, init + 11 * initRow + V, ORDER);
        for (int k = 0; k < depth; k++) {
            long p = a + 4L * k;
            long q = b + (long) k * PANEL;
            FloatVector u = FloatVector.fromMemorySegment(S, M, q, ORDER);
            FloatVector v = FloatVector.fromMemorySegment(S, M, q + V, ORDER);
            FloatVector x = FloatVector.broadcast(S, M.get(FLOAT, p));
            c0a = u.fma(x, c0a);
            c0b = v.fma(x, c0b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + ROW));
            c1a = u.fma(x, c1a);
            c1b = v.fma(x, c1b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 2 * ROW));
            c2a = u.fma(x, c2a);
            c2b = v.fma(x, c2b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 3 * ROW));
            c3a = u.fma(x, c3a);
            c3b = v.fma(x, c3b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 4 * ROW));
            c4a = u.fma(x, c4a);
            c4b = v.fma(x, c4b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 5 * ROW));
            c5a = u.fma(x, c5a);
            c5b = v.fma(x, c5b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 6 * ROW));
            c6a = u.fma(x, c6a);
            c6b = v.fma(x, c6b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 7 * ROW));
            c7a = u.fma(x, c7a);
            c7b = v.fma(x, c7b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 8 * ROW));
            c8a = u.fma(x, c8a);
            c8b = v.fma(x, c8b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 9 * ROW));
            c9a = u.fma(x, c9a);
            c9b = v.fma(x, c9b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 10 * ROW));
            c10a = u.fma(x, c10a);
            c10b = v.fma(x, c10b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 11 * ROW));
            c11a = u.fma(x, c11a);
            c11b = v.fma(x, c11b);
        }
        c0a.intoMemorySegment(M, c, ORDER);
        c0b.intoMemorySegment(M, c + V, ORDER);
        c1a.intoMemorySegment(M, c + cRow, ORDER);
        c1b.intoMemorySegment(M, c + cRow + V, ORDER);
        c2a.intoMemorySegment(M, c + 2 * cRow, ORDER);
        c2b.intoMemorySegment(M, c + 2 * cRow + V, ORDER);
        c3a.intoMemorySegment(M, c + 3 * cRow, ORDER);
        c3b.intoMemorySegment(M, c + 3 * cRow + V, ORDER);
        c4a.intoMemorySegment(M, c + 4 * cRow, ORDER);
        c4b.intoMemorySegment(M, c + 4 * cRow + V, ORDER);
        c5a.intoMemorySegment(M, c + 5 * cRow, ORDER);
        c5b.intoMemorySegment(M, c + 5 * cRow + V, ORDER);
        c6a.intoMemorySegment(M, c + 6 * cRow, ORDER);
        c6b.intoMemorySegment(M, c + 6 * cRow + V, ORDER);
        c7a.intoMemorySegment(M, c + 7 * cRow, ORDER);
        c7b.intoMemorySegment(M, c + 7 * cRow + V, ORDER);
        c8a.intoMemorySegment(M, c + 8 * cRow, ORDER);
        c8b.intoMemorySegment(M, c + 8 * cRow + V, ORDER);
        c9a.intoMemorySegment(M, c + 9 * cRow, ORDER);
        c9b.intoMemorySegment(M, c + 9 * cRow + V, ORDER);
        c10a.intoMemorySegment(M, c + 10 * cRow, ORDER);
        c10b.intoMemorySegment(M, c + 10 * cRow + V, ORDER);
        c11a.intoMemorySegment(M, c + 11 * cRow, ORDER);
        c11b.intoMemorySegment(M, c + 11 * cRow + V, ORDER);
    }

    /** 6 rows times 2 vectors. */
    static void tile6x2(long a, long b, int depth, long init, long initRow, long c, long cRow) {
        init &= ADDRESS;
        c &= ADDRESS;
        initRow &= STRIDE;
        cRow &= STRIDE;
        FloatVector c0a = FloatVector.fromMemorySegment(S, M, init, ORDER);
        FloatVector c0b = FloatVector.fromMemorySegment(S, M, init + V, ORDER);
        FloatVector c1a = FloatVector.fromMemorySegment(S, M, init + initRow, ORDER);
        FloatVector c1b = FloatVector.fromMemorySegment(S, M, init + initRow + V, ORDER);
        FloatVector c2a = FloatVector.fromMemorySegment(S, M, init + 2 * initRow, ORDER);
        FloatVector c2b = FloatVector.fromMemorySegment(S, M, init + 2 * initRow + V, ORDER);
        FloatVector c3a = FloatVector.fromMemorySegment(S, M, init + 3 * initRow, ORDER);
        FloatVector c3b = FloatVector.fromMemorySegment(S, M, init + 3 * initRow + V, ORDER);
        FloatVector c4a = FloatVector.fromMemorySegment(S, M, init + 4 * initRow, ORDER);
        FloatVector c4b = FloatVector.fromMemorySegment(S, M, init + 4 * initRow + V, ORDER);
        FloatVector c5a = FloatVector.fromMemorySegment(S, M, init + 5 * initRow, ORDER);
        FloatVector c5b = FloatVector.fromMemorySegment(S, M, init + 5 * initRow + V, ORDER);
        for (int k = 0; k < depth; k++) {
            long p = a + 4L * k;
            long q = b + (long) k * PANEL;
            FloatVector u = FloatVector.fromMemorySegment(S, M, q, ORDER);
            FloatVector v = FloatVector.fromMemorySegment(S, M, q + V, ORDER);
            FloatVector x = FloatVector.broadcast(S, M.get(FLOAT, p));
            c0a = u.fma(x, c0a);
            c0b = v.fma(x, c0b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + ROW));
            c1a = u.fma(x, c1a);
            c1b = v.fma(x, c1b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 2 * ROW));
            c2a = u.fma(x, c2a);
            c2b = v.fma(x, c2b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 3 * ROW));
            c3a = u.fma(x, c3a);
            c3b = v.fma(x, c3b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 4 * ROW));
            c4a = u.fma(x, c4a);
            c4b = v.fma(x, c4b);
            x = FloatVector.broadcast(S, M.get(FLOAT, p + 5 * ROW));
            c5a = u.fma(x, c5a);
            c5b = v.fma(x, c5b);
        }
        c0a.intoMemorySegment(M, c, ORDER);
        c0b.intoMemorySegment(M, c + V, ORDER);
        c1a.intoMemorySegment(M, c + cRow, ORDER);
        c1b.intoMemorySegment(M, c + cRow + V, ORDER);
        c2a.intoMemorySegment(M, c + 2 * cRow, ORDER);
        c2b.intoMemorySegment(M, c + 2 * cRow + V, ORDER);
        c3a.intoMemorySegment(M, c + 3 * cRow, ORDER);
        c3b.intoMemorySegment(M, c + 3 * cRow + V, ORDER);
        c4a.intoMemorySegment(M, c + 4 * cRow, ORDER);
        c4b.intoMemorySegment(M, c + 4 * cRow + V, ORDER);
        c5a.intoMemorySegment(M, c + 5 * cRow, ORDER);
        c5b.intoMemorySegment(M, c + 5 * cRow + V, ORDER);
    }
}
