package dev.itprompt.device.cpu;

import dev.itprompt.graph.Op.Activation;
import jdk.incubator.vector.FloatVector;

/**
 * Activation functions over whole tensors, forward and backward. GELU takes two leaves because the compiler stops
 * inlining vector operations in larger methods; what passes between the two is {@code e^(-x²/2)}.
 */
final class Activations {

    private static final int COST = 16;
    /** Elements that pass from one leaf to the next in the first-level cache. */
    private static final int STRETCH = 2048;
    /** Bytes of scratch per worker: what passes. */
    static final int SCRATCH = 4 * STRETCH;

    private Activations() {}

    static void forward(Activation kind, Workers workers, Workspace space, long x, long y, int size) {
        split(workers, size, (worker, from, n) -> forward(kind, x + from, y + from, n, space.of(worker)));
    }

    /** dx and dy may be the same. */
    static void backward(Activation kind, Workers workers, Workspace space, long x, long dy, long dx, int size) {
        split(workers, size, (worker, from, n) -> backward(kind, x + from, dy + from, dx + from, n, space.of(worker)));
    }

    /** A stretch of elements; {@code from} is a byte offset. */
    private interface Body {
        void run(int worker, long from, int count);
    }

    private static void split(Workers workers, int size, Body body) {
        workers.split((size + STRETCH - 1) / STRETCH, (long) COST * STRETCH, (worker, from, to) ->
                body.run(worker, 4L * from * STRETCH, Math.min(size, to * STRETCH) - from * STRETCH));
    }

    /** {@link #forward} by the calling thread; x and y may be the same. */
    static void forward(Activation kind, long x, long y, int size, long scratch) {
        for (int i = 0; i < size; i += STRETCH) {
            int n = Math.min(STRETCH, size - i);
            switch (kind) {
                case GELU -> {
                    bell(x + 4L * i, scratch, n);
                    gelu(x + 4L * i, scratch, y + 4L * i, n);
                }
                case QUICK_GELU -> quickGelu(x + 4L * i, y + 4L * i, n);
            }
        }
    }

    /** {@link #backward} by the calling thread; dx and dy may be the same. */
    static void backward(Activation kind, long x, long dy, long dx, int size, long scratch) {
        for (int i = 0; i < size; i += STRETCH) {
            int n = Math.min(STRETCH, size - i);
            switch (kind) {
                case GELU -> {
                    bell(x + 4L * i, scratch, n);
                    geluGradient(x + 4L * i, scratch, dy + 4L * i, dx + 4L * i, n);
                }
                case QUICK_GELU -> quickGeluGradient(x + 4L * i, dy + 4L * i, dx + 4L * i, n);
            }
        }
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
