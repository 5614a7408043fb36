package dev.itprompt.device.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * Attention's rows of scores, in whole vectors: what lies between the last visible key and the end of its vector is treated as
 * masked, so that no loop has a tail. {@code row} addresses are those of score rows, {@code count} is a multiple of the lanes.
 */
final class SoftmaxRows {

    private static final int PANEL_VECTORS = Tiles.LEFT / Lanes.COUNT;

    private SoftmaxRows() {}

    /** Elements rounded up to whole vectors. */
    static int whole(int elements) {
        return (elements + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT;
    }

    /** Masks the scores from {@code visible} to {@code whole(visible)}, and sets those from there to {@code count} to 0. */
    private static void mask(long row, int visible, int count) {
        int end = whole(visible);
        for (int i = visible; i < end; i++) {
            Lanes.set(row + 4L * i, Float.NEGATIVE_INFINITY);
        }
        for (int i = end; i < count; i += Lanes.COUNT) {
            Lanes.store(Lanes.zero(), row + 4L * i);
        }
    }

    /**
     * Scores become {@code e^(scale·(x - max))}, and 0 from {@code visible} on.
     *
     * @return the sum of the row
     */
    static float exponentials(long row, int visible, int count, float scale) {
        mask(row, visible, count);
        int end = whole(visible);
        return exponentials(row, end, Reductions.max(row, end), scale);
    }

    private static float exponentials(long row, int end, float max, float scale) {
        FloatVector shift = Lanes.broadcast(-max * scale);
        FloatVector factor = Lanes.broadcast(scale);
        FloatVector sum = Lanes.zero();
        for (int i = 0; i < end; i += Lanes.COUNT) {
            FloatVector e = Functions.expOfNegative(Lanes.fma(Lanes.load(row + 4L * i), factor, shift));
            sum = sum.add(e);
            Lanes.store(e, row + 4L * i);
        }
        return Lanes.sum(sum);
    }

    /** {@code x *= factor}. */
    static void scale(long row, int count, float factor) {
        FloatVector f = Lanes.broadcast(factor);
        for (int i = 0; i < count; i += Lanes.COUNT) {
            Lanes.store(Lanes.load(row + 4L * i).mul(f), row + 4L * i);
        }
    }

    /** The inner product of two rows. */
    static float dot(long x, long y, int count) {
        FloatVector sum = Lanes.zero();
        for (int i = 0; i < count; i += Lanes.COUNT) {
            sum = Lanes.fma(Lanes.load(x + 4L * i), Lanes.load(y + 4L * i), sum);
        }
        return Lanes.sum(sum);
    }

    /**
     * Gradients of scores {@code dx = scale·y·(dy - mean)} in place of dy. Probabilities and gradients also go to panels of
     * {@link Tiles#LEFT} columns, in which keys are columns.
     *
     * @param yPanel  where the row lies in the first panel of probabilities
     * @param dxPanel where it lies in the first panel of gradients
     * @param bytes   from one panel to the next
     */
    static void gradients(long y, long dy, float mean, float scale, int count, long yPanel, long dxPanel, long bytes) {
        FloatVector m = Lanes.broadcast(mean);
        FloatVector s = Lanes.broadcast(scale);
        for (int p = 0; p < count; p += Tiles.LEFT) {
            long panel = p / Tiles.LEFT * bytes;
            int vectors = Math.min(PANEL_VECTORS, (count - p) / Lanes.COUNT);
            for (int v = 0; v < vectors; v++) {
                long at = (long) v * Lanes.BYTES;
                FloatVector probability = Lanes.load(y + 4L * p + at);
                FloatVector gradient = Lanes.load(dy + 4L * p + at).sub(m).mul(probability).mul(s);
                Lanes.store(probability, yPanel + panel + at);
                Lanes.store(gradient, dxPanel + panel + at);
                Lanes.store(gradient, dy + 4L * p + at);
            }
        }
    }
}
