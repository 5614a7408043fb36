package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat4;
import uk.ac.manchester.tornado.api.types.vectors.Float4;

/**
 * Matrix products for OpenCL on CPUs, whose compilers make no vectors of neighbouring items: explicit vectors of four floats instead, no
 * local memory. Operands begin at multiples of {@value #LANES} floats in the heap, and so do their rows.
 */
final class VectorLinear {

    static final int LANES = 4;
    /** Rows and columns of y that one item of {@link #matMulDots} computes. */
    static final int DOT_ROWS = 2;
    static final int DOT_COLUMNS = 4;
    /** Rows and columns of y that one item of {@link #matMulRows} computes. */
    static final int ROWS = 4;
    static final int COLUMNS = 8;

    private VectorLinear() {}

    /**
     * y [m, n] = a·bᵀ + bias with a [m, k] and b [n, k]: 2 x 4 inner products per item, k a multiple of {@value #LANES}.
     *
     * <p>Table: as {@link Linear#matMul}. Items: ⌈m/2⌉ · ⌈n/4⌉.
     */
    static void matMulDots(KernelContext context, FloatArray heap, IntArray table) {
        int m = table.get(4);
        int n = table.get(5);
        int across = (n + DOT_COLUMNS - 1) / DOT_COLUMNS;
        int column = context.globalIdx % across * DOT_COLUMNS;
        int row = context.globalIdx / across * DOT_ROWS;
        if (row < m) {
            VectorFloat4 vectors = new VectorFloat4(heap);
            int steps = table.get(6) / LANES;
            int a0 = table.get(0) / LANES + row * steps;
            int a1 = a0 + Math.min(1, m - 1 - row) * steps;
            int b0 = table.get(1) / LANES + column * steps;
            int last = n - 1 - column;
            int b1 = b0 + Math.min(1, last) * steps;
            int b2 = b0 + Math.min(2, last) * steps;
            int b3 = b0 + Math.min(3, last) * steps;
            Float4 y00 = new Float4(0f, 0f, 0f, 0f);
            Float4 y01 = new Float4(0f, 0f, 0f, 0f);
            Float4 y02 = new Float4(0f, 0f, 0f, 0f);
            Float4 y03 = new Float4(0f, 0f, 0f, 0f);
            Float4 y10 = new Float4(0f, 0f, 0f, 0f);
            Float4 y11 = new Float4(0f, 0f, 0f, 0f);
            Float4 y12 = new Float4(0f, 0f, 0f, 0f);
            Float4 y13 = new Float4(0f, 0f, 0f, 0f);
            for (int k = 0; k < steps; k++) {
                Float4 x0 = vectors.get(a0 + k);
                Float4 x1 = vectors.get(a1 + k);
                Float4 w = vectors.get(b0 + k);
                y00 = Float4.add(y00, Float4.mult(x0, w));
                y10 = Float4.add(y10, Float4.mult(x1, w));
                w = vectors.get(b1 + k);
                y01 = Float4.add(y01, Float4.mult(x0, w));
                y11 = Float4.add(y11, Float4.mult(x1, w));
                w = vectors.get(b2 + k);
                y02 = Float4.add(y02, Float4.mult(x0, w));
                y12 = Float4.add(y12, Float4.mult(x1, w));
                w = vectors.get(b3 + k);
                y03 = Float4.add(y03, Float4.mult(x0, w));
                y13 = Float4.add(y13, Float4.mult(x1, w));
            }
            int y = table.get(3) + row * n + column;
            boolean second = row + 1 < m;
            store(heap, table, y, column, y00, true);
            store(heap, table, y + 1, column + 1, y01, last >= 1);
            store(heap, table, y + 2, column + 2, y02, last >= 2);
            store(heap, table, y + 3, column + 3, y03, last >= 3);
            store(heap, table, y + n, column, y10, second);
            store(heap, table, y + n + 1, column + 1, y11, second && last >= 1);
            store(heap, table, y + n + 2, column + 2, y12, second && last >= 2);
            store(heap, table, y + n + 3, column + 3, y13, second && last >= 3);
            if (table.get(Linear.EPILOGUE) > 0) {
                for (int i = 0; i < DOT_ROWS * DOT_COLUMNS; i++) {
                    int r = row + i / DOT_COLUMNS;
                    int c = column + i % DOT_COLUMNS;
                    if (r < m && c < n) {
                        Epilogues.apply(heap, table, Linear.EPILOGUE, table.get(3), r * n + c);
                    }
                }
            }
        }
    }

