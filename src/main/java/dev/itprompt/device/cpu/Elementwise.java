package dev.itprompt.device.cpu;

import jdk.incubator.vector.FloatVector;

/** Arithmetic element by element, with a second operand repeated over leading extents. */
final class Elementwise {

    /** Elements handled between two calls of a leaf. */
    static final int PIECE = 1 << 14;

    private Elementwise() {}

    private enum Kind { ADD, MULTIPLY, DIVIDE }

    static void add(Workers workers, long a, long b, int repeated, long y, int size) {
        if (repeated == 1) {
            affine(workers, a, 1, Lanes.get(b), y, size);
        } else {
            binary(Kind.ADD, workers, a, b, repeated, y, size);
        }
    }

    static void multiply(Workers workers, long a, long b, int repeated, long y, int size) {
        if (repeated == 1) {
            affine(workers, a, Lanes.get(b), 0, y, size);
        } else {
            binary(Kind.MULTIPLY, workers, a, b, repeated, y, size);
        }
    }

    static void divide(Workers workers, long a, long b, int repeated, long y, int size) {
        if (repeated == 1) {
            pieces(workers, size, 1, (from, count) -> divideRow(a + from, Lanes.get(b), y + from, count));
        } else {
            binary(Kind.DIVIDE, workers, a, b, repeated, y, size);
        }
    }

    /** {@code repeated} is the number of elements of b; it divides {@code size}. */
    private static void binary(Kind kind, Workers workers, long a, long b, int repeated, long y, int size) {
        if (repeated == size) {
            pieces(workers, size, 1, (from, count) -> leaf(kind, a + from, b + from, y + from, count));
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
        switch (kind) {
            case ADD -> addRow(a, b, y, count);
            case MULTIPLY -> multiplyRow(a, b, y, count);
            case DIVIDE -> divideRow(a, b, y, count);
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

    private static void divideRow(long a, long b, long y, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Lanes.load(a + 4L * i).div(Lanes.load(b + 4L * i)), y + 4L * i);
        }
        if (i < count) {
            int rest = count - i;
            Lanes.store(Lanes.load(a + 4L * i, rest).div(Lanes.load(b + 4L * i, rest)), y + 4L * i, rest);
        }
    }

    private static void divideRow(long a, float b, long y, int count) {
        FloatVector divisor = Lanes.broadcast(b);
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Lanes.load(a + 4L * i).div(divisor), y + 4L * i);
        }
        if (i < count) {
            Lanes.store(Lanes.load(a + 4L * i, count - i).div(divisor), y + 4L * i, count - i);
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

    static void log(Workers workers, long x, long y, int size) {
        pieces(workers, size, 8, (from, count) -> logRow(x + from, y + from, count));
    }

    private static void logRow(long x, long y, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Functions.log(Lanes.load(x + 4L * i)), y + 4L * i);
        }
        if (i < count) {
            Lanes.store(Functions.log(Lanes.load(x + 4L * i, count - i)), y + 4L * i, count - i);
        }
    }

    static void sqrt(Workers workers, long x, long y, int size) {
        pieces(workers, size, 2, (from, count) -> sqrtRow(x + from, y + from, count));
    }

    private static void sqrtRow(long x, long y, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Lanes.load(x + 4L * i).sqrt(), y + 4L * i);
        }
        if (i < count) {
            Lanes.store(Lanes.load(x + 4L * i, count - i).sqrt(), y + 4L * i, count - i);
        }
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
