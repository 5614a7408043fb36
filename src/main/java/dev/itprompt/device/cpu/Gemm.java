package dev.itprompt.device.cpu;

/**
 * Matrix products of any orientation over whole tensors: packing, blocking for the cache, and the split over workers. An
 * element is always summed in the same order: over blocks along k, ascending.
 */
final class Gemm {

    /** Bytes of panels that are multiplied by all rows of a block before the next: they stay in the second-level cache. */
    private static final int GROUP = Caches.SECOND_LEVEL / 8 * 3;
    /** Bytes of rows of a that are handled before the next panels of b: enough to make up for fetching these, and in reach. */
    private static final int BLOCK = 6 << 20;
    /** Rows that are handled before the next where they, not panels, stay in that cache: copies of them take half of it. */
    static final int FEW_ROWS = Math.max(1, Caches.SECOND_LEVEL / 2 / Tiles.ROW / Tiles.ROWS) * Tiles.ROWS;
    /** Bytes of panels that are multiplied by these rows before the next. */
    private static final int GROUP_OF_FEW_ROWS = Caches.SECOND_LEVEL / 8;
    /** Bytes of panels that stay there in any case. */
    static final int FEW_PANELS = Caches.SECOND_LEVEL / 2;
    /** Extent along k when a is read transposed and both operands are packed block by block. */
    private static final int DEPTH_TRANSPOSED = 256;
    /** Rows of a result whose left operand is transposed that are handled before the next panel of b. */
    private static final int BLOCK_TRANSPOSED = 8 * Tiles.LEFT;
    /** Columns packed together when a is transposed: panels that stay in the second-level cache with the block of a. */
    private static final int STRIP = 8 * Tiles.WIDTH;

    /** Work on finished elements of a result while they are in the cache. */
    @FunctionalInterface
    interface Epilogue {

        Epilogue NONE = (_, _) -> { };

        /**
         * {@code count} neighbours are done.
         *
         * @param offset of the first, in bytes from the start of the result
         */
        void finish(long offset, int count);
    }

    private Gemm() {}

    /** Bytes of b [depth, n] packed into panels. */
    static long packedBytes(int depth, int n) {
        return 4L * depth * Tiles.padded(n);
    }

    /** Bytes of scratch per worker for {@link #packed} with m rows. */
    static long packedScratch(int m) {
        return Tiles.SCRATCH + (long) Math.min(FEW_ROWS, Math.ceilDiv(m, Tiles.ROWS) * Tiles.ROWS) * Tiles.ROW;
    }

    /** Bytes of scratch per worker for {@link #transposed}. */
    static long transposedBytes() {
        return Tiles.SCRATCH + 4L * DEPTH_TRANSPOSED * (BLOCK_TRANSPOSED + STRIP);
    }

    /**
     * Packs b into panels.
     *
     * @param transposed whether b lies in memory as [n, depth] instead of [depth, n]
     */
    static void pack(Workers workers, long b, boolean transposed, int depth, int n, long panels) {
        int count = Tiles.padded(n) / Tiles.WIDTH;
        long bytes = (long) depth * Tiles.PANEL;
        workers.split(count, (long) depth * Tiles.WIDTH, (_, from, to) -> {
            for (int p = from; p < to; p++) {
                int j = p * Tiles.WIDTH;
                int columns = Math.min(Tiles.WIDTH, n - j);
                if (transposed) {
                    Packing.transposedPanel(b + 4L * j * depth, 4L * depth, depth, columns, panels + p * bytes);
                } else {
                    Packing.panel(b + 4L * j, 4L * n, depth, columns, panels + p * bytes);
                }
            }
        });
    }

