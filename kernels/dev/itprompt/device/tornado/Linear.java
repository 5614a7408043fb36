package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Matrix products y [m, n] = a·b + bias. Strides tell how a and b lie, so that one kernel serves all orientations. */
final class Linear {

    /** Rows of y that one item of {@link #matMul} computes. */
    static final int ROWS = 8;

    /** The entry of the table where those of {@link Epilogues} begin. */
    static final int EPILOGUE = 12;

    private Linear() {}

    /**
     * {@value #ROWS} rows of one column per item; neighbouring items take neighbouring columns. No local memory.
     *
     * <p>Table: a, b, bias, y, m, n, k, a's strides along m and k, b's strides along k and n, 1 if there is a bias, then
     * those of {@link Epilogues}.
     * Items: n · ⌈m/{@value #ROWS}⌉.
     */
    static void matMul(KernelContext context, FloatArray heap, IntArray table) {
        int m = table.get(4);
        int n = table.get(5);
        int column = context.globalIdx % n;
        int row = context.globalIdx / n * ROWS;
        if (row < m) {
            int depth = table.get(6);
            int aRow = table.get(7);
            int aStep = table.get(8);
            int bStep = table.get(9);
            int a = table.get(0) + row * aRow;
            int last = m - 1 - row;
            int a1 = a + Math.min(1, last) * aRow;
            int a2 = a + Math.min(2, last) * aRow;
            int a3 = a + Math.min(3, last) * aRow;
            int a4 = a + Math.min(4, last) * aRow;
            int a5 = a + Math.min(5, last) * aRow;
            int a6 = a + Math.min(6, last) * aRow;
            int a7 = a + Math.min(7, last) * aRow;
            int b = table.get(1) + column * table.get(10);
            float y0 = table.get(11) > 0 ? heap.get(table.get(2) + column) : 0f;
            float y1 = y0;
            float y2 = y0;
            float y3 = y0;
            float y4 = y0;
            float y5 = y0;
            float y6 = y0;
            float y7 = y0;
            for (int k = 0; k < depth; k++) {
                float x = heap.get(b + k * bStep);
                int step = k * aStep;
                y0 += heap.get(a + step) * x;
                y1 += heap.get(a1 + step) * x;
                y2 += heap.get(a2 + step) * x;
                y3 += heap.get(a3 + step) * x;
                y4 += heap.get(a4 + step) * x;
                y5 += heap.get(a5 + step) * x;
                y6 += heap.get(a6 + step) * x;
                y7 += heap.get(a7 + step) * x;
            }
            int y = table.get(3) + row * n + column;
            heap.set(y, y0);
            store(heap, y + n, y1, last >= 1);
            store(heap, y + 2 * n, y2, last >= 2);
            store(heap, y + 3 * n, y3, last >= 3);
            store(heap, y + 4 * n, y4, last >= 4);
            store(heap, y + 5 * n, y5, last >= 5);
            store(heap, y + 6 * n, y6, last >= 6);
            store(heap, y + 7 * n, y7, last >= 7);
            if (table.get(EPILOGUE) > 0) {
                for (int i = 0; i <= Math.min(ROWS - 1, last); i++) {
                    Epilogues.apply(heap, table, EPILOGUE, table.get(3), (row + i) * n + column);
                }
            }
        }
    }

    /**
     * What {@link LibraryProducts} has a library compute, one item per value, so that it can be tested without the library.
     *
     * <p>Table and numbers: {@link Product}'s, without an epilogue.
     */
    static void product(KernelContext context, FloatArray heap, IntArray table) {
        int at = context.globalIdx;
        if (at < values(table)) {
            int column = at % table.get(7);
            int d = place(table, at);
            float bias = table.get(2) >= 0 ? heap.get(table.get(2) + column) : 0f;
            float added = table.get(3) >= 0 ? heap.get(table.get(3) + d) : 0f;
            heap.set(table.get(4) + d, value(heap, table, at) * heap.get(table.get(Launch.NUMBERS)) + bias + added);
        }
    }

    /** Values of all matrices of a {@link Product}. */
    static int values(IntArray table) {
        return table.get(6) * table.get(7) * table.get(20) * table.get(21);
    }

    /** Where one of them lies, counted from where d begins. */
    static int place(IntArray table, int at) {
        int row = at / table.get(7) % table.get(6);
        int matrix = at / table.get(7) / table.get(6);
        return Product.d(table, matrix) + row * table.get(13) + at % table.get(7);
    }

    /** That value of op(a)·op(b). */
    static float value(FloatArray heap, IntArray table, int at) {
        int row = at / table.get(7) % table.get(6);
        int matrix = at / table.get(7) / table.get(6);
        int a = Product.a(table, matrix) + row * Product.aRow(table);
        int b = Product.b(table, matrix) + at % table.get(7) * Product.bColumn(table);
        int aStep = Product.aStep(table);
        int bStep = Product.bStep(table);
        float sum = 0f;
        for (int k = 0; k < table.get(8); k++) {
            sum += heap.get(a + k * aStep) * heap.get(b + k * bStep);
        }
        return sum;
    }

    /** Writes a value that belongs to the result. */
    static void store(FloatArray heap, int at, float value, boolean inside) {
        if (inside) {
            heap.set(at, value);
        }
    }
}
