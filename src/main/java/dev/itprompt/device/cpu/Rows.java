package dev.itprompt.device.cpu;

import jdk.incubator.vector.FloatVector;

/** Softmax and length normalization of rows, their gradients, and the places of the largest elements. */
final class Rows {

    private static final float SHORTEST = 1e-12f;

    private Rows() {}

    static void softmax(Workers workers, long x, long y, int rows, int width) {
        workers.split(rows, 12L * width, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                long offset = 4L * r * width;
                float sum = exponentials(x + offset, Reductions.max(x + offset, width), 1, y + offset, width);
                scaleRow(y + offset, 1 / sum, y + offset, width);
            }
        });
    }

    static void softmaxGradient(Workers workers, long y, long dy, long dx, int rows, int width) {
        workers.split(rows, 4L * width, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                long offset = 4L * r * width;
                softmaxGradientRow(y + offset, dy + offset, 1, dx + offset, width);
            }
        });
    }

    /** {@code dx = scale·y·(dy - Σ y·dy)}. */
    static void softmaxGradientRow(long y, long dy, float scale, long dx, int width) {
        FloatVector mean = Lanes.broadcast(Reductions.dot(y, dy, width));
        FloatVector s = Lanes.broadcast(scale);
        int i = 0;
        for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Lanes.load(dy + 4L * i).sub(mean).mul(Lanes.load(y + 4L * i)).mul(s), dx + 4L * i);
        }
        if (i < width) {
            int n = width - i;
            Lanes.store(Lanes.load(dy + 4L * i, n).sub(mean).mul(Lanes.load(y + 4L * i, n)).mul(s), dx + 4L * i, n);
        }
    }

    /** {@code y = e^(scale·(x - max))}; returns the sum. */
    static float exponentials(long x, float max, float scale, long y, int width) {
        FloatVector m = Lanes.broadcast(max);
        FloatVector s = Lanes.broadcast(scale);
        FloatVector sum = Lanes.zero();
        int i = 0;
        for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
            FloatVector e = Functions.exp(Lanes.load(x + 4L * i).sub(m).mul(s));
            sum = sum.add(e);
            Lanes.store(e, y + 4L * i);
        }
        if (i < width) {
            int n = width - i;
            FloatVector e = Functions.exp(Lanes.load(x + 4L * i, n).sub(m).mul(s));
            sum = sum.add(Lanes.zero().blend(e, Lanes.first(n)));
            Lanes.store(e, y + 4L * i, n);
        }
        return Lanes.sum(sum);
    }

    /** The sum of {@code e^(x - max)}. */
    static float sumOfExponentials(long x, float max, int width) {
        FloatVector m = Lanes.broadcast(max);
        FloatVector sum = Lanes.zero();
        int i = 0;
        for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
            sum = sum.add(Functions.exp(Lanes.load(x + 4L * i).sub(m)));
        }
        if (i < width) {
            FloatVector e = Functions.exp(Lanes.load(x + 4L * i, width - i).sub(m));
            sum = sum.add(Lanes.zero().blend(e, Lanes.first(width - i)));
        }
        return Lanes.sum(sum);
    }

    static void scaleRow(long x, float factor, long y, int width) {
        FloatVector f = Lanes.broadcast(factor);
        int i = 0;
        for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Lanes.load(x + 4L * i).mul(f), y + 4L * i);
        }
        if (i < width) {
            Lanes.store(Lanes.load(x + 4L * i, width - i).mul(f), y + 4L * i, width - i);
        }
    }

    /** Places of the {@code count} largest elements of each row, each moved up past those it is greater than. */
    static void topK(Workers workers, long x, long y, int rows, int width, int count) {
        workers.split(rows, (long) width * count, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                topK(x + 4L * r * width, y + 4L * r * count, width, count);
            }
        });
    }

    private static void topK(long x, long y, int width, int count) {
        for (int i = 0; i < width; i++) {
            int at = Math.min(i, count);
            float value = number(Lanes.get(x + 4L * i));
            while (at > 0 && value > number(Lanes.get(x + 4L * (int) Lanes.get(y + 4L * (at - 1))))) {
                at--;
                if (at + 1 < count) {
                    Lanes.set(y + 4L * (at + 1), Lanes.get(y + 4L * at));
                }
            }
            if (at < count) {
                Lanes.set(y + 4L * at, i);
            }
        }
    }

    /** What is not a number counts as -infinity. */
    private static float number(float x) {
        return Float.isNaN(x) ? Float.NEGATIVE_INFINITY : x;
    }

    static void normalize(Workers workers, long x, long y, int rows, int width) {
        workers.split(rows, 2L * width, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                long offset = 4L * r * width;
                scaleRow(x + offset, 1 / length(x + offset, width), y + offset, width);
            }
        });
    }

    static void normalizeGradient(Workers workers, long x, long dy, long dx, int rows, int width) {
        workers.split(rows, 4L * width, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                long offset = 4L * r * width;
                float length = length(x + offset, width);
                float along = length > SHORTEST ? Reductions.dot(x + offset, dy + offset, width) / length / length : 0;
                normalizeGradientRow(x + offset, dy + offset, along, 1 / length, dx + offset, width);
            }
        });
    }

    private static float length(long x, int width) {
        return Math.max(SHORTEST, (float) Math.sqrt(Reductions.dot(x, x, width)));
    }

    /** {@code dx = factor·(dy - along·x)}. */
    private static void normalizeGradientRow(long x, long dy, float along, float factor, long dx, int width) {
        FloatVector a = Lanes.broadcast(-along);
        FloatVector f = Lanes.broadcast(factor);
        int i = 0;
        for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Lanes.fma(Lanes.load(x + 4L * i), a, Lanes.load(dy + 4L * i)).mul(f), dx + 4L * i);
        }
        if (i < width) {
            int n = width - i;
            Lanes.store(Lanes.fma(Lanes.load(x + 4L * i, n), a, Lanes.load(dy + 4L * i, n)).mul(f), dx + 4L * i, n);
        }
    }
}
