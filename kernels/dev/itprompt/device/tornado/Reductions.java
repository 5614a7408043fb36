package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Sums over rows and over everything. The order of additions depends on extents only: same input, same bits. */
final class Reductions {

    /** The entry of {@link #sumParts}'s table where those of {@link Epilogues} begin. */
    private static final int PARTS_EPILOGUE = 7;

    private Reductions() {}

    /**
     * y [m, n] = Σ parts + bias + c, parts being products over stretches of k, added in their order; see {@link Product#inParts}. One item
     * per value. Table: where parts, bias and c begin (the latter -1 if there is none), y, values, parts, n; then those of
     * {@link Epilogues}.
     */
    static void sumParts(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        int size = table.get(4);
        if (i < size) {
            float sum = 0f;
            for (int part = 0; part < table.get(5); part++) {
                sum += heap.get(table.get(0) + part * size + i);
            }
            if (table.get(1) >= 0) {
                sum += heap.get(table.get(1) + i % table.get(6));
            }
            if (table.get(2) >= 0) {
                sum += heap.get(table.get(2) + i);
            }
            heap.set(table.get(3) + i, sum);
            if (table.get(PARTS_EPILOGUE) > 0) {
                Epilogues.apply(heap, table, PARTS_EPILOGUE, table.get(3), i);
            }
        }
    }

    /**
     * Column sums of every run of rows, times a factor; one item per column and run. Table: x [rows, columns], y [runs, columns], rows,
     * columns, rows of a run. Numbers: factor. Items: runs · columns.
     */
    static void sumColumns(KernelContext context, FloatArray heap, IntArray table) {
        int columns = table.get(3);
        int first = context.globalIdx / columns * table.get(4);
        if (first < table.get(2)) {
            int end = Math.min(table.get(2), first + table.get(4));
            int column = context.globalIdx % columns;
            float sum = 0f;
            for (int row = first; row < end; row++) {
                sum += heap.get(table.get(0) + row * columns + column);
            }
            heap.set(table.get(1) + context.globalIdx, sum * heap.get(table.get(Launch.NUMBERS)));
        }
    }

    /**
     * x [outer, rows, columns] summed over rows, times a factor; one work-group of {@link Kernel#TREE} items per element of y
     * [outer, columns], with a tree in local memory. Table: x, y, rows, columns. Numbers: factor.
     */
    static void sumTree(KernelContext context, FloatArray heap, IntArray table) {
        float[] lanes = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int columns = table.get(3);
        int first = table.get(0) + context.groupIdx / columns * table.get(2) * columns + context.groupIdx % columns;
        float sum = 0f;
        for (int row = lane; row < table.get(2); row += Kernel.TREE) {
            sum += heap.get(first + row * columns);
        }
        lanes[lane] = sum;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                lanes[lane] += lanes[lane + half];
            }
        }
        context.localBarrier();
        if (lane == 0) {
            heap.set(table.get(1) + context.groupIdx, lanes[0] * heap.get(table.get(Launch.NUMBERS)));
        }
    }

    /**
     * Sum of squares of every {@code groups}-th run of {@link Kernel#TREE} values; one work-group each, tree in local memory.
     * Table: x, y [groups], size, groups.
     */
    static void squares(KernelContext context, FloatArray heap, IntArray table) {
        float[] lanes = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        float sum = 0f;
        for (int i = context.globalIdx; i < table.get(2); i += table.get(3) * Kernel.TREE) {
            float x = heap.get(table.get(0) + i);
            sum += x * x;
        }
        lanes[lane] = sum;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                lanes[lane] += lanes[lane + half];
            }
        }
        context.localBarrier();
        if (lane == 0) {
            heap.set(table.get(1) + context.groupIdx, lanes[0]);
        }
    }

    /** Root of a sum; one work-group of {@link Kernel#TREE} items, tree in local memory. Table: x, y, size of x. */
    static void root(KernelContext context, FloatArray heap, IntArray table) {
        float[] lanes = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        float sum = 0f;
        for (int i = lane; i < table.get(2); i += Kernel.TREE) {
            sum += heap.get(table.get(0) + i);
        }
        lanes[lane] = sum;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                lanes[lane] += lanes[lane + half];
            }
        }
        context.localBarrier();
        if (lane == 0) {
            heap.set(table.get(1), TornadoMath.sqrt(lanes[0]));
        }
    }
}
