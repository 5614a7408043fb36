package dev.itprompt.device.cpu;

/**
 * Matrix products of blocks that fit the cache: {@code c = init + a·b} with b in column panels of {@link #WIDTH} elements (row k
 * of a panel is contiguous, zeros beyond the last column, and a row of zeros after an odd number). The left operand is read along
 * rows that lie {@link #ROW} bytes apart ({@link RowTiles}), to where rows of any other distance are copied first; or, when it is
 * the transpose of something in panels, along columns of these ({@link ColumnTiles}). All strides are in bytes.
 *
 * <p>Each element is one chain of multiply-adds over ascending k, whatever tile it falls into.
 */
final class Tiles {

    /** Whether there are 32 vector registers: two vectors times twelve rows of accumulators instead of six. */
    private static final boolean WIDE = Lanes.COUNT >= 16 && Lanes.FUSED;
    private static final int HALF = 6;
    /** Rows of a register tile. */
    static final int ROWS = WIDE ? 2 * HALF : HALF;
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
    static final int SCRATCH = TILE + ROWS * ROW;

    private Tiles() {}

    /** Columns rounded up to whole panels. */
    static int padded(int columns) {
        return (columns + WIDTH - 1) / WIDTH * WIDTH;
    }

    /** An extent along k rounded up to what the kernels compute, two steps at a time. */
    static int even(int depth) {
        return depth + 1 & -2;
    }

    /**
     * {@code c[m, n] = init + a[m, depth]·b[depth, n]}, or {@code c += a·b}.
     *
     * @param a        first element of a; rows are {@code aRow} bytes apart. When that is {@link #ROW}, they are read in place, whole
     *                 tiles of them; depth is less than {@code ROW / 4}, and a zero follows an odd number of elements
     * @param b        first panel of b; panel p is at {@code b + p·panelBytes}
     * @param init     one row of {@code padded(n)} values; 0 to add to c
     * @param c        first element of the result; rows are {@code cRow} bytes apart
     * @param scratch  {@link #SCRATCH} bytes
     */
    static void multiply(long a, long aRow, int m, long b, long panelBytes, int n, int depth, long init, long c, long cRow,
            long scratch) {
        for (int i = 0; i < m; i += ROWS) {
            int rows = Math.min(ROWS, m - i);
            long to = c + i * cRow;
            if (aRow == ROW) {
                rowOfTiles(a + i * aRow, rows, b, panelBytes, n, depth, init, to, cRow, scratch);
                continue;
            }
            long left = scratch + TILE;
            for (int k = 0; k < depth; k += DEPTH) {
                int steps = Math.min(DEPTH, depth - k);
                for (int r = 0; r < rows; r++) {
                    Lanes.copyRow(a + (i + r) * aRow + 4L * k, left + (long) r * ROW, steps);
                    Lanes.set(left + (long) r * ROW + 4L * steps, 0);
                }
                rowOfTiles(left, rows, b + (long) k * PANEL, panelBytes, n, steps, k == 0 ? init : 0, to, cRow, scratch);
            }
        }
    }

    private static void rowOfTiles(long a, int rows, long b, long panelBytes, int n, int depth, long init, long c, long cRow,
            long scratch) {
        for (int j = 0; j < n; j += WIDTH) {
            int columns = Math.min(WIDTH, n - j);
            long panel = b + j / WIDTH * panelBytes;
            long to = c + 4L * j;
            long from = init == 0 ? to : init + 4L * j;
            long fromRow = init == 0 ? cRow : 0;
            if (isWhole(rows, columns)) {
                tile(a, rows, panel, depth, from, fromRow, to, cRow);
            } else {
                load(from, fromRow, rows, columns, scratch);
                tile(a, rows, panel, depth, scratch, PANEL, scratch, PANEL);
                store(scratch, rows, columns, to, cRow);
            }
        }
    }

    /**
     * {@code c[m, n] = init + aᵀ·b}, or {@code c += aᵀ·b}, with a [depth, m] in panels of {@link #LEFT} columns and {@code even(depth)}
     * rows.
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

    /** At least {@code rows} rows; the kernels for six rows go to the even depth as well, for the same bits. */
    private static void tile(long a, int rows, long b, int depth, long init, long initRow, long c, long cRow) {
        if (!Lanes.FUSED) {
            PlainTiles.tile(a, ROW, 4, b, even(depth), init, initRow, c, cRow);
        } else if (rows <= HALF) {
            RowTiles.tile6x2(a, b, even(depth), init, initRow, c, cRow);
        } else {
            RowTiles.tile12x2(a, b, even(depth), init, initRow, c, cRow);
        }
    }

    private static void transposedTile(long a, int rows, long b, int depth, long init, long initRow, long c, long cRow) {
        if (!Lanes.FUSED) {
            PlainTiles.tile(a, 4, LEFT_PANEL, b, even(depth), init, initRow, c, cRow);
        } else if (rows <= HALF) {
            ColumnTiles.tile6x2(a, b, even(depth), init, initRow, c, cRow);
        } else {
            ColumnTiles.tile12x2(a, b, even(depth), init, initRow, c, cRow);
        }
    }
}