    /**
     * {@code y[m, n] = a[m, depth]·b + bias} with packed b.
     *
     * @param bias     {@code padded(n)} values
     * @param epilogue told of finished elements of y
     */
    static void packed(Workers workers, Workspace space, long a, int m, int depth, long panels, int n, long bias, long y,
            Epilogue epilogue) {
        int rowTiles = (m + Tiles.ROWS - 1) / Tiles.ROWS;
        int columnTiles = Tiles.padded(n) / Tiles.WIDTH;
        if (rowTiles >= columnTiles || rowTiles >= 16 * workers.threads()) {
            long cost = (long) Tiles.ROWS * n * depth / 8;
            workers.split(rowTiles, cost, (worker, from, to) -> blocks(a, from * Tiles.ROWS, Math.min(m, to * Tiles.ROWS), depth,
                    panels, 0, n, n, bias, y, space.of(worker), epilogue));
        } else {
            long cost = (long) Tiles.WIDTH * m * depth / 8;
            workers.split(columnTiles, cost, (worker, from, to) -> blocks(a, 0, m, depth, panels, from * Tiles.WIDTH,
                    Math.min(n, to * Tiles.WIDTH), n, bias, y, space.of(worker), epilogue));
        }
    }

    /**
     * Rows {@code top} to {@code bottom} and columns {@code left} to {@code right}, by blocks of rows and groups of panels. Few rows are
     * copied once and stay in the cache while panels pass by; so are rows of several pieces, whose results are fetched for each.
     */
    private static void blocks(long a, int top, int bottom, int depth, long panels, int left, int right, int n, long bias, long y,
            long scratch, Epilogue epilogue) {
        int steps = even(depth, Tiles.DEPTH, 1);
        boolean rowsStay = (bottom - top <= FEW_ROWS || steps < depth) && packedBytes(depth, right - left) > FEW_PANELS;
        int block = even(bottom - top, rowsStay ? FEW_ROWS : Math.max(1, BLOCK / (4 * steps * Tiles.ROWS)) * Tiles.ROWS, Tiles.ROWS);
        int group = Math.max(1, (rowsStay ? GROUP_OF_FEW_ROWS : GROUP) / (steps * Tiles.PANEL)) * Tiles.WIDTH;
        int width = even(right - left, group, Tiles.WIDTH);
        for (int i = top; i < bottom; i += block) {
            int end = Math.min(bottom, i + block);
            for (int k = 0; k < depth; k += steps) {
                long rows = a + 4 * ((long) i * depth + k);
                long copies = rowsStay ? scratch + Tiles.SCRATCH : 0;
                if (rowsStay) {
                    Tiles.copyRows(rows, 4L * depth, end - i, Math.min(steps, depth - k), copies);
                }
                for (int j = left; j < right; j += width) {
                    group(rows, copies, i, end, depth, k, Math.min(steps, depth - k), panels, j, Math.min(width, right - j), n, bias, y,
                            scratch, epilogue);
                }
            }
        }
    }

    /** The length of parts of {@code whole} that are as long as each other, at most {@code longest}, and multiples of {@code unit}. */
    private static int even(int whole, int longest, int unit) {
        int units = Math.ceilDiv(whole, unit);
        return Math.ceilDiv(units, Math.ceilDiv(units, longest / unit)) * unit;
    }

    /**
     * Adds the products of a block of rows over {@code steps} elements from k on to one group of columns.
     *
     * @param a      the first row, from k on
     * @param copies where copies of the rows begin; 0 if each is to be copied when it is used
     */
    private static void group(long a, long copies, int top, int bottom, int depth, int k, int steps, long panels, int left, int columns,
            int n, long bias, long y, long scratch, Epilogue epilogue) {
        long panelBytes = (long) depth * Tiles.PANEL;
        long b = panels + left / Tiles.WIDTH * panelBytes + (long) k * Tiles.PANEL;
        long init = k == 0 ? bias + 4L * left : 0;
        if (bottom - top > 2 * Tiles.ROWS) { // fewer rows hardly read a panel again
            Lanes.touch(b, Math.ceilDiv(columns, Tiles.WIDTH), panelBytes, (long) steps * Tiles.PANEL, scratch);
        }
        for (int i = top; i < bottom; i += Tiles.ROWS) {
            int rows = Math.min(Tiles.ROWS, bottom - i);
            long offset = 4 * ((long) i * n + left);
            if (copies == 0) {
                Tiles.multiply(a + 4L * (i - top) * depth, 4L * depth, rows, b, panelBytes, columns, steps, init, y + offset, 4L * n,
                        scratch);
            } else {
                Tiles.multiplyInPlace(copies + (long) (i - top) * Tiles.ROW, rows, b, panelBytes, columns, steps, init, y + offset,
                        4L * n, scratch);
            }
            if (k + steps == depth && epilogue != Epilogue.NONE) {
                for (int r = 0; r < rows; r++) {
                    epilogue.finish(offset + 4L * r * n, columns);
                }
            }
        }
    }

