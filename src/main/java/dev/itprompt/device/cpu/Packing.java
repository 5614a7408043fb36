package dev.itprompt.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Copies of matrix blocks into the layout that {@link Tiles} reads. Strides are in bytes. */
final class Packing {

    private static final VectorShuffle<Float> UP_8 = VectorShuffle.iota(Lanes.SPECIES, 8, 1, true);
    private static final VectorShuffle<Float> UP_4 = VectorShuffle.iota(Lanes.SPECIES, 4, 1, true);
    private static final VectorShuffle<Float> UP_2 = VectorShuffle.iota(Lanes.SPECIES, 2, 1, true);
    private static final VectorShuffle<Float> UP_1 = VectorShuffle.iota(Lanes.SPECIES, 1, 1, true);
    private static final VectorShuffle<Float> DOWN_8 = VectorShuffle.iota(Lanes.SPECIES, -8, 1, true);
    private static final VectorShuffle<Float> DOWN_4 = VectorShuffle.iota(Lanes.SPECIES, -4, 1, true);
    private static final VectorShuffle<Float> DOWN_2 = VectorShuffle.iota(Lanes.SPECIES, -2, 1, true);
    private static final VectorShuffle<Float> DOWN_1 = VectorShuffle.iota(Lanes.SPECIES, -1, 1, true);
    private static final VectorMask<Float> UPPER_8 = upper(8);
    private static final VectorMask<Float> UPPER_4 = upper(4);
    private static final VectorMask<Float> UPPER_2 = upper(2);
    private static final VectorMask<Float> UPPER_1 = upper(1);

    private Packing() {}

    private static VectorMask<Float> upper(int apart) {
        boolean[] lanes = new boolean[Lanes.COUNT];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = (i & apart) != 0;
        }
        return VectorMask.fromArray(Lanes.SPECIES, lanes, 0);
    }

    /** {@code depth} rows of {@code columns} elements into one panel; columns up to the panel's width become 0. */
    static void panel(long b, long row, int depth, int columns, long panel) {
        block(b, row, depth, columns, panel, Tiles.WIDTH);
    }

    /** The same into a panel of {@link Tiles#LEFT} columns. */
    static void leftPanel(long a, long row, int depth, int columns, long panel) {
        block(a, row, depth, columns, panel, Tiles.LEFT);
    }

    private static void block(long from, long row, int rows, int columns, long to, int width) {
        for (int k = 0; k < rows; k++) {
            blockRow(from + k * row, columns, to + 4L * k * width, width);
        }
    }

    private static void blockRow(long from, int columns, long to, int width) {
        int j = 0;
        for (; j <= columns - Lanes.COUNT; j += Lanes.COUNT) {
            Lanes.store(Lanes.load(from + 4L * j), to + 4L * j);
        }
        if (j < columns) {
            Lanes.store(Lanes.load(from + 4L * j, columns - j), to + 4L * j);
            j += Lanes.COUNT;
        }
        for (; j < width; j += Lanes.COUNT) {
            Lanes.store(Lanes.zero(), to + 4L * j);
        }
    }

    /** The same from a matrix that lies as {@code columns} rows of {@code depth} elements. */
    static void transposedPanel(long b, long row, int depth, int columns, long panel) {
        for (int j = 0; j < Tiles.WIDTH; j += Lanes.COUNT) {
            transposedRows(b + j * row, row, Math.clamp(columns - j, 0, Lanes.COUNT), 0, 0, 0, depth, panel + 4L * j);
        }
    }

    /**
     * Rows of {@code depth} elements become {@link Lanes#COUNT} columns of a panel: rows of x, then rows of y, then zeros.
     *
     * @param xRows how many rows of x are taken
     * @param to    the first of the columns
     */
    static void transposedRows(long x, long xRow, int xRows, long y, long yRow, int yRows, int depth, long to) {
        int whole = depth / Lanes.COUNT * Lanes.COUNT;
        transposedSquares(x, xRow, xRows, y, yRow, yRows, whole, to);
        for (int k = whole; k < depth; k++) {
            long column = to + (long) k * Tiles.PANEL;
            for (int r = 0; r < Lanes.COUNT; r++) {
                float value = r < xRows ? Lanes.get(x + r * xRow + 4L * k)
                        : r < xRows + yRows ? Lanes.get(y + (r - xRows) * yRow + 4L * k) : 0;
                Lanes.set(column + 4L * r, value);
            }
        }
    }

    /**
     * Squares of rows are copied and transposed where they are to be: for every power of two below the lanes, in each 2x2 block of
     * squares of so many rows and columns, those off the diagonal change places. Too long to be inlined, as {@link SoftmaxRows} is.
     */
    private static void transposedSquares(long x, long xRow, int xRows, long y, long yRow, int yRows, int depth, long to) {
        int rows = xRows + yRows;
        for (int k = 0; k < depth; k += Lanes.COUNT) {
            long square = to + (long) k * Tiles.PANEL;
            for (int r = 0; r < xRows; r++) {
                Lanes.store(Lanes.load(x + r * xRow + 4L * k), square + (long) r * Tiles.PANEL);
            }
            for (int r = xRows; r < rows; r++) {
                Lanes.store(Lanes.load(y + (r - xRows) * yRow + 4L * k), square + (long) r * Tiles.PANEL);
            }
            for (int r = rows; r < Lanes.COUNT; r++) {
                Lanes.store(Lanes.zero(), square + (long) r * Tiles.PANEL);
            }
            if (Lanes.COUNT > 8) {
                for (int r = 0; r < Lanes.COUNT / 2; r++) {
                    swap(square, r + (r & -8), 8, UP_8, DOWN_8, UPPER_8);
                }
            }
            if (Lanes.COUNT > 4) {
                for (int r = 0; r < Lanes.COUNT / 2; r++) {
                    swap(square, r + (r & -4), 4, UP_4, DOWN_4, UPPER_4);
                }
            }
            for (int r = 0; r < Lanes.COUNT / 2; r++) {
                swap(square, r + (r & -2), 2, UP_2, DOWN_2, UPPER_2);
            }
            for (int r = 0; r < Lanes.COUNT / 2; r++) {
                swap(square, r + (r & -1), 1, UP_1, DOWN_1, UPPER_1);
            }
        }
    }

    private static void swap(long square, int first, int apart, VectorShuffle<Float> up, VectorShuffle<Float> down,
            VectorMask<Float> upper) {
        long a = square + (long) first * Tiles.PANEL;
        long b = a + (long) apart * Tiles.PANEL;
        FloatVector x = Lanes.load(a);
        FloatVector y = Lanes.load(b);
        Lanes.store(x.blend(y.rearrange(down), upper), a);
        Lanes.store(x.rearrange(up).blend(y, upper), b);
    }
}
