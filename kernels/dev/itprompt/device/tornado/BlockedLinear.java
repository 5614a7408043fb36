package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products for GPUs whose compilers keep private arrays in registers (CUDA C, OpenCL C; not PTX, see {@link TiledLinear}): as
 * there, but each item computes 8 x 8 values, so that 16 numbers from local memory serve 64 multiply-adds instead of 8 serving 16. The 8
 * rows and columns are two runs of 4 neighbours each, which a GPU reads from local memory at once.
 */
final class BlockedLinear {

    /** Rows and columns of y that a work-group of {@link #matMul} computes. */
    static final int TILE = 64;
    /** Those of {@link #matMulWide}. */
    static final int WIDE_TILE = 128;
    /** Values of y along one side of an item's block. */
    private static final int BLOCK = 8;
    /** Neighbours among them. */
    private static final int RUN = 4;
    /** Extent along k of the tiles of a and b; a power of 2. */
    private static final int DEPTH = 8;
    static final int ITEMS = TILE / BLOCK * (TILE / BLOCK);
    static final int WIDE_ITEMS = WIDE_TILE / BLOCK * (WIDE_TILE / BLOCK);

    /**
     * What may follow a product here beside what {@link Epilogues} has: y = exp(y − kept sum of the row), a probability of a score, 0 for
     * what a query does not see. Three entries of the table follow those of an epilogue: kept sums (see {@link KeptSums}), length of a row
     * of y, tokens of a sample if a query sees no later one, else 0.
     */
    static final int PROBABILITY = 6;

    private BlockedLinear() {}

    /**
     * A batch of products. Local memory: two tiles, [k][row] of a and [k][column] of b, twice, 8.5 KiB: while those of one stretch of k are
     * used, the next ones are on their way to registers and then to the other places.
     *
     * <p>Table and numbers: {@link Product}'s. Groups: heads · batch · ⌈m/{@value #TILE}⌉ · ⌈n/{@value #TILE}⌉.
     */
    static void matMul(KernelContext context, FloatArray heap, IntArray table) {
        product(context, heap, table, TILE);
    }

    /**
     * The same by larger tiles, which bring each number half as often; local memory: 16.5 KiB. Groups: heads · batch ·
     * ⌈m/{@value #WIDE_TILE}⌉ · ⌈n/{@value #WIDE_TILE}⌉.
     */
    static void matMulWide(KernelContext context, FloatArray heap, IntArray table) {
        product(context, heap, table, WIDE_TILE);
    }

    private static void product(KernelContext context, FloatArray heap, IntArray table, int tile) {
        float[] values = new float[BLOCK * BLOCK];
        multiply(context, heap, table, tile, values);
        store(context, heap, table, tile, values);
    }

    /** Computes an item's block of a tile. */
    private static void multiply(KernelContext context, FloatArray heap, IntArray table, int tile, float[] values) {
        int items = tile / BLOCK * (tile / BLOCK);
        int stride = tile + 4; // of a row in local memory; the padding spreads a column over the banks
        int next = items / DEPTH; // rows or columns from one number to the next of those that an item brings
        int parts = tile / next;
        float[] rows = context.allocateFloatLocalArray(2 * DEPTH * stride);
        float[] columns = context.allocateFloatLocalArray(2 * DEPTH * stride);
        float[] down = new float[BLOCK];
        float[] across = new float[BLOCK];
        float[] nextRows = new float[parts];
        float[] nextColumns = new float[parts];
        int[] rowAt = new int[parts];
        int[] columnAt = new int[parts];
        int item = context.localIdx;
        int m = table.get(6);
        int n = table.get(7);
        int depth = table.get(8);
        int matrix = context.groupIdx / tiles(m, n, tile);
        int top = top(context.groupIdx % tiles(m, n, tile), n, tile);
        int left = left(context.groupIdx % tiles(m, n, tile), n, tile);
        int aStep = Product.aStep(table);
        int bStep = Product.bStep(table);
        // Neighbouring items bring neighbouring numbers: along k where those lie next to each other, else along rows or columns.
        int aK = table.get(9) > 0 ? item / next : item % DEPTH;
        int row = table.get(9) > 0 ? item % next : item / DEPTH;
        int bK = table.get(10) > 0 ? item % DEPTH : item / next;
        int column = table.get(10) > 0 ? item / DEPTH : item % next;
        for (int part = 0; part < parts; part++) { // beyond the last row or column that one again, of which nothing is stored
            rowAt[part] = Product.a(table, matrix) + aK * aStep + Math.min(top + row + part * next, m - 1) * Product.aRow(table);
            columnAt[part] = Product.b(table, matrix) + bK * bStep
                    + Math.min(left + column + part * next, n - 1) * Product.bColumn(table);
        }
        int rowTo = aK * stride + row;
        int columnTo = bK * stride + column;
        for (int i = 0; i < BLOCK * BLOCK; i++) {
            values[i] = 0f;
        }
        int itemRow = itemRow(item, tile);
        int itemColumn = itemColumn(item, tile);
        for (int from = 0; from < depth + DEPTH; from += DEPTH) {
            for (int part = 0; part < parts; part++) {
                nextRows[part] = 0f;
                nextColumns[part] = 0f;
            }
            if (from + aK < depth) {
                for (int part = 0; part < parts; part++) {
                    nextRows[part] = heap.get(rowAt[part] + from * aStep);
                }
            }
            if (from + bK < depth) {
                for (int part = 0; part < parts; part++) {
                    nextColumns[part] = heap.get(columnAt[part] + from * bStep);
                }
            }
            if (from > 0) {
                int at = (from - DEPTH & DEPTH) * stride;
                for (int k = 0; k < DEPTH; k++) {
                    for (int i = 0; i < BLOCK; i++) {
                        down[i] = rows[at + k * stride + itemRow + i / RUN * (tile / 2) + i % RUN];
                        across[i] = columns[at + k * stride + itemColumn + i / RUN * (tile / 2) + i % RUN];
                    }
                    for (int i = 0; i < BLOCK; i++) {
                        for (int j = 0; j < BLOCK; j++) {
                            values[i * BLOCK + j] += down[i] * across[j];
                        }
                    }
                }
            }
            int to = (from & DEPTH) * stride;
            for (int part = 0; part < parts; part++) {
                rows[to + rowTo + part * next] = nextRows[part];
                columns[to + columnTo + part * next] = nextColumns[part];
            }
            context.localBarrier();
        }
    }

