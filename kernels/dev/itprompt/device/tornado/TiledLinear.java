package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products for GPUs: a work-group computes a square tile of y from tiles of a and b that it brings to local memory, so that each
 * number from the heap is used {@value #TILE} times. On a CPU, where local memory is memory like any other and barriers are dear,
 * {@link Linear#matMul} does better.
 */
final class TiledLinear {

    /** Rows and columns of y that a work-group computes. */
    static final int TILE = 64;
    /** Extent along k of the tiles of a and b. */
    private static final int DEPTH = 16;
    /** Items along one side of a work-group; each computes a value in every SIDE-th row and column of the tile. */
    private static final int SIDE = 16;
    private static final int ITEMS = SIDE * SIDE;

    private TiledLinear() {}

    /**
     * y [m, n] = a·b + bias, 4 x 4 values per item. Local memory: two tiles, [k][row] of a and [k][column] of b, 8 KiB.
     *
     * <p>Table: as {@link Linear#matMul}. Groups: ⌈m/{@value #TILE}⌉ · ⌈n/{@value #TILE}⌉.
     */
    static void matMul(KernelContext context, FloatArray heap, IntArray table) {
        float[] rows = context.allocateFloatLocalArray(DEPTH * TILE);
        float[] columns = context.allocateFloatLocalArray(DEPTH * TILE);
        int item = context.localIdx;
        int down = item / SIDE;
        int across = item % SIDE;
        int m = table.get(4);
        int n = table.get(5);
        int depth = table.get(6);
        int tiles = (n + TILE - 1) / TILE;
        int top = context.groupIdx / tiles * TILE;
        int left = context.groupIdx % tiles * TILE;
        int aRow = table.get(7);
        int aStep = table.get(8);
        int bStep = table.get(9);
        int bColumn = table.get(10);
        int bias = table.get(2) + left + across;
        float y00 = table.get(11) > 0 && left + across + 0 * SIDE < n ? heap.get(bias + 0 * SIDE) : 0f;
        float y01 = table.get(11) > 0 && left + across + 1 * SIDE < n ? heap.get(bias + 1 * SIDE) : 0f;
        float y02 = table.get(11) > 0 && left + across + 2 * SIDE < n ? heap.get(bias + 2 * SIDE) : 0f;
        float y03 = table.get(11) > 0 && left + across + 3 * SIDE < n ? heap.get(bias + 3 * SIDE) : 0f;
        float y10 = y00;
        float y11 = y01;
        float y12 = y02;
        float y13 = y03;
        float y20 = y00;
        float y21 = y01;
        float y22 = y02;
        float y23 = y03;
        float y30 = y00;
        float y31 = y01;
        float y32 = y02;
        float y33 = y03;
        for (int from = 0; from < depth; from += DEPTH) {
            for (int part = 0; part < DEPTH * TILE / ITEMS; part++) { // neighbouring items read neighbouring numbers
                int at = item + part * ITEMS;
                int k = aStep == 1 ? at % DEPTH : at / TILE;
                int row = aStep == 1 ? at / DEPTH : at % TILE;
                float x = 0f;
                if (top + row < m && from + k < depth) {
                    x = heap.get(table.get(0) + (top + row) * aRow + (from + k) * aStep);
                }
                rows[k * TILE + row] = x;
            }
            for (int part = 0; part < DEPTH * TILE / ITEMS; part++) {
                int at = item + part * ITEMS;
                int k = bColumn == 1 ? at / TILE : at % DEPTH;
                int column = bColumn == 1 ? at % TILE : at / DEPTH;
                float x = 0f;
                if (left + column < n && from + k < depth) {
                    x = heap.get(table.get(1) + (from + k) * bStep + (left + column) * bColumn);
                }
                columns[k * TILE + column] = x;
            }
            context.localBarrier();
            for (int k = 0; k < DEPTH; k++) {
                float a0 = rows[k * TILE + down + 0 * SIDE];
                float a1 = rows[k * TILE + down + 1 * SIDE];
                float a2 = rows[k * TILE + down + 2 * SIDE];
                float a3 = rows[k * TILE + down + 3 * SIDE];
                float b0 = columns[k * TILE + across + 0 * SIDE];
                float b1 = columns[k * TILE + across + 1 * SIDE];
                float b2 = columns[k * TILE + across + 2 * SIDE];
                float b3 = columns[k * TILE + across + 3 * SIDE];
                y00 += a0 * b0;
                y01 += a0 * b1;
                y02 += a0 * b2;
                y03 += a0 * b3;
                y10 += a1 * b0;
                y11 += a1 * b1;
                y12 += a1 * b2;
                y13 += a1 * b3;
                y20 += a2 * b0;
                y21 += a2 * b1;
                y22 += a2 * b2;
                y23 += a2 * b3;
                y30 += a3 * b0;
                y31 += a3 * b1;
                y32 += a3 * b2;
                y33 += a3 * b3;
            }
            context.localBarrier();
        }
        int y = table.get(3) + (top + down) * n + left + across;
        int height = m - top - down;
        int width = n - left - across;
        Linear.store(heap, y, y00, height > 0 * SIDE && width > 0 * SIDE);
        Linear.store(heap, y + 1 * SIDE, y01, height > 0 * SIDE && width > 1 * SIDE);
        Linear.store(heap, y + 2 * SIDE, y02, height > 0 * SIDE && width > 2 * SIDE);
        Linear.store(heap, y + 3 * SIDE, y03, height > 0 * SIDE && width > 3 * SIDE);
        Linear.store(heap, y + 1 * SIDE * n, y10, height > 1 * SIDE && width > 0 * SIDE);
        Linear.store(heap, y + 1 * SIDE * n + 1 * SIDE, y11, height > 1 * SIDE && width > 1 * SIDE);
        Linear.store(heap, y + 1 * SIDE * n + 2 * SIDE, y12, height > 1 * SIDE && width > 2 * SIDE);
        Linear.store(heap, y + 1 * SIDE * n + 3 * SIDE, y13, height > 1 * SIDE && width > 3 * SIDE);
        Linear.store(heap, y + 2 * SIDE * n, y20, height > 2 * SIDE && width > 0 * SIDE);
        Linear.store(heap, y + 2 * SIDE * n + 1 * SIDE, y21, height > 2 * SIDE && width > 1 * SIDE);
        Linear.store(heap, y + 2 * SIDE * n + 2 * SIDE, y22, height > 2 * SIDE && width > 2 * SIDE);
        Linear.store(heap, y + 2 * SIDE * n + 3 * SIDE, y23, height > 2 * SIDE && width > 3 * SIDE);
        Linear.store(heap, y + 3 * SIDE * n, y30, height > 3 * SIDE && width > 0 * SIDE);
        Linear.store(heap, y + 3 * SIDE * n + 1 * SIDE, y31, height > 3 * SIDE && width > 1 * SIDE);
        Linear.store(heap, y + 3 * SIDE * n + 2 * SIDE, y32, height > 3 * SIDE && width > 2 * SIDE);
        Linear.store(heap, y + 3 * SIDE * n + 3 * SIDE, y33, height > 3 * SIDE && width > 3 * SIDE);
        if (table.get(Linear.EPILOGUE) > 0) {
            for (int i = 0; i < TILE * TILE / ITEMS; i++) {
                int below = i / 4 * SIDE;
                int right = i % 4 * SIDE;
                if (height > below && width > right) {
                    Epilogues.apply(heap, table, Linear.EPILOGUE, table.get(3), (top + down + below) * n + left + across + right);
                }
            }
        }
    }
}
