package dev.itprompt.device.cpu;

/**
 * Matrix products of blocks that fit the cache: {@code c = init + a·b} with b in column panels of {@link #WIDTH} elements (row k
 * of a panel is contiguous, zeros beyond the last column). The left operand is read along rows that lie {@link #ROW} bytes apart
 * ({@link RowTiles}), to where others are copied first; or, when it is the transpose of something in panels,
 * along columns of these ({@link ColumnTiles}). All strides are in bytes.
 *
 * <p>Each element is one chain of multiply-adds over ascending k, whatever tile it falls into.
 */
final class Tiles {

    /** Whether there are 32 vector registers: two vectors times twelve rows of accumulators instead of six. */
    private static final boolean WIDE = Lanes.COUNT >= 16 && Lanes.FUSED;
    private static final int HALF = 6;
    /** Rows of a register tile. */
    static final int ROWS = WIDE ? 2 * HALF : HALF;
    /** Rows that are multiplied by a panel before the next: together with short panels they stay in the first-level cache. */
    static final int BLOCK = 4 * ROWS;
    /** Columns of a register tile and of a panel. */
    static final int WIDTH = 2 * Lanes.COUNT;
    /** Bytes from one row of a panel to the next. */
    static final int PANEL = 4 * WIDTH;
    /** Longest extent along k that is copied at once. */
    static final int DEPTH = 768;
    /**
     * Bytes from one row of a left operand to the next: more than {@link #DEPTH} elements, as scores are read in place, and an odd number
     * of cache lines, so that rows begin in different sets of the first-level cache.
     */
    static final int ROW = 4 * DEPTH + 13 * 64;
    /** Columns of a panel of a transposed left operand: whole vectors and whole tiles. */
    static final int LEFT = 3 * Lanes.COUNT;
    /** Bytes from one row of such a panel to the next. */
    static final int LEFT_PANEL = 4 * LEFT;
    private static final int TILE = ROWS * PANEL;
    /** Bytes of scratch that products need: one register tile and rows of a left operand. */
    static final int SCRATCH = TILE + BLOCK * ROW;

    private Tiles() {}

    /** Columns rounded up to whole panels. */
    static int padded(int columns) {
        return (columns + WIDTH - 1) / WIDTH * WIDTH;
    }

    /**
     * {@code c[m, n] = init + a[m, depth]·b[depth, n]}, or {@code c += a·b}. Rows of a are copied first.
     *
     * @param a        first element of a; rows are {@code aRow} bytes apart
     * @param b        first panel of b; panel p is at {@code b + p·panelBytes}
     * @param init     one row of {@code padded(n)} values; 0 to add to c
     * @param c        first element of the result; rows are {@code cRow} bytes apart
     * @param scratch  {@link #SCRATCH} bytes
     */
    static void multiply(long a, long aRow, int m, long b, long panelBytes, int n, int depth, long init, long c, long cRow,
            long scratch) {
        long left = scratch + TILE;
        for (int i = 0; i < m; i += BLOCK) {
            int rows = Math.min(BLOCK, m - i);
            for (int k = 0; k < depth; k += DEPTH) {
                int steps = Math.min(DEPTH, depth - k);
                copyRows(a + i * aRow + 4L * k, aRow, rows, steps, left);
                multiplyInPlace(left, rows, b + (long) k * PANEL, panelBytes, n, steps, k == 0 ? init : 0, c + i * cRow, cRow, scratch);
            }
        }
    }

    /** Copies rows to where they are {@link #ROW} bytes apart. */
    static void copyRows(long a, long aRow, int rows, int depth, long to) {
        for (int r = 0; r < rows; r++) {
            Lanes.copyRow(a + r * aRow, to + (long) r * ROW, depth);
        }
    }

    /**
     * The same with rows of a {@link #ROW} bytes apart, of which whole tiles are read; depth is at most {@code ROW / 4}. A panel is
     * multiplied by all rows before the next, while it is in the first-level cache.
     */
    static void multiplyInPlace(long a, int m, long b, long panelBytes, int n, int depth, long init, long c, long cRow, long scratch) {
        for (int j = 0; j < n; j += WIDTH) {
            int columns = Math.min(WIDTH, n - j);
            long panel = b + j / WIDTH * panelBytes;
            for (int i = 0; i < m; i += ROWS) {
                int rows = Math.min(ROWS, m - i);
                long left = a + (long) i * ROW;
                long to = c + i * cRow + 4L * j;
                long from = init == 0 ? to : init + 4L * j;
                long fromRow = init == 0 ? cRow : 0;
                if (isWhole(rows, columns)) {
                    tile(left, rows, panel, depth, from, fromRow, to, cRow);
                } else {
                    load(from, fromRow, rows, columns, scratch);
                    tile(left, rows, panel, depth, scratch, PANEL, scratch, PANEL);
                    store(scratch, rows, columns, to, cRow);
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
                    transposedTile(left, rows, panel, depth, from, fromRow, to, cRow);
                } else {
                    load(from, fromRow, rows, columns, scratch);
                    transposedTile(left, rows, panel, depth, scratch, PANEL, scratch, PANEL);
                    store(scratch, rows, columns, to, cRow);
                }
            }
        }
    }

    /** Whether a tile may be written in place: it has all rows and columns of the kernel that will compute it. */
    private static boolean isWhole(int rows, int columns) {
        return (rows == ROWS || rows == HALF) && columns == WIDTH;
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

    /** At least {@code rows} rows. */
    private static void tile(long a, int rows, long b, int depth, long init, long initRow, long c, long cRow) {
        if (!Lanes.FUSED) {
            PlainTiles.tile(a, ROW, 4, b, depth, init, initRow, c, cRow);
        } else if (rows <= HALF) {
            RowTiles.tile6x2(a, b, depth, init, initRow, c, cRow);
        } else {
            RowTiles.tile12x2(a, b, depth, init, initRow, c, cRow);
        }
    }

    private static void transposedTile(long a, int rows, long b, int depth, long init, long initRow, long c, long cRow) {
        if (!Lanes.FUSED) {
            PlainTiles.tile(a, 4, LEFT_PANEL, b, depth, init, initRow, c, cRow);
        } else if (rows <= HALF) {
            ColumnTiles.tile6x2(a, b, depth, init, initRow, c, cRow);
        } else {
            ColumnTiles.tile12x2(a, b, depth, init, initRow, c, cRow);
        }
    }
}