    private static void store(FloatArray heap, IntArray table, int at, int column, Float4 lanes, boolean inside) {
        if (inside) {
            float sum = lanes.getX() + lanes.getY() + (lanes.getZ() + lanes.getW());
            heap.set(at, table.get(11) > 0 ? sum + heap.get(table.get(2) + column) : sum);
        }
    }

    /**
     * y [m, n] = a·b + bias with a [m, k] and b [k, n]: 4 rows of two vectors per item, n a multiple of 2·{@value #LANES}.
     *
     * <p>Table: as {@link Linear#matMul}. Items: ⌈m/4⌉ · n/8.
     */
    static void matMulRows(KernelContext context, FloatArray heap, IntArray table) {
        int m = table.get(4);
        int n = table.get(5);
        int across = n / COLUMNS;
        int column = context.globalIdx % across * COLUMNS;
        int row = context.globalIdx / across * ROWS;
        if (row < m) {
            VectorFloat4 vectors = new VectorFloat4(heap);
            int depth = table.get(6);
            int a0 = table.get(0) + row * depth;
            int last = m - 1 - row;
            int a1 = a0 + Math.min(1, last) * depth;
            int a2 = a0 + Math.min(2, last) * depth;
            int a3 = a0 + Math.min(3, last) * depth;
            int b = (table.get(1) + column) / LANES;
            int step = n / LANES;
            Float4 y00 = new Float4(0f, 0f, 0f, 0f);
            Float4 y01 = new Float4(0f, 0f, 0f, 0f);
            if (table.get(11) > 0) {
                y00 = vectors.get((table.get(2) + column) / LANES);
                y01 = vectors.get((table.get(2) + column) / LANES + 1);
            }
            Float4 y10 = y00;
            Float4 y11 = y01;
            Float4 y20 = y00;
            Float4 y21 = y01;
            Float4 y30 = y00;
            Float4 y31 = y01;
            for (int k = 0; k < depth; k++) {
                Float4 w0 = vectors.get(b + k * step);
                Float4 w1 = vectors.get(b + k * step + 1);
                float x = heap.get(a0 + k);
                y00 = Float4.add(y00, Float4.mult(w0, x));
                y01 = Float4.add(y01, Float4.mult(w1, x));
                x = heap.get(a1 + k);
                y10 = Float4.add(y10, Float4.mult(w0, x));
                y11 = Float4.add(y11, Float4.mult(w1, x));
                x = heap.get(a2 + k);
                y20 = Float4.add(y20, Float4.mult(w0, x));
                y21 = Float4.add(y21, Float4.mult(w1, x));
                x = heap.get(a3 + k);
                y30 = Float4.add(y30, Float4.mult(w0, x));
                y31 = Float4.add(y31, Float4.mult(w1, x));
            }
            int y = (table.get(3) + row * n + column) / LANES;
            vectors.set(y, y00);
            vectors.set(y + 1, y01);
            if (last >= 1) {
                vectors.set(y + step, y10);
                vectors.set(y + step + 1, y11);
            }
            if (last >= 2) {
                vectors.set(y + 2 * step, y20);
                vectors.set(y + 2 * step + 1, y21);
            }
            if (last >= 3) {
                vectors.set(y + 3 * step, y30);
                vectors.set(y + 3 * step + 1, y31);
            }
            if (table.get(Linear.EPILOGUE) > 0) {
                for (int i = 0; i < ROWS * COLUMNS; i++) {
                    if (row + i / COLUMNS < m) {
                        Epilogues.apply(heap, table, Linear.EPILOGUE, table.get(3), (row + i / COLUMNS) * n + column + i % COLUMNS);
                    }
                }
            }
        }
    }
}
