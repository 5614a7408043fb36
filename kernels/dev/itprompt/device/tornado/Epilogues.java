package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What a matrix product's kernel makes of its own values: z = f(y, x), with x and z of y's shape. An item reads back what it has just
 * written, so nothing waits. Three entries of a table: one of the codes below, 0 for none, then x, z; z may be y.
 */
final class Epilogues {

    /** z = y + x. */
    static final int ADD = 1;
    static final int GELU = 2;
    static final int QUICK_GELU = 3;
    /** z = y·(derivative of GELU at x). */
    static final int GELU_GRADIENT = 4;
    static final int QUICK_GELU_GRADIENT = 5;

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
        }
        heap.set(table.get(first + 2) + at, z);
    }
}
