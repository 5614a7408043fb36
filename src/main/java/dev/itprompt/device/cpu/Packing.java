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
        transposedColumns(b, row, depth, columns, panel);
        clearColumns(panel, depth, columns);
    }

    /** Transposes {@code columns} rows of {@code depth} elements into the first columns at {@code panel}. */
    static void transposedColumns(long b, long row, int depth, int columns, long panel) {
        int j = 0;
        for (; j <= columns - Lanes.COUNT; j += Lanes.COUNT) {
            int k = transposeSquares(b + j * row, row, depth, panel + 4L * j);
            for (int r = 0; k < depth && r < Lanes.COUNT; r++) {
                transposeOne(b + (j + r) * row, k, depth, panel + 4L * (j + r));
            }
        }
        for (; j < columns; j++) {
            transposeOne(b + j * row, 0, depth, panel + 4L * j);
        }
    }

    /** Sets the columns of a panel from {@code columns} on to 0. */
    static void clearColumns(long panel, int depth, int columns) {
        int j = columns;
        for (; j % Lanes.COUNT != 0; j++) {
            for (int k = 0; k < depth; k++) {
                Lanes.set(panel + (long) k * Tiles.PANEL + 4L * j, 0);
            }
        }
        for (; j < Tiles.WIDTH; j += Lanes.COUNT) {
            for (int k = 0; k < depth; k++) {
                Lanes.store(Lanes.zero(), panel + (long) k * Tiles.PANEL + 4L * j);
            }
        }
    }

    /**
     * Transposes {@link Lanes#COUNT} rows, a square at a time: for every power of two below the lanes, in each 2x2 block of
     * squares of so many rows and columns, those off the diagonal change places.
     *
     * @return how many elements of each row were taken: all in whole vectors
     */
    private static int transposeSquares(long b, long row, int depth, long to) {
        int k = 0;
        for (; k <= depth - Lanes.COUNT; k += Lanes.COUNT) {
            long square = to + (long) k * Tiles.PANEL;
            long from = b + 4L * k;
            long fromRow = row;
            if (Lanes.COUNT > 8) {
                swap(from, fromRow, square, 8, UP_8, DOWN_8, UPPER_8);
                from = square;
                fromRow = Tiles.PANEL;
            }
            if (Lanes.COUNT > 4) {
                swap(from, fromRow, square, 4, UP_4, DOWN_4, UPPER_4);
                from = square;
                fromRow = Tiles.PANEL;
            }
            swap(from, fromRow, square, 2, UP_2, DOWN_2, UPPER_2);
            swap(square, Tiles.PANEL, square, 1, UP_1, DOWN_1, UPPER_1);
        }
        return k;
    }

    private static void swap(long from, long row, long to, int apart, VectorShuffle<Float> up, VectorShuffle<Float> down,
            VectorMask<Float> upper) {
        for (int r = 0; r < Lanes.COUNT / 2; r++) {
            int first = r + (r & -apart);
            FloatVector x = Lanes.load(from + first * row);
            FloatVector y = Lanes.load(from + (first + apart) * row);
            Lanes.store(x.blend(y.rearrange(down), upper), to + (long) first * Tiles.PANEL);
            Lanes.store(x.rearrange(up).blend(y, upper), to + (long) (first + apart) * Tiles.PANEL);
        }
    }

    private static void transposeOne(long b, int from, int depth, long to) {
        for (int k = from; k < depth; k++) {
            Lanes.set(to + (long) k * Tiles.PANEL, Lanes.get(b + 4L * k));
        }
    }
}
