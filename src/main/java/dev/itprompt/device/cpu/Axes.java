package dev.itprompt.device.cpu;

/**
 * Sums, repetitions and copies along an axis. A tensor is seen as [outer, n, inside]: {@code inside} elements lie next to each
 * other for each of the n entries of the axis, and all that {@code outer} times.
 */
final class Axes {

    /** Rows summed at a time by one worker; fixed, so that sums do not depend on the number of threads. */
    private static final int CHUNK = 128;
    /** Stretches of fewer elements are copied vector by vector. */
    private static final int SHORT = 1024;

    private Axes() {}

    /** Bytes of shared workspace for {@link #sum}. */
    static long sumBytes(int outer, int n, int inside) {
        if (outer > 1) {
            return 0;
        }
        return inside == 1 ? Reductions.bytes(n, Elementwise.PIECE) : 4L * chunks(n, chunkRows(n)) * inside;
    }

    /** x [outer, n, inside] summed to y [outer, inside]. */
    static void sum(Workers workers, Workspace space, long x, int outer, int n, int inside, long y) {
        if (outer == 1 && inside == 1) {
            Lanes.set(y, (float) Reductions.sum(workers, space, x, n, Elementwise.PIECE, false));
        } else if (outer == 1) {
            sumRows(workers, space, x, n, inside, y);
        } else if (inside == 1) {
            workers.split(outer, n, (_, from, to) -> {
                for (int o = from; o < to; o++) {
                    Lanes.set(y + 4L * o, (float) Reductions.sum(x + 4L * o * n, n, false));
                }
            });
        } else {
            workers.split(outer, (long) n * inside, (_, from, to) -> {
                for (int o = from; o < to; o++) {
                    sumRows(x + 4L * o * n * inside, n, inside, y + 4L * o * inside);
                }
            });
        }
    }

    /** Sums rows, chunk by chunk. */
    private static void sumRows(Workers workers, Workspace space, long x, int rows, int width, long y) {
        int chunk = chunkRows(rows);
        int chunks = chunks(rows, chunk);
        long partial = chunks == 1 ? y : space.shared();
        workers.split(chunks, (long) chunk * width, (_, from, to) -> {
            for (int c = from; c < to; c++) {
                int first = c * chunk;
                sumRows(x + 4L * first * width, Math.min(rows - first, chunk), width, partial + 4L * c * width);
            }
        });
        if (chunks > 1) {
            sumRows(partial, chunks, width, y);
        }
    }

    /** Sums rows, in order. */
    static void sumRows(long x, int rows, int width, long y) {
        Lanes.copyRow(x, y, width);
        for (int r = 1; r < rows; r++) {
            Elementwise.addTo(x + 4L * r * width, y, width);
        }
    }

    /** Rows per chunk of a sum over rows: a function of the number of rows alone. */
    static int chunkRows(int rows) {
        return Math.max(CHUNK, (rows + 63) / 64);
    }

    static int chunks(int rows, int chunkRows) {
        return (rows + chunkRows - 1) / chunkRows;
    }

    /** x [outer, inside] repeated to y [outer, count, inside]. */
    static void repeat(Workers workers, long x, int outer, int count, int inside, long y) {
        if (outer == 1 && inside == 1) {
            Elementwise.pieces(workers, count, 1, (from, elements) -> Lanes.fill(y + from, elements, Lanes.get(x)));
        } else if (inside == 1) {
            workers.split(outer, count, (_, from, to) -> {
                for (int o = from; o < to; o++) {
                    Lanes.fill(y + 4L * o * count, count, Lanes.get(x + 4L * o));
                }
            });
        } else {
            workers.split(outer * count, inside, (_, from, to) -> {
                for (int r = from; r < to; r++) {
                    Lanes.copyRow(x + 4L * (r / count) * inside, y + 4L * r * inside, inside);
                }
            });
        }
    }

    /**
     * Copies stretches of elements.
     *
     * @param xApart elements of x from one stretch to the next
     * @param yApart elements of y likewise
     */
    static void copy(Workers workers, int stretches, int count, long x, int xApart, long y, int yApart) {
        if (stretches == 1) {
            Elementwise.pieces(workers, count, 1, (from, elements) -> Lanes.copy(x + from, y + from, elements));
        } else {
            workers.split(stretches, count, (_, from, to) -> {
                for (int s = from; s < to; s++) {
                    copy(x + 4L * s * xApart, y + 4L * s * yApart, count);
                }
            });
        }
    }

    private static void copy(long x, long y, int count) {
        if (count < SHORT) {
            Lanes.copyRow(x, y, count);
        } else {
            Lanes.copy(x, y, count);
        }
    }

    /** Each stretch of {@code count} elements of x at element {@code at} of {@code extent} of y, zeros elsewhere. */
    static void pad(Workers workers, int stretches, int count, long x, int at, long y, int extent) {
        workers.split(stretches, extent, (_, from, to) -> {
            for (int s = from; s < to; s++) {
                long target = y + 4L * s * extent;
                Lanes.clear(target, at);
                copy(x + 4L * s * count, target + 4L * at, count);
                Lanes.clear(target + 4L * (at + count), extent - at - count);
            }
        });
    }
}
