package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Cross-entropy of logits [rows, classes] with gradients, in two launches: {@link #logSumExp}, one work-group of
 * {@link Kernel#TREE} items per row with a tree in local memory, then the rest. Logits may be −∞, but not all of a row.
 */
final class Losses {

    /** The least number that is not −∞. */
    private static final float LOWEST = -Float.MAX_VALUE;

    private Losses() {}

    /** log Σ e^x of each row. Table: logits, y [rows], classes. */
    static void logSumExp(KernelContext context, FloatArray heap, IntArray table) {
        float[] lanes = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int classes = table.get(2);
        int x = table.get(0) + context.groupIdx * classes;
        float largest = heap.get(x + Math.min(lane, classes - 1));
        for (int c = lane; c < classes; c += Kernel.TREE) {
            largest = TornadoMath.max(largest, heap.get(x + c));
        }
        lanes[lane] = largest;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                lanes[lane] = TornadoMath.max(lanes[lane], lanes[lane + half]);
            }
        }
        context.localBarrier();
        float max = lanes[0];
        context.localBarrier();
        float sum = 0f;
        for (int c = lane; c < classes; c += Kernel.TREE) {
            sum += TornadoMath.exp(heap.get(x + c) - max);
        }
        lanes[lane] = sum;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                lanes[lane] += lanes[lane + half];
            }
        }
        context.localBarrier();
        if (lane == 0) {
            heap.set(table.get(1) + context.groupIdx, max + TornadoMath.log(lanes[0]));
        }
    }

    /** Each row's loss, in place of its logarithm. One item per row. Table: logits, labels, losses [rows], rows, classes. */
    static void crossEntropy(KernelContext context, FloatArray heap, IntArray table) {
        int row = context.globalIdx;
        if (row < table.get(3)) {
            int label = (int) heap.get(table.get(1) + row);
            int loss = table.get(2) + row;
            heap.set(loss, heap.get(loss) - heap.get(table.get(0) + row * table.get(4) + label));
        }
    }

    /** (softmax − one-hot)·dy/rows. One item per logit. Table: logits, labels, logarithms, dy, y, size, classes, rows. */
    static void crossEntropyGradient(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(5)) {
            int row = i / table.get(6);
            float p = TornadoMath.exp(heap.get(table.get(0) + i) - heap.get(table.get(2) + row));
            float target = i % table.get(6) == (int) heap.get(table.get(1) + row) ? 1f : 0f;
            heap.set(table.get(4) + i, (p - target) * heap.get(table.get(3)) / table.get(7));
        }
    }

    /** Each row's loss, in place of its logarithm. One item per row. Table: logits, target, losses [rows], rows, classes. */
    static void softCrossEntropy(KernelContext context, FloatArray heap, IntArray table) {
        int row = context.globalIdx;
        if (row < table.get(3)) {
            int classes = table.get(4);
            float logarithm = heap.get(table.get(2) + row);
            float sum = 0f;
            for (int c = 0; c < classes; c++) {
                float target = heap.get(table.get(1) + row * classes + c);
                if (target != 0f) {
                    sum += target * (logarithm - heap.get(table.get(0) + row * classes + c));
                }
            }
            heap.set(table.get(2) + row, sum);
        }
    }

    /** (softmax − target)·dy/rows. One item per logit. Table: logits, target, logarithms, dy, y, size, classes, rows. */
    static void softCrossEntropyGradient(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(5)) {
            float p = TornadoMath.exp(heap.get(table.get(0) + i) - heap.get(table.get(2) + i / table.get(6)));
            heap.set(table.get(4) + i, (p - heap.get(table.get(1) + i)) * heap.get(table.get(3)) / table.get(7));
        }
    }

    /** −log softmax·dy/rows, 0 where a logit is −∞. One item per logit. Table: logits, logarithms, dy, y, size, classes, rows. */
    static void softCrossEntropyTargetGradient(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(4)) {
            float x = heap.get(table.get(0) + i);
            float surprise = heap.get(table.get(1) + i / table.get(5)) - x;
            heap.set(table.get(3) + i, x < LOWEST ? 0f : surprise * heap.get(table.get(2)) / table.get(6));
        }
    }
}
