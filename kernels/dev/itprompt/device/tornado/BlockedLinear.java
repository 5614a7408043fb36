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
    static final int TILE = 64;
    /** Extent along k of the tiles of a and b. */
    private static final int DEPTH = 8;
    /** Length of a tile's row in local memory; the padding spreads a column over the banks. */
    private static final int STRIDE = TILE + 4;
    /** Items along one side of a work-group; each computes a value in every SIDE-th row and column of the tile. */
    private static final int SIDE = 8;
    /** Values of y along one side of an item's block. */
    private static final int BLOCK = TILE / SIDE;
    static final int ITEMS = SIDE * SIDE;
    /** Numbers of a tile that an item brings. */
    private static final int PARTS = DEPTH * TILE / ITEMS;

    private BlockedLinear() {}

    /**
     * A batch of products. Local memory: two tiles, [k][row] of a and [k][column] of b, 4.25 KiB. While they are used, the next ones are
     * on their way to registers.
     *
     * <p>Table and numbers: {@link Product}'s. Groups: heads · batch · ⌈m/{@value #TILE}⌉ · ⌈n/{@value #TILE}⌉.
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
        int m = table.get(6);
        int n = table.get(7);
        int depth = table.get(8);
        int tilesAcross = (n + TILE - 1) / TILE;
        int tiles = (m + TILE - 1) / TILE * tilesAcross;
        int matrix = context.groupIdx / tiles;
        int top = context.groupIdx % tiles / tilesAcross * TILE;
        int left = context.groupIdx % tiles % tilesAcross * TILE;
        int aRow = Product.aRow(table);
        int aStep = Product.aStep(table);
        int bStep = Product.bStep(table);
        int bColumn = Product.bColumn(table);
        // Neighbouring items bring neighbouring numbers: along k where those lie next to each other, else along rows or columns.
        int aK = table.get(9) > 0 ? item / TILE : item % DEPTH;
        int aNext = table.get(9) > 0 ? ITEMS / TILE : 0;
        int row = top + (table.get(9) > 0 ? item % TILE : item / DEPTH);
        int rowNext = table.get(9) > 0 ? 0 : ITEMS / DEPTH;
        int a = Product.a(table, matrix) + row * aRow + aK * aStep;
        int aStride = rowNext * aRow + aNext * aStep;
        int bK = table.get(10) > 0 ? item % DEPTH : item / TILE;
        int bNext = table.get(10) > 0 ? 0 : ITEMS / TILE;
        int column = left + (table.get(10) > 0 ? item / DEPTH : item % TILE);
        int columnNext = table.get(10) > 0 ? ITEMS / DEPTH : 0;
        int b = Product.b(table, matrix) + column * bColumn + bK * bStep;
        int bStride = columnNext * bColumn + bNext * bStep;
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
        int ld = table.get(13);
        int height = m - top - item / SIDE;
        int width = n - left - item % SIDE;
        int first = Product.d(table, matrix) + (top + item / SIDE) * ld + left + item % SIDE;
        for (int j = 0; j < BLOCK; j++) {
            across[j] = 0f;
            if (table.get(2) >= 0 && j * SIDE < width) {
                across[j] = heap.get(table.get(2) + n - width + j * SIDE);
            }
        }
        float factor = numbers.get(0);
        for (int i = 0; i < BLOCK; i++) {
            for (int j = 0; j < BLOCK; j++) {
                store(heap, table, first + i * SIDE * ld + j * SIDE, values[i * BLOCK + j] * factor + across[j],
                        i * SIDE < height && j * SIDE < width);
            }
        }
        if (table.get(Product.EPILOGUE) > 0) {
            for (int i = 0; i < BLOCK * BLOCK; i++) {
                if (i / BLOCK * SIDE < height && i % BLOCK * SIDE < width) {
                    Epilogues.apply(heap, table, Product.EPILOGUE, table.get(4), first + i / BLOCK * SIDE * ld + i % BLOCK * SIDE);
                }
            }
        }
    }

    private static void store(FloatArray heap, IntArray table, int at, float value, boolean inside) {
        if (inside) {
            float added = 0f;
            if (table.get(3) >= 0) {
                added = heap.get(table.get(3) + at);
            }
            heap.set(table.get(4) + at, value + added);
        }
    }
}
