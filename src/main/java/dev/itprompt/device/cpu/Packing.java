package dev.itprompt.device.cpu;

/** Copies of matrix blocks into the layout that {@link Tiles} reads. Strides are in bytes. */
final class Packing {

    private Packing() {}

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
        for (; j <= columns - 4; j += 4) {
            transposeFour(b + j * row, row, depth, panel + 4L * j);
        }
        for (; j < columns; j++) {
            transposeOne(b + j * row, depth, panel + 4L * j);
        }
    }

    /** Sets the columns of a panel from {@code columns} on to 0. */
    static void clearColumns(long panel, int depth, int columns) {
        for (int j = columns; j < Tiles.WIDTH; j++) {
            for (int k = 0; k < depth; k++) {
                Lanes.set(panel + (long) k * Tiles.PANEL + 4L * j, 0);
            }
        }
    }

    private static void transposeFour(long b, long row, int depth, long to) {
        for (int k = 0; k < depth; k++) {
            long from = b + 4L * k;
            long p = to + (long) k * Tiles.PANEL;
            Lanes.set(p, Lanes.get(from));
            Lanes.set(p + 4, Lanes.get(from + row));
            Lanes.set(p + 8, Lanes.get(from + 2 * row));
            Lanes.set(p + 12, Lanes.get(from + 3 * row));
        }
    }

    private static void transposeOne(long b, int depth, long to) {
        for (int k = 0; k < depth; k++) {
            Lanes.set(to + (long) k * Tiles.PANEL, Lanes.get(b + 4L * k));
        }
    }
}
