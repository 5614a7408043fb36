package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What lies between the matrix products of an attention that is computed with them: rows of scores, one for each query, of columns for
 * the tokens' own keys, then columns for prefix keys, both padded. A work-group of {@link Kernel#TREE} items takes one row.
 */
final class Scores {

    private static final float LOWEST = -3.0e38f;

    private Scores() {}

    /**
     * Probabilities from scores, in place; 0 where a query sees no key and in the padding.
     *
     * <p>Table: scores, tokens, where prefix keys begin, prefix keys, length of a row, 1 if a query sees no later token, where the rows'
     * sums are kept (see {@link KeptSums}; -1 if they are not). Groups: rows, the tokens of a sample being neighbours.
     */
    static void softmax(KernelContext context, FloatArray heap, IntArray table) {
        float[] partial = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int length = table.get(4);
        int row = table.get(0) + context.groupIdx * length;
        int tokens = table.get(1);
        int prefix = table.get(2);
        int end = prefix + table.get(3);
        int own = table.get(5) > 0 ? context.groupIdx % tokens + 1 : tokens;
        float largest = LOWEST;
        for (int c = lane; c < end; c += Kernel.TREE) {
            if (c < own || c >= prefix) {
                largest = Math.max(largest, heap.get(row + c));
            }
        }
        partial[lane] = largest;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                partial[lane] = Math.max(partial[lane], partial[lane + half]);
            }
        }
        context.localBarrier();
        float top = partial[0];
        context.localBarrier();
        float sum = 0f;
        for (int c = lane; c < end; c += Kernel.TREE) {
            if (c < own || c >= prefix) {
                sum += TornadoMath.exp(heap.get(row + c) - top);
            }
        }
        partial[lane] = sum;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                partial[lane] += partial[lane + half];
            }
        }
        context.localBarrier();
        if (lane == 0 && table.get(6) >= 0) {
            heap.set(table.get(6) + context.groupIdx, top + TornadoMath.log(partial[0]));
        }
        float inverse = 1f / partial[0];
        for (int c = lane; c < length; c += Kernel.TREE) {
            float p = 0f;
            if (c < own || c >= prefix && c < end) {
                p = TornadoMath.exp(heap.get(row + c) - top) * inverse;
            }
            heap.set(row + c, p);
        }
    }

    /**
     * The same from the sums that {@link #softmax} kept. One item per value; table: that of {@link #softmax}, number of values.
     */
    static void probabilities(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(7)) {
            int length = table.get(4);
            int prefix = table.get(2);
            int c = i % length;
            float p = 0f;
            if (c < table.get(1) || c >= prefix && c < prefix + table.get(3)) {
                p = probability(heap, heap.get(table.get(0) + i), table.get(6), i / length, c < prefix ? c : 0,
                        table.get(5) > 0 ? table.get(1) : 0);
            }
            heap.set(table.get(0) + i, p);
        }
    }

    /**
     * Probability of a score.
     *
     * @param sums   where those of rows are kept
     * @param causal tokens of a sample if a query sees no later one, else 0
     */
    static float probability(FloatArray heap, float score, int sums, int row, int column, int causal) {
        float p = TornadoMath.exp(score - heap.get(sums + row));
        if (causal > 0 && column > row % causal) {
            p = 0f;
        }
        return p;
    }

    /**
     * Gradient of the scores before scaling, ds = p·(dp − Σ p·dp)·scale, in place of dp; p is 0 where nothing is seen, and so is ds.
     *
     * <p>Table: p, dp, tokens, where prefix keys begin, prefix keys, length of a row. Numbers: scale. Groups: rows.
     */
    static void gradient(KernelContext context, FloatArray heap, IntArray table) {
        float[] partial = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int length = table.get(5);
        int p = table.get(0) + context.groupIdx * length;
        int dp = table.get(1) + context.groupIdx * length;
        int tokens = table.get(2);
        int prefix = table.get(3);
        int end = prefix + table.get(4);
        float sum = 0f;
        for (int c = lane; c < end; c += Kernel.TREE) {
            if (c < tokens || c >= prefix) {
                sum += heap.get(p + c) * heap.get(dp + c);
            }
        }
        partial[lane] = sum;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                partial[lane] += partial[lane + half];
            }
        }
        context.localBarrier();
        float mean = partial[0];
        float scale = heap.get(table.get(Launch.NUMBERS));
        for (int c = lane; c < end; c += Kernel.TREE) {
            if (c < tokens || c >= prefix) {
                heap.set(dp + c, heap.get(p + c) * (heap.get(dp + c) - mean) * scale);
            }
        }
    }
}
