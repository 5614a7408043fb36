package dev.itprompt.device.cpu;

import static dev.itprompt.device.cpu.Lanes.fma;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Attention's rows of scores, in whole vectors: what lies between the last visible key and the end of its vector is masked, so
 * that no loop has a tail. {@code count} is a multiple of the lanes, {@code apart} are the bytes from one row to the next.
 *
 * <p>The methods take several rows and are too long to be inlined, on purpose: a caller that took in all of attention would reach the
 * compiler's limit amid some vector's operations, and every vector from there on would be an object.
 */
final class SoftmaxRows {

    private static final FloatVector MASKED = Lanes.broadcast(Float.NEGATIVE_INFINITY);

    private SoftmaxRows() {}

    /** Elements rounded up to whole vectors. */
    static int whole(int elements) {
        return (elements + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT;
    }

    /** Scores of one row from {@code visible} to {@code count} become -infinity. */
    private static void mask(long row, int visible, int count) {
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
     * Scores become {@code e^(scale·(x - max))}, masked ones 0: {@link Functions#exp} written out, without the upper bound.
     *
     * @param visible how many keys the first row sees; {@code count} or more for all
     * @param more    how many more each row sees than the one before
     * @param factors of the rows: what makes probabilities of the exponentials, 1 / their sum
     */
    static void exponentials(long scores, long apart, int rows, int count, int visible, int more, float scale, long factors) {
        FloatVector by = Lanes.broadcast(scale);
        for (int r = 0; r < rows; r++) {
            long row = scores + r * apart;
            mask(row, visible + r * more, count);
            FloatVector shift = Lanes.broadcast(-scale * Reductions.max(row, count));
            FloatVector sum = Lanes.zero();
            for (int i = 0; i < count; i += Lanes.COUNT) {
                FloatVector x = fma(Lanes.load(row + 4L * i), by, shift);
                FloatVector shifted = fma(x, Functions.LOG2_E, Functions.ROUND);
                FloatVector n = shifted.sub(Functions.ROUND);
                FloatVector t = fma(n, Functions.MINUS_LN2_LOW, fma(n, Functions.MINUS_LN2_HIGH, x));
                FloatVector p = fma(Functions.E7, t, Functions.E6);
                p = fma(p, t, Functions.E5);
                p = fma(p, t, Functions.E4);
                p = fma(p, t, Functions.E3);
                p = fma(p, t, Functions.E2);
                p = fma(p, t, Functions.ONE);
                p = fma(p, t, Functions.ONE);
                IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
                FloatVector y = p.reinterpretAsInts().add(power).reinterpretAsFloats();
                FloatVector e = y.blend(Functions.ZERO, x.lt(Functions.SMALLEST));
                sum = sum.add(e);
                Lanes.store(e, row + 4L * i);
            }
            Lanes.set(factors + 4L * r, 1 / Lanes.sum(sum));
        }
    }

    /**
     * From exponentials e and the gradients of probabilities to the probabilities y and, in place of dy, the gradients of scores
     * {@code dx = scale·y·(dy - Σ y·dy)}. Both also go to panels of {@link Tiles#LEFT} columns, in which keys are columns; the last
     * panel is written to its end, whatever it gets.
     *
     * @param factors of the rows, see {@link #exponentials}
     * @param yPanel  where the first row lies in the first panel of probabilities
     * @param dxPanel where it lies in the first panel of gradients
     * @param bytes   from one panel to the next
     */
    static void gradients(long e, long factors, long dy, long apart, int rows, int count, float scale, long yPanel, long dxPanel,
            long bytes) {
        FloatVector s = Lanes.broadcast(scale);
        for (int r = 0; r < rows; r++) {
            long x = e + r * apart;
            long d = dy + r * apart;
            FloatVector dot = Lanes.zero();
            for (int i = 0; i < count; i += Lanes.COUNT) {
                dot = Lanes.fma(Lanes.load(x + 4L * i), Lanes.load(d + 4L * i), dot);
            }
            FloatVector factor = Lanes.broadcast(Lanes.get(factors + 4L * r));
            FloatVector mean = Lanes.broadcast(Lanes.sum(dot)).mul(factor);
            long panel = (long) r * Tiles.LEFT_PANEL;
            for (int i = 0; i < count; i += Tiles.LEFT) {
                FloatVector y0 = Lanes.load(x).mul(factor);
                FloatVector y1 = Lanes.load(x + Lanes.BYTES).mul(factor);
                FloatVector y2 = Lanes.load(x + 2 * Lanes.BYTES).mul(factor);
                FloatVector d0 = Lanes.load(d).sub(mean).mul(y0).mul(s);
                FloatVector d1 = Lanes.load(d + Lanes.BYTES).sub(mean).mul(y1).mul(s);
                FloatVector d2 = Lanes.load(d + 2 * Lanes.BYTES).sub(mean).mul(y2).mul(s);
                Lanes.store(y0, yPanel + panel);
                Lanes.store(y1, yPanel + panel + Lanes.BYTES);
                Lanes.store(y2, yPanel + panel + 2 * Lanes.BYTES);
                Lanes.store(d0, dxPanel + panel);
                Lanes.store(d1, dxPanel + panel + Lanes.BYTES);
                Lanes.store(d2, dxPanel + panel + 2 * Lanes.BYTES);
                Lanes.store(d0, d);
                Lanes.store(d1, d + Lanes.BYTES);
                Lanes.store(d2, d + 2 * Lanes.BYTES);
                x += 4L * Tiles.LEFT;
                d += 4L * Tiles.LEFT;
                panel += bytes;
            }
        }
    }
}