    private static int tiles(int m, int n, int tile) {
        return (m + tile - 1) / tile * ((n + tile - 1) / tile);
    }

    /** The first row of a tile. */
    private static int top(int index, int n, int tile) {
        return index / ((n + tile - 1) / tile) * tile;
    }

    /** The first column of a tile. */
    private static int left(int index, int n, int tile) {
        return index % ((n + tile - 1) / tile) * tile;
    }

    /** The first row of an item's block within a tile: 4 x 8 items next to each other read few places of local memory at once. */
    private static int itemRow(int item, int tile) {
        return (item / 32 / (tile / TILE) * 4 + item % 32 / 8) * RUN;
    }

    /** The first column of that block. */
    private static int itemColumn(int item, int tile) {
        return (item / 32 % (tile / TILE) * 8 + item % 8) * RUN;
    }

    /** Stores what an item computed, with what follows a product. */
    private static void store(KernelContext context, FloatArray heap, IntArray table, int tile, float[] values) {
        int m = table.get(6);
        int n = table.get(7);
        int index = context.groupIdx % tiles(m, n, tile);
        int top = top(index, n, tile) + itemRow(context.localIdx, tile);
        int left = left(index, n, tile) + itemColumn(context.localIdx, tile);
        float[] across = new float[BLOCK];
        int ld = table.get(13);
        int height = m - top;
        int width = n - left;
        int first = Product.d(table, context.groupIdx / tiles(m, n, tile)) + top * ld + left;
        for (int j = 0; j < BLOCK; j++) {
            int c = j / RUN * (tile / 2) + j % RUN;
            across[j] = 0f;
            if (table.get(2) >= 0 && c < width) {
                across[j] = heap.get(table.get(2) + left + c);
            }
        }
        float factor = heap.get(table.get(Launch.NUMBERS));
        for (int i = 0; i < BLOCK; i++) {
            int r = i / RUN * (tile / 2) + i % RUN;
            for (int j = 0; j < BLOCK; j++) {
                int c = j / RUN * (tile / 2) + j % RUN;
                store(heap, table, first + r * ld + c, values[i * BLOCK + j] * factor + across[j], r < height && c < width);
            }
        }
        if (table.get(Product.EPILOGUE) > 0) {
            for (int i = 0; i < BLOCK * BLOCK; i++) {
                int r = i / BLOCK / RUN * (tile / 2) + i / BLOCK % RUN;
                int c = i % BLOCK / RUN * (tile / 2) + i % RUN;
                if (r < height && c < width) {
                    follow(heap, table, first + r * ld + c);
                }
            }
        }
    }

    private static void follow(FloatArray heap, IntArray table, int at) {
        if (table.get(Product.EPILOGUE) == PROBABILITY) {
            int y = table.get(4) + at;
            int length = table.get(Product.EPILOGUE + 4);
            heap.set(y, Scores.probability(heap, heap.get(y), table.get(Product.EPILOGUE + 3), at / length, at % length,
                    table.get(Product.EPILOGUE + 5)));
        } else {
            Epilogues.apply(heap, table, Product.EPILOGUE, table.get(4), at);
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
