package dev.itprompt.device.tornado;

import java.util.Map;
import java.util.TreeMap;

/**
 * Which parts of the heap are taken. Ranges go to the first gap that is large enough. They begin at cache lines of 128 bytes:
 * the heap's memory does, and TornadoVM puts a header of 16 bytes in front of its first float.
 */
final class HeapSpace {

    private static final int ALIGNMENT = 32;
    /** Where the first range begins. */
    private static final int FIRST = ALIGNMENT - 4;

    private final TreeMap<Integer, Integer> taken = new TreeMap<>();
    private long capacity;

    /** @param capacity floats */
    HeapSpace(long capacity) {
        this.capacity = capacity;
    }

    /** Takes a range; returns where it begins, or -1 if no gap is large enough. */
    int take(long size) {
        long begin = FIRST;
        for (Map.Entry<Integer, Integer> range : taken.entrySet()) {
            if (range.getKey() - begin >= size) {
                break;
            }
            begin = following((long) range.getKey() + range.getValue());
        }
        if (begin + size > capacity) {
            return -1;
        }
        taken.put((int) begin, (int) size);
        return (int) begin;
    }

    /** Gives back a range that {@link #take} returned. */
    void release(int begin) {
        taken.remove(begin);
    }

    /** Capacity that a range of so many floats behind all others needs. */
    long needed(long size) {
        return following(used()) + size;
    }

    /** Where a range begins that follows what ends there. */
    private static long following(long end) {
        return FIRST + aligned(Math.max(0, end - FIRST));
    }

    /** Floats from the beginning to the end of the last range. */
    long used() {
        return taken.isEmpty() ? 0 : (long) taken.lastEntry().getKey() + taken.lastEntry().getValue();
    }

    /** Adds room at the end. */
    void extend(long newCapacity) {
        capacity = newCapacity;
    }

    /** The next multiple of the alignment. */
    static long aligned(long floats) {
        return Math.ceilDiv(floats, (long) ALIGNMENT) * ALIGNMENT;
    }
}