    /**
     * {@code y[m, n] = aᵀ·b + bias} with a [depth, m] in memory; meant for weight gradients, where depth is the number of rows
     * of a batch. Both operands are copied block by block into each worker's scratch.
     *
     * @param transposedB whether b lies in memory as [n, depth]
     * @param bias        {@code padded(n)} values
     */
    static void transposed(Workers workers, Workspace space, long a, int m, int depth, long b, boolean transposedB, int n,
            long bias, long y) {
        int rowTiles = (m + Tiles.ROWS - 1) / Tiles.ROWS;
        int columnTiles = Tiles.padded(n) / Tiles.WIDTH;
        if (m >= n) {
            workers.split(rowTiles, (long) Tiles.ROWS * n * depth / 8, (worker, from, to) -> strips(a, m, from * Tiles.ROWS,
                    Math.min(m, to * Tiles.ROWS), depth, b, transposedB, n, 0, n, bias, y, space.of(worker)));
        } else {
            workers.split(columnTiles, (long) Tiles.WIDTH * m * depth / 8, (worker, from, to) -> strips(a, m, 0, m, depth, b,
                    transposedB, n, from * Tiles.WIDTH, Math.min(n, to * Tiles.WIDTH), bias, y, space.of(worker)));
        }
    }

    private static void strips(long a, int m, int top, int bottom, int depth, long b, boolean transposedB, int n, int left,
            int right, long bias, long y, long scratch) {
        long packedA = scratch + Tiles.SCRATCH;
        long packedB = packedA + 4L * DEPTH_TRANSPOSED * BLOCK_TRANSPOSED;
        for (int i = top; i < bottom; i += BLOCK_TRANSPOSED) {
            int height = Math.min(BLOCK_TRANSPOSED, bottom - i);
            for (int k = 0; k < depth; k += DEPTH_TRANSPOSED) {
                int steps = Math.min(DEPTH_TRANSPOSED, depth - k);
                long leftBytes = (long) steps * Tiles.LEFT_PANEL;
                for (int r = 0; r < height; r += Tiles.LEFT) {
                    Packing.leftPanel(a + 4 * ((long) k * m + i + r), 4L * m, steps, Math.min(Tiles.LEFT, height - r),
                            packedA + r / Tiles.LEFT * leftBytes);
                }
                for (int j = left; j < right; j += STRIP) {
                    int width = Math.min(STRIP, right - j);
                    packStrip(b, transposedB, n, depth, k, steps, j, width, packedB);
                    Tiles.multiplyTransposed(packedA, leftBytes, height, packedB, (long) steps * Tiles.PANEL, width, steps,
                            k == 0 ? bias + 4L * j : 0, y + 4 * ((long) i * n + j), 4L * n, scratch);
                }
            }
        }
    }

    private static void packStrip(long b, boolean transposedB, int n, int depth, int k, int steps, int left, int width,
            long panels) {
        for (int j = 0; j < width; j += Tiles.WIDTH) {
            int columns = Math.min(Tiles.WIDTH, width - j);
            long to = panels + (long) j / Tiles.WIDTH * steps * Tiles.PANEL;
            if (transposedB) {
                Packing.transposedPanel(b + 4 * ((long) (left + j) * depth + k), 4L * depth, steps, columns, to);
            } else {
                Packing.panel(b + 4 * ((long) k * n + left + j), 4L * n, steps, columns, to);
            }
        }
    }
}
