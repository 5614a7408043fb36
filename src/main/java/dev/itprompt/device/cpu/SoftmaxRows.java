package dev.itprompt.device.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * Attention's rows of scores, in whole vectors: what lies between the last visible key and the end of its vector is masked, so
 * that no loop has a tail. {@code row} addresses are those of score rows, {@code count} is a multiple of the lanes.
 */
final class SoftmaxRows {

    private static final FloatVector MASKED = Lanes.broadcast(Float.NEGATIVE_INFINITY);

    private SoftmaxRows() {}

    /** Elements rounded up to whole vectors. */
    static int whole(int elements) {
        return (elements + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT;
    }

    /** Scores from {@code visible} to {@code count} become -infinity. */
    static void mask(long row, int visible, int count) {
        int first = visible / Lanes.COUNT * Lanes.COUNT;
        if (first < count) {
            FloatVector scores = Lanes.load(row + 4L * first);
            // Numbers stored one by one would keep the following loads of whole vectors waiting.
            Lanes.store(MASKED.blend(scores, Lanes.first(visible - first)), row + 4L * first);
        }
        for (int i = first + Lanes.COUNT; i < count; i += Lanes.COUNT) {
            Lanes.store(MASKED, row + 4L * i);
        }
    }

    /**
     * Scores become {@code e^(scale·(x - max))}; masked ones 0.
     *
     * @return the sum of the row
     */
    static float exponentials(long row, int count, float scale) {
        return exponentials(row, count, Reductions.max(row, count), scale);
    }

    private static float exponentials(long row, int count, float max, float scale) {
        FloatVector shift = Lanes.broadcast(-max * scale);
        FloatVector factor = Lanes.broadcast(scale);
        FloatVector sum = Lanes.zero();
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector e = Functions.expOfNegative(Lanes.fma(Lanes.load(row + 4L * i), factor, shift));
            sum = sum.add(e);
            Lanes.store(e, row + 4L * i);
        }
        return Lanes.sum(sum);
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
     * From exponentials and the gradients of probabilities to probabilities and, in place of dy, the gradients of scores
     * {@code dx = scale·y·(dy - mean)}. Both also go to panels of {@link Tiles#LEFT} columns, in which keys are columns; the last
     * panel is written to its end, whatever it gets.
     *
     * @param e       exponentials, {@code sum} in all
     * @param mean    the mean of dy
     * @param yPanel  where the row lies in the first panel of probabilities
     * @param dxPanel where it lies in the first panel of gradients
     * @param bytes   from one panel to the next
     */
    static void gradients(long e, float sum, long dy, float mean, float scale, int count, long yPanel, long dxPanel, long bytes) {
        FloatVector factor = Lanes.broadcast(1 / sum);
        FloatVector m = Lanes.broadcast(mean);
        FloatVector s = Lanes.broadcast(scale);
        long panel = 0;
        for (int i = 0; i < count; i += Tiles.LEFT) {
            long x = e + 4L * i;
            long d = dy + 4L * i;
            FloatVector y0 = Lanes.load(x).mul(factor);
            FloatVector y1 = Lanes.load(x + Lanes.BYTES).mul(factor);
            FloatVector y2 = Lanes.load(x + 2 * Lanes.BYTES).mul(factor);
            FloatVector d0 = Lanes.load(d).sub(m).mul(y0).mul(s);
            FloatVector d1 = Lanes.load(d + Lanes.BYTES).sub(m).mul(y1).mul(s);
            FloatVector d2 = Lanes.load(d + 2 * Lanes.BYTES).sub(m).mul(y2).mul(s);
            Lanes.store(y0, yPanel + panel);
            Lanes.store(y1, yPanel + panel + Lanes.BYTES);
            Lanes.store(y2, yPanel + panel + 2 * Lanes.BYTES);
            Lanes.store(d0, dxPanel + panel);
            Lanes.store(d1, dxPanel + panel + Lanes.BYTES);
            Lanes.store(d2, dxPanel + panel + 2 * Lanes.BYTES);
            Lanes.store(d0, d);
            Lanes.store(d1, d + Lanes.BYTES);
            Lanes.store(d2, d + 2 * Lanes.BYTES);
            panel += bytes;
        }
    }
}
