package dev.itprompt.device.cpu;

import dev.itprompt.graph.Op.Activation;
import jdk.incubator.vector.FloatVector;

/**
 * Activation functions over whole tensors, forward and backward. GELU takes two leaves because the compiler stops
 * inlining vector operations in larger methods; what passes between the two, {@code e^(-x²/2)}, lies where the result will.
 */
final class Activations {

    private static final int COST = 16;
    /** Elements that pass from one leaf to the next in the first-level cache. */
    private static final int STRETCH = 2048;

    private Activations() {}

    static void forward(Activation kind, Workers workers, long x, long y, int size) {
        switch (kind) {
            case GELU -> stretches(workers, size, (from, n) -> {
                bell(x + from, y + from, n);
                gelu(x + from, y + from, y + from, n);
            });
            case QUICK_GELU -> stretches(workers, size, (from, n) -> quickGelu(x + from, y + from, n));
        }
    }

    /** dx must not overlap dy. */
    static void backward(Activation kind, Workers workers, long x, long dy, long dx, int size) {
        switch (kind) {
            case GELU -> stretches(workers, size, (from, n) -> {
                bell(x + from, dx + from, n);
                geluGradient(x + from, dx + from, dy + from, dx + from, n);
            });
            case QUICK_GELU -> stretches(workers, size, (from, n) -> quickGeluGradient(x + from, dy + from, dx + from, n));
        }
    }

    /**
     * One register tile of {@link #forward}; x and y may be the same.
     *
     * @param row     bytes from one row to the next of both
     * @param scratch room for a row
     */
    static void tile(Activation kind, long x, long y, long row, int rows, int columns, long scratch) {
        for (int r = 0; r < rows; r++) {
            switch (kind) {
                case GELU -> {
                    bell(x + r * row, scratch, columns);
                    gelu(x + r * row, scratch, y + r * row, columns);
                }
                case QUICK_GELU -> quickGelu(x + r * row, y + r * row, columns);
            }
        }
    }

    /** One register tile of {@link #backward}, in place of dy; otherwise as {@link #tile}. */
    static void gradientTile(Activation kind, long x, long dy, long row, int rows, int columns, long scratch) {
        for (int r = 0; r < rows; r++) {
            switch (kind) {
                case GELU -> {
                    bell(x + r * row, scratch, columns);
                    geluGradient(x + r * row, scratch, dy + r * row, dy + r * row, columns);
                }
                case QUICK_GELU -> quickGeluGradient(x + r * row, dy + r * row, dy + r * row, columns);
            }
        }
    }

    private static void stretches(Workers workers, int size, Elementwise.Piece body) {
        Elementwise.pieces(workers, size, COST, (from, count) -> {
            for (int i = 0; i < count; i += STRETCH) {
                body.run(from + 4L * i, Math.min(STRETCH, count - i));
            }
        });
    }

    private static void bell(long x, long y, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Functions.bell(Lanes.load(x + 4L * i)), y + 4L * i);
        }
        if (i < count) {
            Lanes.store(Functions.bell(Lanes.load(x + 4L * i, count - i)), y + 4L * i, count - i);
        }
    }

    private static void gelu(long x, long bell, long y, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Functions.gelu(Lanes.load(x + 4L * i), Lanes.load(bell + 4L * i)), y + 4L * i);
        }
        if (i < count) {
            int n = count - i;
            Lanes.store(Functions.gelu(Lanes.load(x + 4L * i, n), Lanes.load(bell + 4L * i, n)), y + 4L * i, n);
        }
    }

    private static void geluGradient(long x, long bell, long dy, long dx, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            FloatVector slope = Functions.geluSlope(Lanes.load(x + 4L * i), Lanes.load(bell + 4L * i));
            Lanes.store(slope.mul(Lanes.load(dy + 4L * i)), dx + 4L * i);
        }
        if (i < count) {
            int n = count - i;
            FloatVector slope = Functions.geluSlope(Lanes.load(x + 4L * i, n), Lanes.load(bell + 4L * i, n));
            Lanes.store(slope.mul(Lanes.load(dy + 4L * i, n)), dx + 4L * i, n);
        }
    }

    private static void quickGelu(long x, long y, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Functions.quickGelu(Lanes.load(x + 4L * i)), y + 4L * i);
        }
        if (i < count) {
            Lanes.store(Functions.quickGelu(Lanes.load(x + 4L * i, count - i)), y + 4L * i, count - i);
        }
    }

    private static void quickGeluGradient(long x, long dy, long dx, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Functions.quickGeluSlope(Lanes.load(x + 4L * i)).mul(Lanes.load(dy + 4L * i)), dx + 4L * i);
        }
        if (i < count) {
            FloatVector slope = Functions.quickGeluSlope(Lanes.load(x + 4L * i, count - i));
            Lanes.store(slope.mul(Lanes.load(dy + 4L * i, count - i)), dx + 4L * i, count - i);
        }
    }
}
