package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Optimizer steps in place. One item per weight, no local memory. */
final class Optimizers {

    private Optimizers() {}

    /**
     * One step of AdamW. Table: weights w, first moment m, second moment v, gradient, rates [3], step, norm, size.
     * Numbers: β₁, β₂, 1 − β₁, 1 − β₂, ε, ln β₁, ln β₂.
     */
    static void adamW(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(7)) {
            int numbers = table.get(Launch.NUMBERS);
            float g = heap.get(table.get(3) + i) * clip(heap.get(table.get(4) + 2), heap.get(table.get(6)));
            float m = heap.get(numbers) * heap.get(table.get(1) + i) + heap.get(numbers + 2) * g;
            float v = heap.get(numbers + 1) * heap.get(table.get(2) + i) + heap.get(numbers + 3) * g * g;
            heap.set(table.get(1) + i, m);
            heap.set(table.get(2) + i, v);
            float step = heap.get(table.get(5));
            float mean = m / oneMinusExp(step * heap.get(numbers + 5));
            float square = v / oneMinusExp(step * heap.get(numbers + 6));
            float rate = heap.get(table.get(4));
            float decay = heap.get(table.get(4) + 1);
            float w = heap.get(table.get(0) + i);
            heap.set(table.get(0) + i, w - rate * (mean / (TornadoMath.sqrt(square) + heap.get(numbers + 4)) + decay * w));
        }
    }

    /** One step of SGD. Table: weights, velocity, gradient, rates [3], norm, size. Numbers: momentum. */
    static void sgd(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(5)) {
            float w = heap.get(table.get(0) + i);
            float g = heap.get(table.get(2) + i) * clip(heap.get(table.get(3) + 2), heap.get(table.get(4)));
            float velocity = heap.get(table.get(Launch.NUMBERS)) * heap.get(table.get(1) + i) + g + heap.get(table.get(3) + 1) * w;
            heap.set(table.get(1) + i, velocity);
            heap.set(table.get(0) + i, w - heap.get(table.get(3)) * velocity);
        }
    }

    private static float clip(float bound, float norm) {
        float factor = bound / (norm + 1e-6f);
        return factor < 1f ? factor : 1f;
    }

    /** 1 − e^x for x below 0, without cancellation near 0. */
    private static float oneMinusExp(float x) {
        float series = -x * (1f + x / 2f * (1f + x / 3f * (1f + x / 4f * (1f + x / 5f * (1f + x / 6f * (1f + x / 7f))))));
        return x > -0.5f ? series : 1f - TornadoMath.exp(x);
    }
}
