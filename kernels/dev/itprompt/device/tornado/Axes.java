package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Repetitions and copies along an axis; sums are {@link Reductions}. A tensor is seen as [outer, n, inside]. One item per element
 * that is written, no local memory.
 */
final class Axes {

    private Axes() {}

    /** x [outer, inside] repeated to y [outer, count, inside]. Table: x, y, size of y, count, inside. */
    static void repeat(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(2)) {
            int inside = table.get(4);
            heap.set(table.get(1) + i, heap.get(table.get(0) + i / (table.get(3) * inside) * inside + i % inside));
        }
    }

    /**
     * Stretches of elements. Table: x, y, number of elements, elements of a stretch, elements of x from one stretch to the next, of
     * y likewise.
     */
    static void copy(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(2)) {
            int stretch = i / table.get(3);
            int element = i % table.get(3);
            heap.set(table.get(1) + stretch * table.get(5) + element, heap.get(table.get(0) + stretch * table.get(4) + element));
        }
    }

    /**
     * y = zeros, with a stretch of x in the midst of each of y. Table: x, y, size of y, elements of a stretch of x, where it begins
     * in a stretch of y, elements of that.
     */
    static void pad(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(2)) {
            int from = i % table.get(5) - table.get(4);
            int stretch = table.get(0) + i / table.get(5) * table.get(3);
            heap.set(table.get(1) + i, from >= 0 && from < table.get(3) ? heap.get(stretch + from) : 0f);
        }
    }
}
