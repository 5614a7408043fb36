package dev.itprompt.device.tornado;

import dev.itprompt.InputException;
import java.util.Arrays;
import java.util.Locale;

/** What matrix products are computed with. All values in memory are float32 whatever the precision. */
enum Precision {
    /** This project's kernels, float32 without relaxed arithmetic: every op within 1e-4 of the reference, gradients within 1e-3. */
    EXACT(0, 1e-4),
    /** cuBLAS in float32; the same tolerances. */
    FP32(68, 1e-4),
    /**
     * cuBLAS on tensor cores, factors rounded to 10 bits of mantissa, sums in float32: products within 2e-3 of their largest value. What it
     * offers for bfloat16 factors of float32 in memory gave the same errors on an H200, so that {@link #BF16} is not its.
     */
    TF32(77, 2e-3),
    /**
     * {@link TensorLinear}, the factors of products rounded to 8 bits of mantissa, sums in float32: products within 1e-2 of their largest
     * value. What has too few rows or columns for tensor cores as {@link #EXACT}.
     */
    BF16(0, 1e-2);

    /** Its {@code cublasComputeType_t}; 0 if no library is used. */
    final int computeType;
    /** Largest error of a product, relative to its largest value. */
    final double tolerance;

    Precision(int computeType, double tolerance) {
        this.computeType = computeType;
        this.tolerance = tolerance;
    }

    /** Whether products are tasks of a library. */
    boolean isLibrary() {
        return computeType > 0;
    }

    /** As the command line writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Precision of(String name) {
        return Arrays.stream(values()).filter(precision -> precision.toString().equals(name)).findFirst()
                .orElseThrow(() -> new InputException("--device: no precision '" + name + "': expected one of "
                        + Arrays.toString(values())));
    }
}
