package dev.itprompt.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Sums over whole tensors, in double precision over short stretches summed in float; the order never depends on threads. */
final class Reductions {

    private static final int STRETCH = 1024;
    private static final VectorSpecies<Integer> BITS = Lanes.SPECIES.withLanes(int.class);

    private Reductions() {}

    /** Bytes of shared workspace for {@link #sum}. */
    static long bytes(int size, int chunk) {
        return 8L * ((size + chunk - 1) / chunk);
    }

    /** The sum of the elements or of their squares. */
    static double sum(Workers workers, Workspace space, long x, int size, int chunk, boolean squares) {
        int chunks = (int) (((long) size + chunk - 1) / chunk);
        long partial = space.shared();
        workers.split(chunks, chunk, (_, from, to) -> {
            for (int c = from; c < to; c++) {
                long first = (long) c * chunk;
                double value = sum(x + 4 * first, (int) Math.min(chunk, size - first), squares);
                Lanes.setDouble(partial + 8L * c, value);
            }
        });
        double total = 0;
        for (int c = 0; c < chunks; c++) {
            total += Lanes.getDouble(partial + 8L * c);
        }
        return total;
    }

    /** The sum of a row or of its squares, in double precision. */
    static double sum(long x, int count, boolean squares) {
        double total = 0;
        for (int i = 0; i < count; i += STRETCH) {
            int n = Math.min(STRETCH, count - i);
            total += squares ? dot(x + 4L * i, x + 4L * i, n) : sum(x + 4L * i, n);
        }
        return total;
    }

    /** The sum of a short row. */
    static float sum(long x, int count) {
        FloatVector s0 = Lanes.zero();
        FloatVector s1 = Lanes.zero();
        int i = 0;
        for (; i <= count - 2 * Lanes.COUNT; i += 2 * Lanes.COUNT) {
            s0 = s0.add(Lanes.load(x + 4L * i));
            s1 = s1.add(Lanes.load(x + 4L * i + Lanes.BYTES));
        }
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            s0 = s0.add(Lanes.load(x + 4L * i));
        }
        if (i < count) {
            s1 = s1.add(Lanes.load(x + 4L * i, count - i));
        }
        return Lanes.sum(s0.add(s1));
    }

    /** The inner product of two rows. */
    static float dot(long x, long y, int count) {
        FloatVector s0 = Lanes.zero();
        FloatVector s1 = Lanes.zero();
        int i = 0;
        for (; i <= count - 2 * Lanes.COUNT; i += 2 * Lanes.COUNT) {
            s0 = Lanes.fma(Lanes.load(x + 4L * i), Lanes.load(y + 4L * i), s0);
            s1 = Lanes.fma(Lanes.load(x + 4L * i + Lanes.BYTES), Lanes.load(y + 4L * i + Lanes.BYTES), s1);
        }
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            s0 = Lanes.fma(Lanes.load(x + 4L * i), Lanes.load(y + 4L * i), s0);
        }
        if (i < count) {
            s1 = Lanes.fma(Lanes.load(x + 4L * i, count - i), Lanes.load(y + 4L * i, count - i), s1);
        }
        return Lanes.sum(s0.add(s1));
    }

    /**
     * The largest element of a row; -infinity is allowed, NaN is not looked for. Compares the bits as integers, negative
     * numbers with all but the sign inverted: that takes one cycle, where the comparison of floats takes many.
     */
    static float max(long x, int count) {
        IntVector largest = IntVector.broadcast(BITS, Integer.MIN_VALUE);
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            IntVector bits = Lanes.load(x + 4L * i).reinterpretAsInts();
            largest = largest.max(bits.lanewise(VectorOperators.XOR, bits.lanewise(VectorOperators.ASHR, 31)
                    .lanewise(VectorOperators.LSHR, 1)));
        }
        int key = largest.reduceLanes(VectorOperators.MAX);
        float max = i == 0 ? Float.NEGATIVE_INFINITY : Float.intBitsToFloat(key ^ (key >> 31) >>> 1);
        for (; i < count; i++) {
            max = Math.max(max, Lanes.get(x + 4L * i));
        }
        return max;
    }
}
