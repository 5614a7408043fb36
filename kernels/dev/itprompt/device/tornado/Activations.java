package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** GELU and QuickGELU with their derivatives. One item per element, no local memory. */
final class Activations {

    private static final float QUICK = 1.702f;
    private static final float SQRT_HALF = 0.70710678f;
    /** 1/√(2π). */
    private static final float DENSITY = 0.39894228f;

    private Activations() {}

    /** y = x·Φ(x). Table: x, y, size. */
    static void gelu(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(2)) {
            heap.set(table.get(1) + i, geluValue(heap.get(table.get(0) + i)));
        }
    }

    /** dx = dy·(Φ(x) + x·φ(x)). Table: x, dy, dx, size. */
    static void geluGradient(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(3)) {
            heap.set(table.get(2) + i, heap.get(table.get(1) + i) * geluSlope(heap.get(table.get(0) + i)));
        }
    }

    /** y = x·σ(1.702 x). Table: x, y, size. */
    static void quickGelu(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(2)) {
            heap.set(table.get(1) + i, quickGeluValue(heap.get(table.get(0) + i)));
        }
    }

    /** dx = dy·(s + 1.702 x·s·(1 − s)) with s = σ(1.702 x). Table: x, dy, dx, size. */
    static void quickGeluGradient(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(3)) {
            heap.set(table.get(2) + i, heap.get(table.get(1) + i) * quickGeluSlope(heap.get(table.get(0) + i)));
        }
    }

    static float geluValue(float x) {
        return x * normalCdf(x);
    }

    static float geluSlope(float x) {
        return normalCdf(x) + x * DENSITY * TornadoMath.exp(-0.5f * x * x);
    }

    static float quickGeluValue(float x) {
        return x / (1f + TornadoMath.exp(-QUICK * x));
    }

    static float quickGeluSlope(float x) {
        float s = 1f / (1f + TornadoMath.exp(-QUICK * x));
        return s + QUICK * x * s * (1f - s);
    }

    /** Φ(x) by formula 7.1.26 of Abramowitz and Stegun for erf; absolute error below 1e-7. */
    private static float normalCdf(float x) {
        float z = TornadoMath.abs(x) * SQRT_HALF;
        float t = 1f / (1f + 0.3275911f * z);
        float series = t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
        float tail = 0.5f * series * TornadoMath.exp(-z * z);
        return x < 0f ? tail : 1f - tail;
    }
}
