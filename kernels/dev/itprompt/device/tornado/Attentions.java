package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Multi-head self-attention over qkv [batch, tokens, 3·width] with prefix rows before the keys and values. No buffer of
 * tokens x tokens exists: every kernel computes the probabilities it needs from queries and keys again, {@link Kernel#TREE}
 * at a time in local memory, one per item; then each item adds up one channel of the head.
 *
 * <p>All tables begin with: qkv, prefix keys, prefix values, batch, tokens, width, heads, prefixes, 1 if each sample has its
 * own prefixes, 1 if causal. Numbers: 1/√d.
 */
final class Attentions {

    /** Entries that all tables of this class begin with. */
    static final int COMMON = 10;

    private Attentions() {}

    /**
     * One work-group per sample, head and token. Table: the common entries, y [batch, tokens, width], where sums are kept [batch, heads,
     * tokens] (see {@link KeptSums}; -1 if they are not).
     */
    static void forward(KernelContext context, FloatArray heap, IntArray table) {
        float[] lanes = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int tokens = table.get(4);
        int width = table.get(5);
        int prefixes = table.get(7);
        int token = context.groupIdx % tokens;
        int head = context.groupIdx / tokens % table.get(6);
        int sample = context.groupIdx / (tokens * table.get(6));
        int d = width / table.get(6);
        float scale = heap.get(table.get(Launch.NUMBERS));
        int query = table.get(0) + (sample * tokens + token) * 3 * width + head * d;
        int own = table.get(0) + sample * tokens * 3 * width + width + head * d;
        int ahead = sample * table.get(8) * prefixes * width + head * d;
        int keys = prefixes + (table.get(9) > 0 ? token + 1 : tokens);

        float largest = -1e30f;
        for (int j = lane; j < keys; j += Kernel.TREE) {
            int key = j < prefixes ? table.get(1) + ahead + j * width : own + (j - prefixes) * 3 * width;
            largest = TornadoMath.max(largest, scale * dot(heap, query, key, d));
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
        for (int first = 0; first < d; first += Kernel.TREE) {
            int channel = Math.min(first + lane, d - 1);
            float sum = 0f;
            float total = 0f;
            for (int from = 0; from < keys; from += Kernel.TREE) {
                int j = Math.min(from + lane, keys - 1);
                int key = j < prefixes ? table.get(1) + ahead + j * width : own + (j - prefixes) * 3 * width;
                context.localBarrier();
                lanes[lane] = TornadoMath.exp(scale * dot(heap, query, key, d) - max);
                context.localBarrier();
                int count = Math.min(Kernel.TREE, keys - from);
                for (int t = 0; t < count; t++) {
                    int at = from + t;
                    int value = at < prefixes ? table.get(2) + ahead + at * width : own + width + (at - prefixes) * 3 * width;
                    sum += lanes[t] * heap.get(value + channel);
                    total += lanes[t];
                }
            }
            if (first + lane < d) {
                heap.set(table.get(10) + (sample * tokens + token) * width + head * d + channel, sum / total);
            }
            if (first + lane == 0 && table.get(11) >= 0) {
                heap.set(table.get(11) + context.groupIdx, max + TornadoMath.log(total));
            }
        }
    }

    /**
     * Gradient of the queries, and what {@link #keyGradient} needs: Σ p·dp of each query. One work-group per sample, head and token. Table:
     * the common entries, dy [batch, tokens, width], dqkv, kept sums, where to write Σ p·dp, both [batch, heads, tokens].
     */
    static void queryGradient(KernelContext context, FloatArray heap, IntArray table) {
        float[] lanes = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int tokens = table.get(4);
        int width = table.get(5);
        int prefixes = table.get(7);
        int token = context.groupIdx % tokens;
        int head = context.groupIdx / tokens % table.get(6);
        int sample = context.groupIdx / (tokens * table.get(6));
        int d = width / table.get(6);
        float scale = heap.get(table.get(Launch.NUMBERS));
        int query = table.get(0) + (sample * tokens + token) * 3 * width + head * d;
        int own = table.get(0) + sample * tokens * 3 * width + width + head * d;
        int ahead = sample * table.get(8) * prefixes * width + head * d;
        int keys = prefixes + (table.get(9) > 0 ? token + 1 : tokens);
        int dy = table.get(10) + (sample * tokens + token) * width + head * d;

        float logarithm = heap.get(table.get(12) + context.groupIdx);
        float product = 0f;
        for (int j = lane; j < keys; j += Kernel.TREE) {
            int key = j < prefixes ? table.get(1) + ahead + j * width : own + (j - prefixes) * 3 * width;
            int value = j < prefixes ? table.get(2) + ahead + j * width : own + width + (j - prefixes) * 3 * width;
            product += TornadoMath.exp(scale * dot(heap, query, key, d) - logarithm) * dot(heap, dy, value, d);
        }
        lanes[lane] = product;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                lanes[lane] += lanes[lane + half];
            }
        }
        context.localBarrier();
        float mean = lanes[0];
        if (lane == 0) {
            heap.set(table.get(13) + context.groupIdx, mean);
        }
        for (int first = 0; first < d; first += Kernel.TREE) {
            int channel = Math.min(first + lane, d - 1);
            float gradient = 0f;
            for (int from = 0; from < keys; from += Kernel.TREE) {
                int j = Math.min(from + lane, keys - 1);
                int key = j < prefixes ? table.get(1) + ahead + j * width : own + (j - prefixes) * 3 * width;
                int value = j < prefixes ? table.get(2) + ahead + j * width : own + width + (j - prefixes) * 3 * width;
                float p = TornadoMath.exp(scale * dot(heap, query, key, d) - logarithm);
                context.localBarrier();
                lanes[lane] = p * (dot(heap, dy, value, d) - mean);
                context.localBarrier();
                int count = Math.min(Kernel.TREE, keys - from);
                for (int t = 0; t < count; t++) {
                    int at = from + t;
                    int row = at < prefixes ? table.get(1) + ahead + at * width : own + (at - prefixes) * 3 * width;
                    gradient += lanes[t] * heap.get(row + channel);
                }
            }
            if (first + lane < d) {
                int dq = table.get(11) + (sample * tokens + token) * 3 * width + head * d;
                heap.set(dq + channel, gradient * scale);
            }
        }
    }

    /**
     * Gradients of keys and values, of the tokens or of the prefixes, from each sample. One work-group per sample, head and row.
     *
     * <p>Table: the common entries, dy, kept sums, keys, values, key gradients, value gradients (each where head 0 of row 0 of sample 0
     * begins), elements from row to row, rows of a sample, 1 if all samples read the same rows, 1 if row j is seen by tokens from j on
     * only, Σ p·dp of queries.
     */
    static void keyGradient(KernelContext context, FloatArray heap, IntArray table) {
        float[] lanes = context.allocateFloatLocalArray(Kernel.TREE);
        float[] weights = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int tokens = table.get(4);
        int width = table.get(5);
        int heads = table.get(6);
        int rows = table.get(17);
        int row = context.groupIdx % rows;
        int head = context.groupIdx / rows % heads;
        int sample = context.groupIdx / (rows * heads);
        int d = width / heads;
        float scale = heap.get(table.get(Launch.NUMBERS));
        int at = (sample * rows + row) * table.get(16) + head * d;
        int read = table.get(18) > 0 ? row * table.get(16) + head * d : at;
        int key = table.get(12) + read;
        int value = table.get(13) + read;
        int begin = table.get(19) > 0 ? row : 0;
        int queries = table.get(0) + sample * tokens * 3 * width + head * d;
        int dys = table.get(10) + sample * tokens * width + head * d;
        int statistics = (sample * heads + head) * tokens;
        for (int first = 0; first < d; first += Kernel.TREE) {
            int channel = Math.min(first + lane, d - 1);
            float keyGradient = 0f;
            float valueGradient = 0f;
            for (int from = begin; from < tokens; from += Kernel.TREE) {
                int i = Math.min(from + lane, tokens - 1);
                float score = scale * dot(heap, queries + i * 3 * width, key, d);
                float p = TornadoMath.exp(score - heap.get(table.get(11) + statistics + i));
                float dp = dot(heap, dys + i * width, value, d) - heap.get(table.get(20) + statistics + i);
                context.localBarrier();
                lanes[lane] = p * dp;
                weights[lane] = p;
                context.localBarrier();
                int count = Math.min(Kernel.TREE, tokens - from);
                for (int t = 0; t < count; t++) {
                    keyGradient += lanes[t] * heap.get(queries + (from + t) * 3 * width + channel);
                    valueGradient += weights[t] * heap.get(dys + (from + t) * width + channel);
                }
            }
            if (first + lane < d) {
                heap.set(table.get(14) + at + channel, keyGradient * scale);
                heap.set(table.get(15) + at + channel, valueGradient);
            }
        }
    }

    private static float dot(FloatArray heap, int a, int b, int length) {
        float sum = 0f;
        for (int c = 0; c < length; c++) {
            sum += heap.get(a + c) * heap.get(b + c);
        }
        return sum;
    }
}
