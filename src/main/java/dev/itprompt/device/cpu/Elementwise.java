package dev.itprompt.device.cpu;

import jdk.incubator.vector.FloatVector;

/** Arithmetic element by element, with a second operand repeated over leading extents, and sums over these. */
final class Elementwise {

    /** Elements handled between two calls of a leaf. */
    private static final int PIECE = 1 << 14;
    /** Rows summed at a time by one worker; fixed, so that sums do not depend on the number of threads. */
    private static final int CHUNK = 128;

    private Elementwise() {}

    private enum Kind { ADD, MULTIPLY }

    static void add(Workers workers, long a, long b, int repeated, long y, int size) {
        binary(Kind.ADD, workers, a, b, repeated, y, size);
    }

    static void multiply(Workers workers, long a, long b, int repeated, long y, int size) {
        binary(Kind.MULTIPLY, workers, a, b, repeated, y, size);
    }

    /** {@code repeated} is the number of elements of b; it divides {@code size}. */
    private static void binary(Kind kind, Workers workers, long a, long b, int repeated, long y, int size) {
        if (repeated == size) {
            pieces(workers, size, 1, (from, count) -> leaf(kind, a + from, b + from, y + from, count));
        } else if (repeated == 1) {
            float value = Lanes.get(b);
            float scale = kind == Kind.ADD ? 1 : value;
            float shift = kind == Kind.ADD ? value : 0;
            affine(workers, a, scale, shift, y, size);
        } else {
            workers.split(size / repeated, repeated, (_, from, to) -> {
                for (int r = from; r < to; r++) {
                    long offset = 4L * r * repeated;
                    leaf(kind, a + offset, b, y + offset, repeated);
                }
            });
        }
    }

    private static void leaf(Kind kind, long a, long b, long y, int count) {
        if (kind == Kind.ADD) {
            addRow(a, b, y, count);
        } else {
            multiplyRow(a, b, y, count);
        }
    }

    private static void addRow(long a, long b, long y, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Lanes.load(a + 4L * i).add(Lanes.load(b + 4L * i)), y + 4L * i);
        }
        if (i < count) {
            int rest = count - i;
            Lanes.store(Lanes.load(a + 4L * i, rest).add(Lanes.load(b + 4L * i, rest)), y + 4L * i, rest);
        }
    }

    private static void multiplyRow(long a, long b, long y, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Lanes.load(a + 4L * i).mul(Lanes.load(b + 4L * i)), y + 4L * i);
        }
        if (i < count) {
            int rest = count - i;
            Lanes.store(Lanes.load(a + 4L * i, rest).mul(Lanes.load(b + 4L * i, rest)), y + 4L * i, rest);
        }
    }

    /** {@code y += x}. */
    static void addTo(long x, long y, int count) {
        addRow(y, x, y, count);
    }

    static void affine(Workers workers, long x, float scale, float shift, long y, int size) {
        pieces(workers, size, 1, (from, count) -> affineRow(x + from, scale, shift, y + from, count));
    }

    private static void affineRow(long x, float scale, float shift, long y, int count) {
        FloatVector s = Lanes.broadcast(scale);
        FloatVector t = Lanes.broadcast(shift);
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Lanes.fma(Lanes.load(x + 4L * i), s, t), y + 4L * i);
        }
        if (i < count) {
            int rest = count - i;
            Lanes.store(Lanes.fma(Lanes.load(x + 4L * i, rest), s, t), y + 4L * i, rest);
        }
    }

    static void exp(Workers workers, long x, long y, int size) {
        pieces(workers, size, 8, (from, count) -> expRow(x + from, y + from, count));
    }

    private static void expRow(long x, long y, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Functions.exp(Lanes.load(x + 4L * i)), y + 4L * i);
        }
        if (i < count) {
            Lanes.store(Functions.exp(Lanes.load(x + 4L * i, count - i)), y + 4L * i, count - i);
        }
    }

    /** Repeats the {@code period} elements of x over {@code size} elements. */
    static void broadcast(Workers workers, long x, int period, long y, int size) {
        if (period == 1) {
            pieces(workers, size, 1, (from, count) -> Lanes.fill(y + from, count, Lanes.get(x)));
        } else {
            workers.split(size / period, period, (_, from, to) -> {
                for (int r = from; r < to; r++) {
                    Lanes.copyRow(x, y + 4L * r * period, period);
                }
            });
        }
    }

    /** Bytes of shared workspace for {@link #sum}. */
    static long sumBytes(int size, int period) {
        int rows = size / period;
        return period == 1 ? 8L * chunks(size, PIECE) : 4L * chunks(rows, chunkRows(rows)) * period;
    }

    /** Sums rows of {@code period} elements into one, chunk by chunk. */
    static void sum(Workers workers, Workspace space, long x, int period, long y, int size) {
        if (period == 1) {
            Lanes.set(y, (float) Reductions.sum(workers, space, x, size, PIECE, false));
            return;
        }
        int rows = size / period;
        int chunk = chunkRows(rows);
        int chunks = chunks(rows, chunk);
        long partial = chunks == 1 ? y : space.shared();
        workers.split(chunks, (long) chunk * period, (_, from, to) -> {
            for (int c = from; c < to; c++) {
                long target = partial + 4L * c * period;
                int last = Math.min(rows, (c + 1) * chunk);
                Lanes.copyRow(x + 4L * c * chunk * period, target, period);
                for (int r = c * chunk + 1; r < last; r++) {
                    addTo(x + 4L * r * period, target, period);
                }
            }
        });
        if (chunks > 1) {
            sumChunks(partial, chunks, period, y);
        }
    }

    /** Adds {@code chunks} partial rows, in order. */
    static void sumChunks(long partial, int chunks, int period, long y) {
        Lanes.copyRow(partial, y, period);
        for (int c = 1; c < chunks; c++) {
            addTo(partial + 4L * c * period, y, period);
        }
    }

    /** Rows per chunk of a sum over rows: a function of the number of rows alone. */
    static int chunkRows(int rows) {
        return Math.max(CHUNK, (rows + 63) / 64);
    }

    static int chunks(int rows, int chunkRows) {
        return (rows + chunkRows - 1) / chunkRows;
    }

    /** A stretch of elements; {@code from} is a byte offset. */
    @FunctionalInterface
    interface Piece {
        void run(long from, int count);
    }

    /** Splits {@code size} elements into pieces that every number of threads cuts at whole vectors. */
    static void pieces(Workers workers, int size, int cost, Piece body) {
        int blocks = (size + 1023) / 1024;
        workers.split(blocks, 1024L * cost, (_, from, to) -> {
            for (int b = from; b < to; b += PIECE / 1024) {
                long first = 1024L * b;
                long end = Math.min(size, 1024L * Math.min(to, b + PIECE / 1024));
                body.run(4 * first, (int) (end - first));
            }
        });
    }
}
