package dev.itprompt.device.cpu;

import dev.itprompt.graph.Op.Activation;
import jdk.incubator.vector.FloatVector;

/** Activation functions over whole tensors, forward and backward. Each has a leaf of its own so that it is inlined whole. */
final class Activations {

    private static final int COST = 16;

    private Activations() {}

    static void forward(Activation kind, Workers workers, long x, long y, int size) {
        switch (kind) {
            case GELU -> Elementwise.pieces(workers, size, COST, (from, n) -> gelu(x + from, y + from, n));
            case QUICK_GELU -> Elementwise.pieces(workers, size, COST, (from, n) -> quickGelu(x + from, y + from, n));
        }
    }

    static void backward(Activation kind, Workers workers, long x, long dy, long dx, int size) {
        switch (kind) {
            case GELU -> Elementwise.pieces(workers, size, COST,
                    (from, n) -> geluGradient(x + from, dy + from, dx + from, n));
            case QUICK_GELU -> Elementwise.pieces(workers, size, COST,
                    (from, n) -> quickGeluGradient(x + from, dy + from, dx + from, n));
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
            FloatVector slope = Functions.geluSlope(Lanes.load(x + 4L * i));
            Lanes.store(slope.mul(Lanes.load(dy + 4L * i)), dx + 4L * i);
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
            FloatVector slope = Functions.quickGeluSlope(Lanes.load(x + 4L * i));
            Lanes.store(slope.mul(Lanes.load(dy + 4L * i)), dx + 4L * i);
        }
        if (i < count) {
            FloatVector slope = Functions.quickGeluSlope(Lanes.load(x + 4L * i, count - i));
            Lanes.store(slope.mul(Lanes.load(dy + 4L * i, count - i)), dx + 4L * i, count - i);
        }
    }
}
