package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products on the tensor cores of NVIDIA GPUs (compute capability 8.0 and later; TornadoVM's CUDA backend): factors are rounded to
 * bfloat16 on their way to local memory, sums are float32. A warp of 32 items multiplies matrices of 16 x 16 and 16 x 8 values at once;
 * which of their values an item holds is the hardware's matter, so results go to memory before anything else is made of them.
 */
final class TensorLinear {

    /** What the tensor cores multiply at once: rows of a, columns of b, extent along k. m and n have to be multiples of the first two. */
    static final int BAND = 16;
    static final int PANEL = 8;
    private static final int DEPTH = 16;
    /** Rows of y that a work-group computes: 2 warps, each of 2 bands. */
    static final int HEIGHT = 64;
    /** Columns of y that a work-group computes: 4 warps, each of 4 panels. */
    static final int WIDTH = 128;
    static final int ITEMS = 256;
    private static final int WARP = 32;
    private static final int WARPS_ACROSS = 4;
    /** Pairs of values, each an int, in a band, in a panel, and in the tiles of a work-group. */
    private static final int BAND_PAIRS = BAND * DEPTH / 2;
    private static final int PANEL_PAIRS = PANEL * DEPTH / 2;
    private static final int ROW_PAIRS = HEIGHT * DEPTH / 2;
    private static final int COLUMN_PAIRS = WIDTH * DEPTH / 2;
    /** Pairs of a tile that an item brings. */
    private static final int ROW_PARTS = ROW_PAIRS / ITEMS;
    private static final int COLUMN_PARTS = COLUMN_PAIRS / ITEMS;

    private TensorLinear() {}

    /**
     * One product; m is a multiple of {@value #BAND}, n of {@value #PANEL}. Local memory: tiles of a, [band][row][pairs along k], and b,
     * [panel][k][pairs of columns], two of each, 12 KiB: while one is used, the next one is on its way to the other by registers.
     *
     * <p>Table: {@link Product}'s, with one head, a batch of one and without scratch memory; factor 1. Groups: ⌈m/{@value #HEIGHT}⌉ ·
     * ⌈n/{@value #WIDTH}⌉.
     */
    static void matMul(KernelContext context, FloatArray heap, IntArray table, FloatArray numbers) {
        int[] rows = context.allocateIntLocalArray(2 * ROW_PAIRS);
        int[] columns = context.allocateIntLocalArray(2 * COLUMN_PAIRS);
        int[] nextRows = new int[ROW_PARTS];
        int[] nextColumns = new int[COLUMN_PARTS];
        float[] y00 = context.mmaFragment(0f);
        float[] y01 = context.mmaFragment(0f);
        float[] y02 = context.mmaFragment(0f);
        float[] y03 = context.mmaFragment(0f);
        float[] y10 = context.mmaFragment(0f);
        float[] y11 = context.mmaFragment(0f);
        float[] y12 = context.mmaFragment(0f);
        float[] y13 = context.mmaFragment(0f);
        int item = context.localIdx;
        int m = table.get(6);
        int n = table.get(7);
        int depth = table.get(8);
        int tilesAcross = (n + WIDTH - 1) / WIDTH;
        int top = context.groupIdx / tilesAcross * HEIGHT;
        int left = context.groupIdx % tilesAcross * WIDTH;
        int aRow = table.get(9) > 0 ? 1 : table.get(11);
        int aStep = table.get(9) > 0 ? table.get(11) : 1;
        int bStep = table.get(10) > 0 ? 1 : table.get(12);
        int bColumn = table.get(10) > 0 ? table.get(12) : 1;
        // Neighbouring items bring neighbouring numbers: along k where those lie next to each other, else along rows or columns.
        int aPair = table.get(9) > 0 ? item / HEIGHT * ROW_PARTS : item % (DEPTH / 2);
        int row = table.get(9) > 0 ? item % HEIGHT : item / (DEPTH / 2);
        int aPairNext = table.get(9) > 0 ? 1 : 0;
        int rowNext = table.get(9) > 0 ? 0 : ITEMS / (DEPTH / 2);
        int aTile = row / BAND * BAND_PAIRS + row % BAND * (DEPTH / 2) + aPair;
        int aTileNext = table.get(9) > 0 ? 1 : ITEMS / (DEPTH / 2) / BAND * BAND_PAIRS;
        int bK = table.get(10) > 0 ? item % DEPTH : item / (WIDTH / 2) * COLUMN_PARTS;
        int bPair = table.get(10) > 0 ? item / DEPTH : item % (WIDTH / 2);
        int bNext = table.get(10) > 0 ? 0 : 1;
        int bPairNext = table.get(10) > 0 ? ITEMS / DEPTH : 0;
        int bTile = bPair / (PANEL / 2) * PANEL_PAIRS + bK * (PANEL / 2) + bPair % (PANEL / 2);
        int bTileNext = table.get(10) > 0 ? ITEMS / DEPTH / (PANEL / 2) * PANEL_PAIRS : PANEL / 2;
        int bands = item / WARP / WARPS_ACROSS * 2;
        int panels = item / WARP % WARPS_ACROSS * 4;
        int zero = table.get(21) - 1;
        int a = table.get(0) + (top + row) * aRow + 2 * aPair * aStep;
        int b = table.get(1) + (left + 2 * bPair) * bColumn + bK * bStep;
        bringRows(heap, zero, nextRows, a, aRow, aStep, m - top - row, depth - 2 * aPair, rowNext, aPairNext);
        bringColumns(heap, zero, nextColumns, b, bColumn, bStep, n - left - 2 * bPair, depth - bK, bPairNext, bNext);
        for (int from = 0; from < depth; from += DEPTH) {
            int side = from / DEPTH % 2;
            for (int part = 0; part < ROW_PARTS; part++) {
                rows[side * ROW_PAIRS + aTile + part * aTileNext] = nextRows[part];
            }
            for (int part = 0; part < COLUMN_PARTS; part++) {
                columns[side * COLUMN_PAIRS + bTile + part * bTileNext] = nextColumns[part];
            }
            context.localBarrier();
            int next = from + DEPTH;
            bringRows(heap, zero, nextRows, a + next * aStep, aRow, aStep, m - top - row, depth - next - 2 * aPair, rowNext, aPairNext);
            bringColumns(heap, zero, nextColumns, b + next * bStep, bColumn, bStep, n - left - 2 * bPair, depth - next - bK, bPairNext,
                    bNext);
            int band = Integer.BYTES * (side * ROW_PAIRS + bands * BAND_PAIRS);
            int panel = Integer.BYTES * (side * COLUMN_PAIRS + panels * PANEL_PAIRS);
            HalfFloat[] a0 = context.mmaLoadA(rows, DEPTH, band);
            HalfFloat[] a1 = context.mmaLoadA(rows, DEPTH, band + Integer.BYTES * BAND_PAIRS);
            HalfFloat[] b0 = context.mmaLoadB(columns, DEPTH, panel);
            HalfFloat[] b1 = context.mmaLoadB(columns, DEPTH, panel + Integer.BYTES * PANEL_PAIRS);
            HalfFloat[] b2 = context.mmaLoadB(columns, DEPTH, panel + 2 * Integer.BYTES * PANEL_PAIRS);
            HalfFloat[] b3 = context.mmaLoadB(columns, DEPTH, panel + 3 * Integer.BYTES * PANEL_PAIRS);
            y00 = context.mmaBF16(a0, b0, y00, MMAShape.M16N8K16);
            y01 = context.mmaBF16(a0, b1, y01, MMAShape.M16N8K16);
            y02 = context.mmaBF16(a0, b2, y02, MMAShape.M16N8K16);
            y03 = context.mmaBF16(a0, b3, y03, MMAShape.M16N8K16);
            y10 = context.mmaBF16(a1, b0, y10, MMAShape.M16N8K16);
            y11 = context.mmaBF16(a1, b1, y11, MMAShape.M16N8K16);
            y12 = context.mmaBF16(a1, b2, y12, MMAShape.M16N8K16);
            y13 = context.mmaBF16(a1, b3, y13, MMAShape.M16N8K16);
        }
        int ld = table.get(13);
        int i = top + bands * BAND;
        int j = left + panels * PANEL;
        int at = table.get(4) + j;
        if (i < m) {
            if (j < n) {
                context.mmaStore(y00, heap, i, at, ld);
            }
            if (j + PANEL < n) {
                context.mmaStore(y01, heap, i, at + PANEL, ld);
            }
            if (j + 2 * PANEL < n) {
                context.mmaStore(y02, heap, i, at + 2 * PANEL, ld);
            }
            if (j + 3 * PANEL < n) {
                context.mmaStore(y03, heap, i, at + 3 * PANEL, ld);
            }
        }
        if (i + BAND < m) {
            if (j < n) {
                context.mmaStore(y10, heap, i + BAND, at, ld);
            }
            if (j + PANEL < n) {
                context.mmaStore(y11, heap, i + BAND, at + PANEL, ld);
            }
            if (j + 2 * PANEL < n) {
                context.mmaStore(y12, heap, i + BAND, at + 2 * PANEL, ld);
            }
            if (j + 3 * PANEL < n) {
                context.mmaStore(y13, heap, i + BAND, at + 3 * PANEL, ld);
            }
        }
        context.localBarrier();
        finish(heap, table, item, top, left);
    }

    /** The same in float32 and step by step, so that what surrounds it can be tested where there are no tensor cores. */
    static void withoutTensorCores(KernelContext context, FloatArray heap, IntArray table, FloatArray numbers) {
        int item = context.localIdx;
        int n = table.get(7);
        int tilesAcross = (n + WIDTH - 1) / WIDTH;
        int top = context.groupIdx / tilesAcross * HEIGHT;
        int left = context.groupIdx % tilesAcross * WIDTH;
        int column = left + item % WIDTH;
        int aStep = table.get(9) > 0 ? table.get(11) : 1;
        int bStep = table.get(10) > 0 ? 1 : table.get(12);
        for (int row = top + item / WIDTH; row < top + HEIGHT && row < table.get(6); row += ITEMS / WIDTH) {
            if (column < n) {
                int a = table.get(0) + row * (table.get(9) > 0 ? 1 : table.get(11));
                int b = table.get(1) + column * (table.get(10) > 0 ? table.get(12) : 1);
                float sum = 0f;
                for (int k = 0; k < table.get(8); k++) {
                    sum += heap.get(a + k * aStep) * heap.get(b + k * bStep);
                }
                heap.set(table.get(4) + row * table.get(13) + column, sum);
            }
        }
        context.localBarrier();
        finish(heap, table, item, top, left);
    }

    /**
     * Brings an item's pairs of a, neighbours along k.
     *
     * @param at    where the first one begins
     * @param left  rows of the matrix from the item's first one on
     * @param depth extent along k from the item's first pair on
     */
    private static void bringRows(FloatArray heap, int zero, int[] pairs, int at, int aRow, int aStep, int left, int depth, int rowNext,
            int pairNext) {
        for (int part = 0; part < ROW_PARTS; part++) {
            int first = at + part * (rowNext * aRow + 2 * pairNext * aStep);
            boolean inside = part * rowNext < left;
            int k = 2 * part * pairNext;
            pairs[part] = pair(heap, zero, first, first + aStep, inside && k < depth, inside && k + 1 < depth);
        }
    }

    /** Likewise of b, neighbouring columns, of which there is an even number. */
    private static void bringColumns(FloatArray heap, int zero, int[] pairs, int at, int bColumn, int bStep, int left, int depth,
            int pairNext, int next) {
        for (int part = 0; part < COLUMN_PARTS; part++) {
            int first = at + part * (2 * pairNext * bColumn + next * bStep);
            boolean inside = 2 * part * pairNext < left && part * next < depth;
            pairs[part] = pair(heap, zero, first, first + bColumn, inside, inside);
        }
    }

    /**
     * Two values in one int, the first one in its lower half; 0 for what does not belong to the matrix.
     *
     * @param zero 0, which the compiler does not know: TornadoVM gives a result the type of the operation's first operand, and what is
     *             made of a short alone is cut off to one
     */
    private static int pair(FloatArray heap, int zero, int first, int second, boolean hasFirst, boolean hasSecond) {
        float x = 0f;
        float y = 0f;
        if (hasFirst) {
            x = heap.get(first);
        }
        if (hasSecond) {
            y = heap.get(second);
        }
        return (zero | BFloat16.bf16FromFloat(x)) & 0xFFFF | (zero | BFloat16.bf16FromFloat(y)) << 16;
    }

    /** What follows the product, for the values of the work-group. */
    private static void finish(FloatArray heap, IntArray table, int item, int top, int left) {
        int column = left + item % WIDTH;
        float bias = 0f;
        if (column < table.get(7)) {
            if (table.get(2) >= 0) {
                bias = heap.get(table.get(2) + column);
            }
            for (int row = top + item / WIDTH; row < top + HEIGHT && row < table.get(6); row += ITEMS / WIDTH) {
                int at = row * table.get(13) + column;
                float added = bias;
                if (table.get(3) >= 0) {
                    added += heap.get(table.get(3) + at);
                }
                heap.set(table.get(4) + at, heap.get(table.get(4) + at) + added);
                if (table.get(Product.EPILOGUE) > 0) {
                    Epilogues.apply(heap, table, Product.EPILOGUE, table.get(4), at);
                }
            }
        }
    }
}
