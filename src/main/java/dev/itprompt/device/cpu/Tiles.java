package dev.itprompt.device.cpu;

/**
 * Matrix products of blocks that fit the cache: {@code c = init + a·b} with b in column panels of {@link #WIDTH} elements (row k
 * of a panel is contiguous, zeros beyond the last column). The left operand is read where it lies: along its rows
 * ({@link RowTiles}), or, when it is the transpose of something in panels, along columns of these ({@link ColumnTiles}). All
 * strides are in bytes.
 *
 * <p>Each element is one chain of multiply-adds over ascending k, whatever tile it falls into.
 */
final class Tiles {

    private static final boolean WIDE = Lanes.COUNT >= 16 && Lanes.FUSED;
    /** Rows of a register tile: with 16 instead of 32 registers, more than 9 accumulators are spilled. */
    static final int ROWS = WIDE ? 6 : 3;
    /** Columns of a register tile and of a panel. */
    static final int WIDTH = (WIDE ? 4 : 3) * Lanes.COUNT;
    /** Bytes from one row of a panel to the next. */
    static final int PANEL = 4 * WIDTH;
    /** Columns of a panel of a transposed left operand: whole vectors and whole tiles. */
    static final int LEFT = 3 * Lanes.COUNT;
    /** Bytes from one row of such a panel to the next. */
    static final int LEFT_PANEL = 4 * LEFT;
    /** Bytes of scratch that products need: one register tile. */
    static final int SCRATCH = ROWS * PANEL;

    private Tiles() {}

    /** Columns rounded up to whole panels. */
    static int padded(int columns) {
        return (columns + WIDTH - 1) / WIDTH * WIDTH;
    }

    /** Columns rounded up to what the kernels compute anyway: half panels where there is a kernel for these. */
    static int whole(int columns) {
        int step = WIDE ? WIDTH / 2 : WIDTH;
        return (columns + step - 1) / step * step;
    }

    /**
     * {@code c[m, n] = init + a[m, depth]·b[depth, n]}, or {@code c += a·b}.
     *
     * @param a        first element of a; rows are {@code aRow} bytes apart
     * @param b        first panel of b; panel p is at {@code b + p·panelBytes}
     * @param init     one row of {@code padded(n)} values; 0 to add to c
     * @param c        first element of the result; rows are {@code cRow} bytes apart
     * @param scratch  {@link #SCRATCH} bytes
     */
    static void multiply(long a, long aRow, int m, long b, long panelBytes, int n, int depth, long init, long c, long cRow,
            long scratch) {
        for (int j = 0; j < n; j += WIDTH) {
            int columns = Math.min(WIDTH, n - j);
            long panel = b + j / WIDTH * panelBytes;
            for (int i = 0; i < m; i += ROWS) {
                int rows = Math.min(ROWS, m - i);
                long to = c + i * cRow + 4L * j;
                long from = init == 0 ? to : init + 4L * j;
                long fromRow = init == 0 ? cRow : 0;
                if (isWhole(rows, columns)) {
                    tile(a + i * aRow, aRow, panel, columns, depth, from, fromRow, to, cRow);
                } else if (m >= ROWS) {
                    int back = ROWS - rows; // rows that are computed again, but not written
                    load(from - back * fromRow, fromRow, ROWS, columns, scratch);
                    tile(a + (i - back) * aRow, aRow, panel, columns, depth, scratch, PANEL, scratch, PANEL);
                    store(scratch + back * PANEL, rows, columns, to, cRow);
                } else {
                    for (int r = 0; r < rows; r++) {
                        load(from + r * fromRow, 0, 1, columns, scratch);
                        tile(a + (i + r) * aRow, 0, panel, columns, depth, scratch, 0, scratch, PANEL);
                        store(scratch, 1, columns, to + r * cRow, cRow);
                    }
                }
            }
        }
    }

    /**
     * {@code c[m, n] = init + aᵀ·b}, or {@code c += aᵀ·b}, with a [depth, m] in panels of {@link #LEFT} columns.
     *
     * @param a first panel of a; panel p is at {@code a + p·aPanelBytes}
     */
    static void multiplyTransposed(long a, long aPanelBytes, int m, long b, long panelBytes, int n, int depth, long init, long c,
            long cRow, long scratch) {
        for (int j = 0; j < n; j += WIDTH) {
            int columns = Math.min(WIDTH, n - j);
            long panel = b + j / WIDTH * panelBytes;
            for (int i = 0; i < m; i += ROWS) {
                int rows = Math.min(ROWS, m - i);
                long left = a + i / LEFT * aPanelBytes + 4L * (i % LEFT);
                long to = c + i * cRow + 4L * j;
                long from = init == 0 ? to : init + 4L * j;
                long fromRow = init == 0 ? cRow : 0;
                if (isWhole(rows, columns)) {
                    transposedTile(left, panel, columns, depth, from, fromRow, to, cRow);
                } else {
                    load(from, fromRow, rows, columns, scratch);
                    transposedTile(left, panel, columns, depth, scratch, PANEL, scratch, PANEL);
                    store(scratch, rows, columns, to, cRow);
                }
            }
        }
    }

    private static boolean isHalf(int columns) {
        return WIDE && columns <= WIDTH / 2;
    }

    /** Whether a tile may be written in place: it has all rows and as many columns as the kernel that will compute it. */
    private static boolean isWhole(int rows, int columns) {
        return rows == ROWS && columns == (isHalf(columns) ? WIDTH / 2 : WIDTH);
    }

    private static void load(long from, long fromRow, int rows, int columns, long scratch) {
        for (int r = 0; r < rows; r++) {
            Lanes.copyRow(from + r * fromRow, scratch + r * PANEL, columns);
        }
    }

    private static void store(long scratch, int rows, int columns, long to, long toRow) {
        for (int r = 0; r < rows; r++) {
            Lanes.copyRow(scratch + r * PANEL, to + r * toRow, columns);
        }
    }

    private static void tile(long a, long aRow, long b, int columns, int depth, long init, long initRow, long c,
            long cRow) {
        if (!Lanes.FUSED) {
            PlainTiles.tile(a, aRow, 4, b, depth, init, initRow, c, cRow);
        } else if (!WIDE) {
            RowTiles.tile3x3(a, aRow, b, depth, init, initRow, c, cRow);
        } else if (isHalf(columns)) {
            RowTiles.tile6x2(a, aRow, b, depth, init, initRow, c, cRow);
        } else {
            RowTiles.tile6x4(a, aRow, b, depth, init, initRow, c, cRow);
        }
    }

    private static void transposedTile(long a, long b, int columns, int depth, long init, long initRow, long c, long cRow) {
        if (!Lanes.FUSED) {
            PlainTiles.tile(a, 4, LEFT_PANEL, b, depth, init, initRow, c, cRow);
        } else if (!WIDE) {
            ColumnTiles.tile3x3(a, b, depth, init, initRow, c, cRow);
        } else if (isHalf(columns)) {
            ColumnTiles.tile6x2(a, b, depth, init, initRow, c, cRow);
        } else {
            ColumnTiles.tile6x4(a, b, depth, init, initRow, c, cRow);
        }
    }
}
