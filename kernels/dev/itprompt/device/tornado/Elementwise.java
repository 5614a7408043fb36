package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Ops on single elements. One item per element of the result y, no local memory. */
final class Elementwise {

    private Elementwise() {}

    /** y = a + b, b repeated. Table: a, b, y, size of y, size of b. */
    static void add(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(3)) {
            heap.set(table.get(2) + i, heap.get(table.get(0) + i) + heap.get(table.get(1) + i % table.get(4)));
        }
    }

    /** y = a · b, b repeated. Table: a, b, y, size of y, size of b. */
    static void multiply(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(3)) {
            heap.set(table.get(2) + i, heap.get(table.get(0) + i) * heap.get(table.get(1) + i % table.get(4)));
        }
    }

    /** y = a / b, b repeated. Table: a, b, y, size of y, size of b. */
    static void divide(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(3)) {
            heap.set(table.get(2) + i, heap.get(table.get(0) + i) / heap.get(table.get(1) + i % table.get(4)));
        }
    }

    /** y = scale · x + shift. Table: x, y, size. Numbers: scale, shift. */
    static void affine(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(2)) {
            int numbers = table.get(Launch.NUMBERS);
            heap.set(table.get(1) + i, heap.get(numbers) * heap.get(table.get(0) + i) + heap.get(numbers + 1));
        }
    }

    /** y = e^x. Table: x, y, size. */
    static void exponential(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(2)) {
            heap.set(table.get(1) + i, TornadoMath.exp(heap.get(table.get(0) + i)));
        }
    }

    /** The natural logarithm. Table: x, y, size. */
    static void logarithm(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(2)) {
            heap.set(table.get(1) + i, TornadoMath.log(heap.get(table.get(0) + i)));
        }
    }

    /** The square root. Table: x, y, size. */
    static void root(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(2)) {
            heap.set(table.get(1) + i, TornadoMath.sqrt(heap.get(table.get(0) + i)));
        }
    }
}
