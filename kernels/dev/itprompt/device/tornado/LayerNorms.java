package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Layer normalization of rows [rows, width] and its gradients. Where a work-group of {@link Kernel#TREE} items takes one row, sums are
 * reduced as a tree in local arrays of that length.
 */
final class LayerNorms {

    private LayerNorms() {}

    /** y = gain · (x − mean)/√(variance + ε) + bias. Table: x, gain, bias, y, width. Numbers: ε. Groups: rows. */
    static void forward(KernelContext context, FloatArray heap, IntArray table) {
        float[] sums = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int width = table.get(4);
        int x = table.get(0) + context.groupIdx * width;
        float sum = 0f;
        for (int c = lane; c < width; c += Kernel.TREE) {
            sum += heap.get(x + c);
        }
        sums[lane] = sum;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                sums[lane] += sums[lane + half];
            }
        }
        context.localBarrier();
        float mean = sums[0] / width;
        context.localBarrier();
        float squares = 0f;
        for (int c = lane; c < width; c += Kernel.TREE) {
            float deviation = heap.get(x + c) - mean;
            squares += deviation * deviation;
        }
        sums[lane] = squares;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                sums[lane] += sums[lane + half];
            }
        }
        context.localBarrier();
        float inverse = 1f / TornadoMath.sqrt(sums[0] / width + heap.get(table.get(Launch.NUMBERS)));
        int y = table.get(3) + context.groupIdx * width;
        for (int c = lane; c < width; c += Kernel.TREE) {
            float n = (heap.get(x + c) - mean) * inverse;
            heap.set(y + c, n * heap.get(table.get(1) + c) + heap.get(table.get(2) + c));
        }
    }

    /**
     * With n the standardized row and g = gain·dy: dx = (g − mean(g) − n·mean(g·n))/√(variance + ε) + added. Table: x, gain, dy, dx,
     * width, 1 if something is added, what is added. Numbers: ε. Groups: rows.
     */
    static void backward(KernelContext context, FloatArray heap, IntArray table) {
        float[] sums = context.allocateFloatLocalArray(Kernel.TREE);
        float[] products = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int width = table.get(4);
        int row = context.groupIdx * width;
        int x = table.get(0) + row;
        int gain = table.get(1);
        int dy = table.get(2) + row;
        float sum = 0f;
        for (int c = lane; c < width; c += Kernel.TREE) {
            sum += heap.get(x + c);
        }
        sums[lane] = sum;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                sums[lane] += sums[lane + half];
            }
        }
        context.localBarrier();
        float mean = sums[0] / width;
        context.localBarrier();
        float squares = 0f;
        for (int c = lane; c < width; c += Kernel.TREE) {
            float deviation = heap.get(x + c) - mean;
            squares += deviation * deviation;
        }
        sums[lane] = squares;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                sums[lane] += sums[lane + half];
            }
        }
        context.localBarrier();
        float inverse = 1f / TornadoMath.sqrt(sums[0] / width + heap.get(table.get(Launch.NUMBERS)));
        context.localBarrier();
        float total = 0f;
        float product = 0f;
        for (int c = lane; c < width; c += Kernel.TREE) {
            float g = heap.get(gain + c) * heap.get(dy + c);
            total += g;
            product += g * (heap.get(x + c) - mean) * inverse;
        }
        sums[lane] = total;
        products[lane] = product;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                sums[lane] += sums[lane + half];
                products[lane] += products[lane + half];
            }
        }
        context.localBarrier();
        float constant = sums[0] / width;
        float along = products[0] / width;
        int dx = table.get(3) + row;
        for (int c = lane; c < width; c += Kernel.TREE) {
            float n = (heap.get(x + c) - mean) * inverse;
            float value = (heap.get(gain + c) * heap.get(dy + c) - constant - n * along) * inverse;
            heap.set(dx + c, table.get(5) > 0 ? value + heap.get(table.get(6) + row + c) : value);
        }
    }

    /** Each row's mean and 1/√(variance + ε). Table: x, statistics [rows, 2], width. Numbers: ε. */
    static void statistics(KernelContext context, FloatArray heap, IntArray table) {
        float[] sums = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int width = table.get(2);
        int x = table.get(0) + context.groupIdx * width;
        float sum = 0f;
        for (int c = lane; c < width; c += Kernel.TREE) {
            sum += heap.get(x + c);
        }
        sums[lane] = sum;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                sums[lane] += sums[lane + half];
            }
        }
        context.localBarrier();
        float mean = sums[0] / width;
        context.localBarrier();
        float squares = 0f;
        for (int c = lane; c < width; c += Kernel.TREE) {
            float deviation = heap.get(x + c) - mean;
            squares += deviation * deviation;
        }
        sums[lane] = squares;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                sums[lane] += sums[lane + half];
            }
        }
        context.localBarrier();
        if (lane == 0) {
            heap.set(table.get(1) + 2 * context.groupIdx, mean);
            heap.set(table.get(1) + 2 * context.groupIdx + 1, 1f / TornadoMath.sqrt(sums[0] / width + heap.get(table.get(Launch.NUMBERS))));
        }
    }

    /**
     * Gradient of the gain, from every run of rows: one item per column and run, no local memory. Table: x, dy, statistics, y [runs,
     * width], rows, width, rows of a run. Items: runs · width.
     */
    static void gainGradient(KernelContext context, FloatArray heap, IntArray table) {
        int width = table.get(5);
        int first = context.globalIdx / width * table.get(6);
        if (first < table.get(4)) {
            int end = Math.min(table.get(4), first + table.get(6));
            int column = context.globalIdx % width;
            int statistics = table.get(2);
            float sum = 0f;
            for (int row = first; row < end; row++) {
                int at = row * width + column;
                float n = (heap.get(table.get(0) + at) - heap.get(statistics + 2 * row)) * heap.get(statistics + 2 * row + 1);
                sum += n * heap.get(table.get(1) + at);
            }
            heap.set(table.get(3) + context.globalIdx, sum);
        }
    }
}
