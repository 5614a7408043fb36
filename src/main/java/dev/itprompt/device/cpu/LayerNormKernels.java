package dev.itprompt.device.cpu;

import jdk.incubator.vector.FloatVector;

/** Layer normalization and its gradients, row by row; statistics are computed again in the backward pass. */
final class LayerNormKernels {

    private LayerNormKernels() {}

    static void forward(Workers workers, long x, long gain, long bias, float epsilon, long y, int rows, int width) {
        workers.split(rows, 4L * width, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                long offset = 4L * r * width;
                float mean = mean(x + offset, width);
                row(x + offset, gain, bias, mean, deviation(x + offset, mean, epsilon, width), y + offset, width);
            }
        });
    }

    /** @param added what is added to the gradient; 0 for nothing */
    static void backward(Workers workers, long x, long gain, long dy, float epsilon, long added, long dx, int rows, int width) {
        workers.split(rows, 8L * width, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                long offset = 4L * r * width;
                float mean = mean(x + offset, width);
                long plus = added == 0 ? 0 : added + offset;
                gradientRow(x + offset, gain, dy + offset, mean, epsilon, plus, dx + offset, width);
            }
        });
    }

    /** Bytes of shared workspace for {@link #gain}. */
    static long gainBytes(int rows, int width) {
        return 4L * width * Axes.chunks(rows, Axes.chunkRows(rows));
    }

    static void gain(Workers workers, Workspace space, long x, long dy, float epsilon, long dgain, int rows, int width) {
        int chunk = Axes.chunkRows(rows);
        int chunks = Axes.chunks(rows, chunk);
        long partial = space.shared();
        workers.split(chunks, 4L * chunk * width, (_, from, to) -> {
            for (int c = from; c < to; c++) {
                long target = partial + 4L * c * width;
                Lanes.clear(target, width);
                for (int r = c * chunk; r < Math.min(rows, (c + 1) * chunk); r++) {
                    long offset = 4L * r * width;
                    float mean = mean(x + offset, width);
                    gainRow(x + offset, dy + offset, mean, deviation(x + offset, mean, epsilon, width), target, width);
                }
            }
        });
        Axes.sumRows(partial, chunks, width, dgain);
    }

    private static float mean(long x, int width) {
        return Reductions.sum(x, width) / width;
    }

    /** The reciprocal of the standard deviation. */
    private static float deviation(long x, float mean, float epsilon, int width) {
        FloatVector m = Lanes.broadcast(mean);
        FloatVector s0 = Lanes.zero();
        int i = 0;
        for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
            FloatVector d = Lanes.load(x + 4L * i).sub(m);
            s0 = Lanes.fma(d, d, s0);
        }
        float sum = Lanes.sum(s0);
        for (; i < width; i++) {
            float d = Lanes.get(x + 4L * i) - mean;
            sum += d * d;
        }
        return (float) (1 / Math.sqrt(sum / width + epsilon));
    }

    private static void row(long x, long gain, long bias, float mean, float scale, long y, int width) {
        FloatVector m = Lanes.broadcast(mean);
        FloatVector s = Lanes.broadcast(scale);
        int i = 0;
        for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
            FloatVector h = Lanes.load(x + 4L * i).sub(m).mul(s);
            Lanes.store(Lanes.fma(h, Lanes.load(gain + 4L * i), Lanes.load(bias + 4L * i)), y + 4L * i);
        }
        if (i < width) {
            int n = width - i;
            FloatVector h = Lanes.load(x + 4L * i, n).sub(m).mul(s);
            Lanes.store(Lanes.fma(h, Lanes.load(gain + 4L * i, n), Lanes.load(bias + 4L * i, n)), y + 4L * i, n);
        }
    }

    /**
     * With d = dy·gain and x̂ = (x - mean)·scale: {@code dx = scale·(d - mean of d - x̂·(mean of d·x̂)) + added}. All sums take one
     * pass, so that the row's gradient takes three in all.
     */
    private static void gradientRow(long x, long gain, long dy, float mean, float epsilon, long added, long dx, int width) {
        FloatVector m = Lanes.broadcast(mean);
        FloatVector squares = Lanes.zero();
        FloatVector plain = Lanes.zero();
        FloatVector projected = Lanes.zero();
        int i = 0;
        for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
            FloatVector h = Lanes.load(x + 4L * i).sub(m);
            FloatVector d = Lanes.load(dy + 4L * i).mul(Lanes.load(gain + 4L * i));
            squares = Lanes.fma(h, h, squares);
            plain = plain.add(d);
            projected = Lanes.fma(h, d, projected);
        }
        float variance = Lanes.sum(squares);
        float g = Lanes.sum(plain);
        float gx = Lanes.sum(projected);
        for (; i < width; i++) {
            float h = Lanes.get(x + 4L * i) - mean;
            float d = Lanes.get(dy + 4L * i) * Lanes.get(gain + 4L * i);
            variance += h * h;
            g += d;
            gx += h * d;
        }
        float scale = (float) (1 / Math.sqrt(variance / width + epsilon));
        applyGradient(x, gain, dy, mean, scale, g / width, gx * scale * scale / width, added, dx, width);
    }

    /** {@code dx = scale·(dy·gain - g - (x - mean)·gx) + added}. */
    private static void applyGradient(long x, long gain, long dy, float mean, float scale, float g, float gx, long added, long dx,
            int width) {
        FloatVector m = Lanes.broadcast(mean);
        FloatVector s = Lanes.broadcast(scale);
        FloatVector shift = Lanes.broadcast(g);
        FloatVector p = Lanes.broadcast(-gx);
        int i = 0;
        for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
            FloatVector d = Lanes.load(dy + 4L * i).mul(Lanes.load(gain + 4L * i)).sub(shift);
            FloatVector z = Lanes.fma(Lanes.load(x + 4L * i).sub(m), p, d);
            Lanes.store(added == 0 ? z.mul(s) : Lanes.fma(z, s, Lanes.load(added + 4L * i)), dx + 4L * i);
        }
        if (i < width) {
            int n = width - i;
            FloatVector d = Lanes.load(dy + 4L * i, n).mul(Lanes.load(gain + 4L * i, n)).sub(shift);
            FloatVector z = Lanes.fma(Lanes.load(x + 4L * i, n).sub(m), p, d);
            Lanes.store(added == 0 ? z.mul(s) : Lanes.fma(z, s, Lanes.load(added + 4L * i, n)), dx + 4L * i, n);
        }
    }

    private static void gainRow(long x, long dy, float mean, float scale, long sum, int width) {
        FloatVector m = Lanes.broadcast(mean);
        FloatVector s = Lanes.broadcast(scale);
        int i = 0;
        for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
            FloatVector h = Lanes.load(x + 4L * i).sub(m).mul(s);
            Lanes.store(Lanes.fma(h, Lanes.load(dy + 4L * i), Lanes.load(sum + 4L * i)), sum + 4L * i);
        }
        if (i < width) {
            int n = width - i;
            FloatVector h = Lanes.load(x + 4L * i, n).sub(m).mul(s);
            Lanes.store(Lanes.fma(h, Lanes.load(dy + 4L * i, n), Lanes.load(sum + 4L * i, n)), sum + 4L * i, n);
        }
    }
}
