package dev.itprompt.device.cpu;

import dev.itprompt.graph.Op.Activation;
import jdk.incubator.vector.FloatVector;

/** Activation functions over whole tensors, forward and backward. */
final class Activations {

    private static final int COST = 16;

    private Activations() {}

    static void forward(Activation kind, Workers workers, long x, long y, int size) {
        Elementwise.pieces(workers, size, COST, (from, n) -> forward(kind, x + from, y + from, n));
    }

    /** dx and dy may be the same. */
    static void backward(Activation kind, Workers workers, long x, long dy, long dx, int size) {
        Elementwise.pieces(workers, size, COST, (from, n) -> backward(kind, x + from, dy + from, dx + from, n));
    }

    /** {@link #forward} by the calling thread; x and y may be the same. */
    static void forward(Activation kind, long x, long y, int size) {
        switch (kind) {
            case GELU -> gelu(x, y, size);
            case QUICK_GELU -> quickGelu(x, y, size);
        }
    }

    /** {@link #backward} by the calling thread; dx and dy may be the same. */
    static void backward(Activation kind, long x, long dy, long dx, int size) {
        switch (kind) {
            case GELU -> geluGradient(x, dy, dx, size);
            case QUICK_GELU -> quickGeluGradient(x, dy, dx, size);
        }
    }

    private static void gelu(long x, long y, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Functions.gelu(Lanes.load(x + 4L * i)), y + 4L * i);
        }
        if (i < count) {
            Lanes.store(Functions.gelu(Lanes.load(x + 4L * i, count - i)), y + 4L * i, count - i);
        }
    }

    private static void geluGradient(long x, long dy, long dx, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Functions.geluSlope(Lanes.load(x + 4L * i)).mul(Lanes.load(dy + 4L * i)), dx + 4L * i);
        }
        if (i < count) {
            FloatVector slope = Functions.geluSlope(Lanes.load(x + 4L * i, count - i));
            Lanes.store(slope.mul(Lanes.load(dy + 4L * i, count - i)), dx + 4L * i, count - i);
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
