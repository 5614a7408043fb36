package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products for GPUs whose compilers keep private arrays in registers (CUDA C, OpenCL C; not PTX, see {@link TiledLinear}): as
 * there, but each item computes 8 x 8 values, so that 16 numbers from local memory serve 64 multiply-adds instead of 8 serving 16.
 */
final class BlockedLinear {

    /** Rows and columns of y that a work-group computes. */
    static final int TILE = 128;
    /** Extent along k of the tiles of a and b. */
    private static final int DEPTH = 16;
    /** Length of a tile's row in local memory; the padding spreads a column over the banks. */
    private static final int STRIDE = TILE + 4;
    /** Items along one side of a work-group; each computes a value in every SIDE-th row and column of the tile. */
    private static final int SIDE = 16;
    /** Values of y along one side of an item's block. */
    private static final int BLOCK = TILE / SIDE;
    /** Numbers of a tile that an item brings. */
    private static final int PARTS = DEPTH * TILE / (SIDE * SIDE);

    private BlockedLinear() {}

    /**
     * y [m, n] = a·b + bias. Local memory: two tiles, [k][row] of a and [k][column] of b, 16.5 KiB. While they are used, the next ones
     * are on their way to registers.
     *
     * <p>Table: as {@link Linear#matMul}. Groups: ⌈m/{@value #TILE}⌉ · ⌈n/{@value #TILE}⌉.
     */
    static void matMul(KernelContext context, FloatArray heap, IntArray table, FloatArray numbers) {
        float[] rows = context.allocateFloatLocalArray(DEPTH * STRIDE);
        float[] columns = context.allocateFloatLocalArray(DEPTH * STRIDE);
        float[] values = new float[BLOCK * BLOCK];
        float[] down = new float[BLOCK];
        float[] across = new float[BLOCK];
        float[] nextRows = new float[PARTS];
        float[] nextColumns = new float[PARTS];
        int item = context.localIdx;
        int m = table.get(4);
        int n = table.get(5);
        int depth = table.get(6);
        int tiles = (n + TILE - 1) / TILE;
        int top = context.groupIdx / tiles * TILE;
        int left = context.groupIdx % tiles * TILE;
        int aStep = table.get(8);
        int bStep = table.get(9);
        // Neighbouring items bring neighbouring numbers: along k where those lie next to each other, else along rows or columns.
        int aAlong = aStep == 1 ? 1 : 0;
        int aK = aAlong > 0 ? item % DEPTH : item / TILE;
        int aNext = aAlong > 0 ? 0 : SIDE * SIDE / TILE;
        int row = top + (aAlong > 0 ? item / DEPTH : item % TILE);
        int rowNext = aAlong > 0 ? SIDE * SIDE / DEPTH : 0;
        int a = table.get(0) + row * table.get(7) + aK * aStep;
        int aStride = rowNext * table.get(7) + aNext * aStep;
        int bAlong = table.get(10) == 1 ? 0 : 1;
        int bK = bAlong > 0 ? item % DEPTH : item / TILE;
        int bNext = bAlong > 0 ? 0 : SIDE * SIDE / TILE;
        int column = left + (bAlong > 0 ? item / DEPTH : item % TILE);
        int columnNext = bAlong > 0 ? SIDE * SIDE / DEPTH : 0;
        int b = table.get(1) + column * table.get(10) + bK * bStep;
        int bStride = columnNext * table.get(10) + bNext * bStep;
        for (int i = 0; i < BLOCK * BLOCK; i++) {
            values[i] = 0f;
        }
        for (int from = -DEPTH; from < depth; from += DEPTH) {
            int next = from + DEPTH;
            for (int part = 0; part < PARTS; part++) {
                float x = 0f;
                if (row + part * rowNext < m && next + aK + part * aNext < depth) {
                    x = heap.get(a + next * aStep + part * aStride);
                }
                nextRows[part] = x;
                float y = 0f;
                if (column + part * columnNext < n && next + bK + part * bNext < depth) {
                    y = heap.get(b + next * bStep + part * bStride);
                }
                nextColumns[part] = y;
            }
            if (from >= 0) {
                for (int k = 0; k < DEPTH; k++) {
                    for (int i = 0; i < BLOCK; i++) {
                        down[i] = rows[k * STRIDE + item / SIDE + i * SIDE];
                        across[i] = columns[k * STRIDE + item % SIDE + i * SIDE];
                    }
                    for (int i = 0; i < BLOCK; i++) {
                        for (int j = 0; j < BLOCK; j++) {
                            values[i * BLOCK + j] += down[i] * across[j];
                        }
                    }
                }
            }
            context.localBarrier();
            for (int part = 0; part < PARTS; part++) {
                rows[(aK + part * aNext) * STRIDE + row - top + part * rowNext] = nextRows[part];
                columns[(bK + part * bNext) * STRIDE + column - left + part * columnNext] = nextColumns[part];
            }
            context.localBarrier();
        }
        int first = (top + item / SIDE) * n + left + item % SIDE;
        int height = m - top - item / SIDE;
        int width = n - left - item % SIDE;
        for (int j = 0; j < BLOCK; j++) {
            across[j] = 0f;
            if (table.get(11) > 0 && j * SIDE < width) {
                across[j] = heap.get(table.get(2) + n - width + j * SIDE);
            }
        }
        for (int i = 0; i < BLOCK; i++) {
            for (int j = 0; j < BLOCK; j++) {
                Linear.store(heap, table.get(3) + first + i * SIDE * n + j * SIDE, values[i * BLOCK + j] + across[j],
                        i * SIDE < height && j * SIDE < width);
            }
        }
        if (table.get(12) > 0) {
            for (int i = 0; i < BLOCK * BLOCK; i++) {
                if (i / BLOCK * SIDE < height && i % BLOCK * SIDE < width) {
                    Epilogues.apply(heap, table, first + i / BLOCK * SIDE * n + i % BLOCK * SIDE);
                }
            }
        }
    }
}
