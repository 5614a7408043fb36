package dev.itprompt.device.cpu;

/**
 * Matrix products of any orientation over whole tensors: packing, blocking for the cache, and the split over workers. An
 * element is always summed in the same order: over blocks along k, ascending.
 */
final class Gemm {

    /** Longest extent of a block along k: one panel of b then fits the second-level cache. */
    static final int DEPTH = 1024;
    /** Extent along k when a is read transposed and both operands are packed block by block. */
    private static final int DEPTH_TRANSPOSED = 256;
    /** Rows handled before the next panel of b: enough to make up for fetching it, few enough for the third-level cache. */
    private static final int BLOCK = 160 * Tiles.ROWS;
    /** Rows of a result whose left operand is transposed that are handled before the next panel of b. */
    private static final int BLOCK_TRANSPOSED = 8 * Tiles.LEFT;
    /** Columns packed together when a is transposed: panels that stay in the second-level cache with the block of a. */
    private static final int STRIP = 4 * Tiles.WIDTH;

    /** Work on finished rows of a result while they are in the cache. */
    @FunctionalInterface
    interface Epilogue {

        Epilogue NONE = (_, _, _) -> { };

        /**
         * Rows {@code first} to {@code first + count} are done.
         *
         * @param scratch {@link Activations#SCRATCH} bytes to use
         */
        void rows(int first, int count, long scratch);
    }

    /** Bytes of scratch per worker for {@link #packed}. */
    static long packedScratch() {
        return Tiles.SCRATCH + Activations.SCRATCH;
    }

    private Gemm() {}

    /** Bytes of b [depth, n] packed into panels. */
    static long packedBytes(int depth, int n) {
        return 4L * depth * Tiles.padded(n);
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
     * @param epilogue told of finished rows of y
     */
    static void packed(Workers workers, Workspace space, long a, int m, int depth, long panels, int n, long bias, long y,
            Epilogue epilogue) {
        int rowTiles = (m + Tiles.ROWS - 1) / Tiles.ROWS;
        int columnTiles = Tiles.padded(n) / Tiles.WIDTH;
        if (rowTiles >= columnTiles || rowTiles >= 8 * workers.threads()) {
            long cost = (long) Tiles.ROWS * n * depth / 8;
            workers.split(rowTiles, cost, (worker, from, to) -> rows(a, from * Tiles.ROWS, Math.min(m, to * Tiles.ROWS), depth,
                    panels, 0, n, n, bias, y, space.of(worker), epilogue));
        } else {
            long cost = (long) Tiles.WIDTH * m * depth / 8;
            workers.split(columnTiles, cost, (worker, from, to) -> rows(a, 0, m, depth, panels, from * Tiles.WIDTH,
                    Math.min(n, to * Tiles.WIDTH), n, bias, y, space.of(worker), Epilogue.NONE));
            epilogue.rows(0, m, space.of(0) + Tiles.SCRATCH);
        }
    }

    private static void rows(long a, int top, int bottom, int depth, long panels, int left, int right, int n, long bias, long y,
            long scratch, Epilogue epilogue) {
        long panelBytes = (long) depth * Tiles.PANEL;
        long first = panels + left / Tiles.WIDTH * panelBytes;
        int blocks = Math.ceilDiv(depth, DEPTH);
        int steps = Math.ceilDiv(depth, blocks);
        for (int i = top; i < bottom; i += BLOCK) {
            int height = Math.min(BLOCK, bottom - i);
            long c = y + 4 * ((long) i * n + left);
            for (int k = 0; k < depth; k += steps) {
                long init = k == 0 ? bias + 4L * left : 0;
                Tiles.multiply(a + 4 * ((long) i * depth + k), 4L * depth, height, first + (long) k * Tiles.PANEL, panelBytes,
                        right - left, Math.min(steps, depth - k), init, c, 4L * n, scratch);
            }
            epilogue.rows(i, height, scratch + Tiles.SCRATCH);
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
