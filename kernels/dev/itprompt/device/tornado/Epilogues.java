package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What a matrix product's kernel makes of its own values: z = f(y, x), with x and z of y's shape. An item reads back what it has just
 * written, so nothing waits. Three entries of a table: one of the codes below, 0 for none, then x, z; z may be y. Probabilities need
 * three more: kept sums (see {@link KeptSums}), the length of a row of y, and how many tokens a sample has if a query sees no later one,
 * else 0.
 */
final class Epilogues {

    /** z = y + x. */
    static final int ADD = 1;
    static final int GELU = 2;
    static final int QUICK_GELU = 3;
    /** z = y·(derivative of GELU at x). */
    static final int GELU_GRADIENT = 4;
    static final int QUICK_GELU_GRADIENT = 5;
    /** z = exp(y − kept sum of the row), 0 for what a query does not see: a probability of a score. */
    static final int PROBABILITY = 6;

    private Epilogues() {}

    /**
     * Computes one value of z.
     *
     * @param first the first of the three entries
     * @param begin where y begins
     */
    static void apply(FloatArray heap, IntArray table, int first, int begin, int at) {
        int code = table.get(first);
        float y = heap.get(begin + at);
        float x = heap.get(table.get(first + 1) + at);
        float z = y + x;
        if (code == GELU) {
            z = Activations.geluValue(y);
        } else if (code == QUICK_GELU) {
            z = Activations.quickGeluValue(y);
        } else if (code == GELU_GRADIENT) {
            z = y * Activations.geluSlope(x);
        } else if (code == QUICK_GELU_GRADIENT) {
            z = y * Activations.quickGeluSlope(x);
        } else if (code == PROBABILITY) {
            int length = table.get(first + 4);
            z = Scores.probability(heap, y, table.get(first + 3), at / length, at % length, table.get(first + 5));
        }
        heap.set(table.get(first + 2) + at, z);
    }
}
