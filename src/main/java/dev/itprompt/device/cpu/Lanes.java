package dev.itprompt.device.cpu;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors and numbers at native addresses. Every kernel works on addresses of float32 elements: one constant segment that
 * spans the address space lets the compiler fold all checks, which it cannot do for segments that arrive as arguments.
 * Nothing here checks an address; the caller answers for it.
 */
final class Lanes {

    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /** Elements in one vector. */
    static final int COUNT = SPECIES.length();
    /** Bytes of one vector. */
    static final int BYTES = 4 * COUNT;

    static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    /** Aligned: the checks of that happen before a loop, and the code of loops without them came out slower. */
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    /** The bits that addresses of a program have: after a bitwise and, the compiler knows that adding to an address does not overflow. */
    static final long ADDRESS = Long.MAX_VALUE >>> 7;
    static final ByteOrder ORDER = ByteOrder.nativeOrder();
    /** Whether the processor has fused multiply-adds. */
    static final boolean FUSED = Boolean.parseBoolean(
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption("UseFMA").getValue());
    /** Without masked memory access (128-bit machines) a masked load may touch bytes beyond its last element. */
    private static final boolean MASKED = COUNT > 4;

    private static final VectorShuffle<Float> BY_1 = rotate(1);
    private static final VectorShuffle<Float> BY_2 = rotate(2);
    private static final VectorShuffle<Float> BY_4 = rotate(4);
    private static final VectorShuffle<Float> BY_8 = rotate(8);
    private static final VectorShuffle<Float> BY_16 = rotate(16);
    private static final VectorShuffle<Float> BY_32 = rotate(32);

    private Lanes() {}

    static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(SPECIES, MEMORY, address, ORDER);
    }

    static void store(FloatVector v, long address) {
        v.intoMemorySegment(MEMORY, address, ORDER);
    }

    // The next two are small enough to be inlined even where they are rarely called: a vector that is sometimes the result of
    // a call is an object, and so is every vector computed from it.

    /** The first {@code count} lanes from memory, the others 0; {@code count} is less than {@link #COUNT}. */
    static FloatVector load(long address, int count) {
        return MASKED ? FloatVector.fromMemorySegment(SPECIES, MEMORY, address, ORDER, first(count)) : gather(address, count);
    }

    /** Writes the first {@code count} lanes; {@code count} is less than {@link #COUNT}. */
    static void store(FloatVector v, long address, int count) {
        if (MASKED) {
            v.intoMemorySegment(MEMORY, address, ORDER, first(count));
        } else {
            scatter(v, address, count);
        }
    }

    private static FloatVector gather(long address, int count) {
        FloatVector v = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i++) {
            v = v.withLane(i, get(address + 4L * i));
        }
        return v;
    }

    private static void scatter(FloatVector v, long address, int count) {
        for (int i = 0; i < count; i++) {
            set(address + 4L * i, v.lane(i));
        }
    }

    /** The mask of the first {@code count} lanes. */
    static VectorMask<Float> first(int count) {
        return SPECIES.indexInRange(0, count);
    }

    /**
     * {@code a·b + c}, rounded once where the processor can. Elsewhere the interface's fma, which must round once, falls back to
     * decimal arithmetic, thousands of times as slow as two roundings.
     */
    static FloatVector fma(FloatVector a, FloatVector b, FloatVector c) {
        return FUSED ? a.fma(b, c) : a.mul(b).add(c);
    }

    static FloatVector zero() {
        return FloatVector.zero(SPECIES);
    }

    static FloatVector broadcast(float x) {
        return FloatVector.broadcast(SPECIES, x);
    }

    /**
     * The sum of all lanes, added pairwise. The interface's own reduction leaves the order open, and the interpreter and the
     * compilers do differ.
     */
    static float sum(FloatVector v) {
        FloatVector s = v;
        if (COUNT > 32) {
            s = s.add(s.rearrange(BY_32));
        }
        if (COUNT > 16) {
            s = s.add(s.rearrange(BY_16));
        }
        if (COUNT > 8) {
            s = s.add(s.rearrange(BY_8));
        }
        if (COUNT > 4) {
            s = s.add(s.rearrange(BY_4));
        }
        if (COUNT > 2) {
            s = s.add(s.rearrange(BY_2));
        }
        return s.add(s.rearrange(BY_1)).lane(0);
    }

    private static VectorShuffle<Float> rotate(int by) {
        return VectorShuffle.iota(SPECIES, by, 1, true);
    }

    static float get(long address) {
        return MEMORY.get(FLOAT, address);
    }

    static void set(long address, float value) {
        MEMORY.set(FLOAT, address, value);
    }

    static double getDouble(long address) {
        return MEMORY.get(ValueLayout.JAVA_DOUBLE, address);
    }

    static void setDouble(long address, double value) {
        MEMORY.set(ValueLayout.JAVA_DOUBLE, address, value);
    }

    /** Copies {@code count} elements. */
    static void copy(long from, long to, long count) {
        MemorySegment.copy(MEMORY, from, MEMORY, to, 4 * count);
    }

    /** Sets {@code count} elements to 0. */
    static void clear(long address, long count) {
        MEMORY.asSlice(address, 4 * count).fill((byte) 0);
    }

    /** Sets {@code count} elements to one value. */
    static void fill(long address, int count, float value) {
        FloatVector v = broadcast(value);
        int i = 0;
        for (; i <= count - COUNT; i += COUNT) {
            store(v, address + 4L * i);
        }
        if (i < count) {
            store(v, address + 4L * i, count - i);
        }
    }

    /**
     * Reads something of each cache line of some stretches, so that what follows finds them in the second-level cache: reads that
     * depend on nothing overlap, while products wait for each line in turn.
     *
     * @param apart bytes from one stretch to the next
     * @param sink  one float that is overwritten, which keeps the compiler from leaving the reads out
     */
    static void touch(long address, int stretches, long apart, long bytes, long sink) {
        for (int i = 0; i < stretches; i++) {
            set(sink, touch(address + i * apart, bytes));
        }
    }

    /** But for at most three lines at the end. Four places at once keep more of what fetches ahead busy than one. */
    private static float touch(long address, long bytes) {
        FloatVector w = zero();
        FloatVector x = zero();
        FloatVector y = zero();
        FloatVector z = zero();
        long quarter = bytes / 256 * 64;
        for (long i = address; i < address + quarter; i += 64) {
            w = w.add(load(i));
            x = x.add(load(i + quarter));
            y = y.add(load(i + 2 * quarter));
            z = z.add(load(i + 3 * quarter));
        }
        return w.add(x).add(y.add(z)).lane(0);
    }

    /** Copies {@code count} elements; for short rows, where {@link #copy} costs more than it does. */
    static void copyRow(long from, long to, int count) {
        int i = 0;
        for (; i <= count - COUNT; i += COUNT) {
            store(load(from + 4L * i), to + 4L * i);
        }
        if (i < count) {
            store(load(from + 4L * i, count - i), to + 4L * i, count - i);
        }
    }
}
