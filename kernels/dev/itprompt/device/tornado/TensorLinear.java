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

    /** What the tensor cores multiply at once: rows of a, columns of b, extent along k. */
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
     * A batch of products. m is at least {@value #BAND}; its last rows are computed by a band that ends with them and may begin within
     * another one, with the same results. Where n is no multiple of {@value #PANEL}, columns up to the next one become 0. If something
     * follows the product, m and n are multiples of both. Local memory: tiles of a, [band][row][pairs along k], and b, [panel][k][pairs of
     * columns], two of each, 12 KiB: while one is used, the next one is on its way to the other by registers.
     *
     * <p>Table and numbers: {@link Product}'s. Groups: heads · batch · ⌈m/{@value #HEIGHT}⌉ · ⌈n/{@value #WIDTH}⌉.
     */
    static void matMul(KernelContext context, FloatArray heap, IntArray table) {
        int[] rows = context.allocateIntLocalArray(2 * ROW_PAIRS);
        int[] columns = context.allocateIntLocalArray(2 * COLUMN_PAIRS);
        // Halves of pairs are put together when they are read back as ints: TornadoVM gives a result the type of the operation's first
        // operand, so what it makes of a converted number, a short, has 16 bits.
        int[] nextRows = new int[2 * ROW_PARTS];
        int[] nextColumns = new int[2 * COLUMN_PARTS];
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
        int tiles = (m + HEIGHT - 1) / HEIGHT * tilesAcross;
        int matrix = context.groupIdx / tiles;
        int top = context.groupIdx % tiles / tilesAcross * HEIGHT;
        int left = context.groupIdx % tiles % tilesAcross * WIDTH;
        int aRow = Product.aRow(table);
        int aStep = Product.aStep(table);
        int bStep = Product.bStep(table);
        int bColumn = Product.bColumn(table);
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
        float factor = heap.get(table.get(Launch.NUMBERS));
        int a = Product.a(table, matrix) + row % BAND * aRow + 2 * aPair * aStep;
        int b = Product.b(table, matrix) + (left + 2 * bPair) * bColumn + bK * bStep;
        bringRows(heap, nextRows, a, aRow, aStep, top + row / BAND * BAND, m - BAND, depth - 2 * aPair, rowNext, aPairNext, factor);
        bringColumns(heap, nextColumns, b, bColumn, bStep, n - left - 2 * bPair, depth - bK, bPairNext, bNext);
        for (int from = 0; from < depth; from += DEPTH) {
            int side = from / DEPTH % 2;
            for (int part = 0; part < ROW_PARTS; part++) {
                rows[side * ROW_PAIRS + aTile + part * aTileNext] = nextRows[2 * part] & 0xFFFF | nextRows[2 * part + 1] << 16;
            }
            for (int part = 0; part < COLUMN_PARTS; part++) {
                columns[side * COLUMN_PAIRS + bTile + part * bTileNext]
                        = nextColumns[2 * part] & 0xFFFF | nextColumns[2 * part + 1] << 16;
            }
            context.localBarrier();
            int next = from + DEPTH;
            bringRows(heap, nextRows, a + next * aStep, aRow, aStep, top + row / BAND * BAND, m - BAND, depth - next - 2 * aPair,
                    rowNext, aPairNext, factor);
            bringColumns(heap, nextColumns, b + next * bStep, bColumn, bStep, n - left - 2 * bPair, depth - next - bK, bPairNext,
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
        int d = Product.d(table, matrix);
        int i = top + bands * BAND;
        int j = left + panels * PANEL;
        int at = table.get(4) + d + j;
        if (i < m) {
            int row0 = Math.min(i, m - BAND);
            int row1 = Math.min(i + BAND, m - BAND);
            if (j < n) {
                context.mmaStore(y00, heap, row0, at, ld);
                context.mmaStore(y10, heap, row1, at, ld);
            }
            if (j + PANEL < n) {
                context.mmaStore(y01, heap, row0, at + PANEL, ld);
                context.mmaStore(y11, heap, row1, at + PANEL, ld);
            }
            if (j + 2 * PANEL < n) {
                context.mmaStore(y02, heap, row0, at + 2 * PANEL, ld);
                context.mmaStore(y12, heap, row1, at + 2 * PANEL, ld);
            }
            if (j + 3 * PANEL < n) {
                context.mmaStore(y03, heap, row0, at + 3 * PANEL, ld);
                context.mmaStore(y13, heap, row1, at + 3 * PANEL, ld);
            }
        }
        context.localBarrier();
        int column = left + item % WIDTH;
        for (int y = top + item / WIDTH; y < top + HEIGHT; y += ITEMS / WIDTH) {
            if (y < m && column < n) {
                finish(heap, table, d + y * ld + column, column);
            }
        }
    }

    /** The same in float32 and plainly, so that what surrounds it can be tested where there are no tensor cores. */
    static void withoutTensorCores(KernelContext context, FloatArray heap, IntArray table) {
        for (int part = 0; part < HEIGHT * WIDTH / ITEMS; part++) {
            int at = context.groupIdx * HEIGHT * WIDTH + part * ITEMS + context.localIdx;
            if (at < Linear.values(table)) {
                int d = Linear.place(table, at);
                heap.set(table.get(4) + d, Linear.value(heap, table, at) * heap.get(table.get(Launch.NUMBERS)));
                finish(heap, table, d, at % table.get(7));
            }
        }
    }

    /**
     * Brings an item's pairs of a, neighbours along k, times a factor.
     *
     * @param at    where the first one would begin if its band began with the matrix
     * @param band  row where the band begins, unless that is past {@code last}, where the last one does
     * @param depth extent along k from the item's first pair on
     */
    private static void bringRows(FloatArray heap, int[] halves, int at, int aRow, int aStep, int band, int last, int depth,
            int rowNext, int pairNext, float factor) {
        for (int part = 0; part < ROW_PARTS; part++) {
            int first = at + Math.min(band + part * rowNext, last) * aRow + 2 * part * pairNext * aStep;
            int k = 2 * part * pairNext;
            halves[2 * part] = half(heap, first, k < depth, factor);
            halves[2 * part + 1] = half(heap, first + aStep, k + 1 < depth, factor);
        }
    }

    /** Likewise of b, neighbouring columns; {@code left} are there from the item's first one on. */
    private static void bringColumns(FloatArray heap, int[] halves, int at, int bColumn, int bStep, int left, int depth,
            int pairNext, int next) {
        for (int part = 0; part < COLUMN_PARTS; part++) {
            int first = at + part * (2 * pairNext * bColumn + next * bStep);
            int column = 2 * part * pairNext;
            boolean inside = part * next < depth;
            halves[2 * part] = half(heap, first, inside && column < left, 1f);
            halves[2 * part + 1] = half(heap, first + bColumn, inside && column + 1 < left, 1f);
        }
    }

    /** The bits of a number times a factor, rounded to bfloat16; those of 0 for what does not belong to the matrix. */
    private static short half(FloatArray heap, int at, boolean inside, float factor) {
        float x = 0f;
        if (inside) {
            x = heap.get(at) * factor;
        }
        return BFloat16.bf16FromFloat(x);
    }

    /** What follows the product, for one value. */
    private static void finish(FloatArray heap, IntArray table, int at, int column) {
        if (table.get(2) >= 0 || table.get(3) >= 0 || table.get(Product.EPILOGUE) > 0) {
            float bias = table.get(2) >= 0 ? heap.get(table.get(2) + column) : 0f;
            float added = table.get(3) >= 0 ? heap.get(table.get(3) + at) : 0f;
            heap.set(table.get(4) + at, heap.get(table.get(4) + at) + (bias + added));
            if (table.get(Product.EPILOGUE) > 0) {
                Epilogues.apply(heap, table, Product.EPILOGUE, table.get(4), at);
            }
        }
    }
}
