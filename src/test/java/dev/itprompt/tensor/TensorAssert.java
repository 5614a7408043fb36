package dev.itprompt.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Comparisons of whole tensors. */
public final class TensorAssert {

    private TensorAssert() {
    }

    /**
     * Fails when shapes differ, or any element by more than the tolerance, or is NaN.
     *
     * @param tolerance largest difference, relative to the largest expected value
     * @return the largest difference found, relative to the largest expected value
     */
    public static double assertClose(Tensor expected, Tensor actual, double tolerance, String what) {
        assertEquals(expected.shape(), actual.shape(), what);
        double largest = 0;
        double error = 0;
        for (int i = 0; i < expected.shape().size(); i++) {
            largest = Math.max(largest, Math.abs(expected.get(i)));
            error = Math.max(error, Math.abs((double) expected.get(i) - actual.get(i)));
        }
        assertTrue(error <= tolerance * largest, what + ": error " + error + ", largest value " + largest);
        return error / largest;
    }
}
