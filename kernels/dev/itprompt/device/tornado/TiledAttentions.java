package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@link Attentions} for GPUs: a work-group takes {@value #TILE} queries (or keys) of a head and goes over the keys (or queries) a tile at
 * a time, with both in local memory, so that each number from the heap is used {@value #TILE} times. The maximum and the sum of a softmax
 * are corrected from tile to tile (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018). Heads are at most
 * {@value #CHANNELS} wide.
 *
 * <p>Groups are squares of {@value #SIDE} x {@value #SIDE} items. An item computes 2 x 2 values of a tile of scores, in rows and columns
 * {@value #SIDE} apart, and 2 x 4 of the result. Tables, numbers and results are those of {@link Attentions}; rows beyond the last one
 * repeat it and are not written.
 */
final class TiledAttentions {

    /** Queries, or keys, of a work-group. */
    static final int TILE = 32;
    /** Widest head. */
    static final int CHANNELS = 64;
    private static final int SIDE = 16;
    private static final int ITEMS = SIDE * SIDE;
    /** From one row to the next in local memory: one more than it needs, so that neighbouring items use different banks. */
    private static final int ROW = CHANNELS + 1;
    private static final int SCORES = TILE + 1;
    /** Local memory of the kernel that takes most. */
    static final int LOCAL_BYTES = Float.BYTES * (4 * TILE * ROW + 2 * TILE * SCORES + 2 * TILE);
    /** Scores of keys that a query does not see. */
    private static final float UNSEEN = -1e30f;

    private TiledAttentions() {}

    /** Groups: batch · heads · ⌈tokens/{@value #TILE}⌉. Local memory: 29 KiB. */
    static void forward(KernelContext context, FloatArray heap, IntArray table) {
        float[] queries = context.allocateFloatLocalArray(TILE * ROW);
        float[] keys = context.allocateFloatLocalArray(TILE * ROW);
        float[] values = context.allocateFloatLocalArray(TILE * ROW);
        float[] weights = context.allocateFloatLocalArray(TILE * SCORES);
        float[] maxima = context.allocateFloatLocalArray(TILE);
        float[] factors = context.allocateFloatLocalArray(TILE);
        int item = context.localIdx;
        int down = item / SIDE;
        int across = item % SIDE;
        int tokens = table.get(4);
        int width = table.get(5);
        int heads = table.get(6);
        int prefixes = table.get(7);
        int d = width / heads;
        float scale = heap.get(table.get(Launch.NUMBERS));
        int blocks = (tokens + TILE - 1) / TILE;
        int first = context.groupIdx % blocks * TILE;
        int head = context.groupIdx / blocks % heads;
        int sample = context.groupIdx / (blocks * heads);
        int query = table.get(0) + sample * tokens * 3 * width + head * d;
        int ahead = sample * table.get(8) * prefixes * width + head * d;
        int seen = prefixes + (table.get(9) > 0 ? Math.min(tokens, first + TILE) : tokens);
        int limit0 = table.get(9) > 0 ? prefixes + first + down + 1 : seen;
        int limit1 = table.get(9) > 0 ? prefixes + first + down + SIDE + 1 : seen;
        for (int i = item; i < TILE * CHANNELS; i += ITEMS) {
            int token = Math.min(first + i / CHANNELS, tokens - 1);
            int c = i % CHANNELS;
            queries[i / CHANNELS * ROW + c] = c < d ? scale * heap.get(query + token * 3 * width + c) : 0f;
        }
        if (item < TILE) {
            maxima[item] = UNSEEN;
        }
        float total0 = 0f;
        float total1 = 0f;
        float y00 = 0f;
        float y01 = 0f;
        float y02 = 0f;
        float y03 = 0f;
        float y10 = 0f;
        float y11 = 0f;
        float y12 = 0f;
        float y13 = 0f;
        for (int from = 0; from < seen; from += TILE) {
            context.localBarrier();
            for (int i = item; i < TILE * CHANNELS; i += ITEMS) {
                int j = Math.min(from + i / CHANNELS, seen - 1);
                int c = i % CHANNELS;
                int key = j < prefixes ? table.get(1) + ahead + j * width : query + width + (j - prefixes) * 3 * width;
                int value = j < prefixes ? table.get(2) + ahead + j * width : query + 2 * width + (j - prefixes) * 3 * width;
                keys[i / CHANNELS * ROW + c] = c < d ? heap.get(key + c) : 0f;
                values[i / CHANNELS * ROW + c] = c < d ? heap.get(value + c) : 0f;
            }
            context.localBarrier();
            float s00 = 0f;
            float s01 = 0f;
            float s10 = 0f;
            float s11 = 0f;
            for (int c = 0; c < d; c++) {
                float q0 = queries[down * ROW + c];
                float q1 = queries[(down + SIDE) * ROW + c];
                float k0 = keys[across * ROW + c];
                float k1 = keys[(across + SIDE) * ROW + c];
                s00 += q0 * k0;
                s01 += q0 * k1;
                s10 += q1 * k0;
                s11 += q1 * k1;
            }
            s00 = from + across < limit0 ? s00 : UNSEEN;
            s01 = from + across + SIDE < limit0 ? s01 : UNSEEN;
            s10 = from + across < limit1 ? s10 : UNSEEN;
            s11 = from + across + SIDE < limit1 ? s11 : UNSEEN;
            weights[down * SCORES + across] = s00;
            weights[down * SCORES + across + SIDE] = s01;
            weights[(down + SIDE) * SCORES + across] = s10;
            weights[(down + SIDE) * SCORES + across + SIDE] = s11;
            context.localBarrier();
            if (item < TILE) {
                float largest = maxima[item];
                for (int t = 0; t < TILE; t++) {
                    largest = TornadoMath.max(largest, weights[item * SCORES + t]);
                }
                factors[item] = TornadoMath.exp(maxima[item] - largest);
                maxima[item] = largest;
            }
            context.localBarrier();
            float factor0 = factors[down];
            float factor1 = factors[down + SIDE];
            s00 = TornadoMath.exp(s00 - maxima[down]);
            s01 = TornadoMath.exp(s01 - maxima[down]);
            s10 = TornadoMath.exp(s10 - maxima[down + SIDE]);
            s11 = TornadoMath.exp(s11 - maxima[down + SIDE]);
            weights[down * SCORES + across] = s00;
            weights[down * SCORES + across + SIDE] = s01;
            weights[(down + SIDE) * SCORES + across] = s10;
            weights[(down + SIDE) * SCORES + across + SIDE] = s11;
            total0 = total0 * factor0 + s00 + s01;
            total1 = total1 * factor1 + s10 + s11;
            y00 *= factor0;
            y01 *= factor0;
            y02 *= factor0;
            y03 *= factor0;
            y10 *= factor1;
            y11 *= factor1;
            y12 *= factor1;
            y13 *= factor1;
            context.localBarrier();
            for (int t = 0; t < TILE; t++) {
                float p0 = weights[down * SCORES + t];
                float p1 = weights[(down + SIDE) * SCORES + t];
                float v0 = values[t * ROW + across];
                float v1 = values[t * ROW + across + SIDE];
                float v2 = values[t * ROW + across + 2 * SIDE];
                float v3 = values[t * ROW + across + 3 * SIDE];
                y00 += p0 * v0;
                y01 += p0 * v1;
                y02 += p0 * v2;
                y03 += p0 * v3;
                y10 += p1 * v0;
                y11 += p1 * v1;
                y12 += p1 * v2;
                y13 += p1 * v3;
            }
        }
        context.localBarrier();
        weights[down * SCORES + across] = total0;
        weights[(down + SIDE) * SCORES + across] = total1;
        context.localBarrier();
        total0 = 0f;
        total1 = 0f;
        for (int t = 0; t < SIDE; t++) {
            total0 += weights[down * SCORES + t];
            total1 += weights[(down + SIDE) * SCORES + t];
        }
        int y = table.get(10) + (sample * tokens + first + down) * width + head * d + across;
        boolean inside0 = first + down < tokens;
        boolean inside1 = first + down + SIDE < tokens;
        if (table.get(11) >= 0) {
            int sums = table.get(11) + (sample * heads + head) * tokens + first + down;
            Linear.store(heap, sums, maxima[down] + TornadoMath.log(total0), inside0 && across == 0);
            Linear.store(heap, sums + SIDE, maxima[down + SIDE] + TornadoMath.log(total1), inside1 && across == 0);
        }
        Linear.store(heap, y, y00 / total0, inside0 && across < d);
        Linear.store(heap, y + SIDE, y01 / total0, inside0 && across + SIDE < d);
        Linear.store(heap, y + 2 * SIDE, y02 / total0, inside0 && across + 2 * SIDE < d);
        Linear.store(heap, y + 3 * SIDE, y03 / total0, inside0 && across + 3 * SIDE < d);
        Linear.store(heap, y + SIDE * width, y10 / total1, inside1 && across < d);
        Linear.store(heap, y + SIDE * width + SIDE, y11 / total1, inside1 && across + SIDE < d);
        Linear.store(heap, y + SIDE * width + 2 * SIDE, y12 / total1, inside1 && across + 2 * SIDE < d);
        Linear.store(heap, y + SIDE * width + 3 * SIDE, y13 / total1, inside1 && across + 3 * SIDE < d);
    }

    /** Groups: batch · heads · ⌈tokens/{@value #TILE}⌉. Local memory: 37 KiB. */
    static void queryGradient(KernelContext context, FloatArray heap, IntArray table) {
        float[] queries = context.allocateFloatLocalArray(TILE * ROW);
        float[] gradients = context.allocateFloatLocalArray(TILE * ROW);
        float[] keys = context.allocateFloatLocalArray(TILE * ROW);
        float[] values = context.allocateFloatLocalArray(TILE * ROW);
        float[] weights = context.allocateFloatLocalArray(TILE * SCORES);
        float[] logarithms = context.allocateFloatLocalArray(TILE);
        float[] means = context.allocateFloatLocalArray(TILE);
        int item = context.localIdx;
        int down = item / SIDE;
        int across = item % SIDE;
        int tokens = table.get(4);
        int width = table.get(5);
        int heads = table.get(6);
        int prefixes = table.get(7);
        int d = width / heads;
        float scale = heap.get(table.get(Launch.NUMBERS));
        int blocks = (tokens + TILE - 1) / TILE;
        int first = context.groupIdx % blocks * TILE;
        int head = context.groupIdx / blocks % heads;
        int sample = context.groupIdx / (blocks * heads);
        int query = table.get(0) + sample * tokens * 3 * width + head * d;
        int ahead = sample * table.get(8) * prefixes * width + head * d;
        int seen = prefixes + (table.get(9) > 0 ? Math.min(tokens, first + TILE) : tokens);
        int limit0 = table.get(9) > 0 ? prefixes + first + down + 1 : seen;
        int limit1 = table.get(9) > 0 ? prefixes + first + down + SIDE + 1 : seen;
        int dy = table.get(10) + sample * tokens * width + head * d;
        for (int i = item; i < TILE * CHANNELS; i += ITEMS) {
            int token = Math.min(first + i / CHANNELS, tokens - 1);
            int c = i % CHANNELS;
            queries[i / CHANNELS * ROW + c] = c < d ? scale * heap.get(query + token * 3 * width + c) : 0f;
            gradients[i / CHANNELS * ROW + c] = c < d ? heap.get(dy + token * width + c) : 0f;
        }
        int statistics = (sample * heads + head) * tokens + first;
        if (item < TILE) {
            logarithms[item] = heap.get(table.get(12) + statistics + Math.min(item, tokens - 1 - first));
        }
        float product0 = 0f;
        float product1 = 0f;
        for (int from = 0; from < seen; from += TILE) {
            context.localBarrier();
            for (int i = item; i < TILE * CHANNELS; i += ITEMS) {
                int j = Math.min(from + i / CHANNELS, seen - 1);
                int c = i % CHANNELS;
                int key = j < prefixes ? table.get(1) + ahead + j * width : query + width + (j - prefixes) * 3 * width;
                int value = j < prefixes ? table.get(2) + ahead + j * width : query + 2 * width + (j - prefixes) * 3 * width;
                keys[i / CHANNELS * ROW + c] = c < d ? heap.get(key + c) : 0f;
                values[i / CHANNELS * ROW + c] = c < d ? heap.get(value + c) : 0f;
            }
            context.localBarrier();
            float s00 = 0f;
            float s01 = 0f;
            float s10 = 0f;
            float s11 = 0f;
            float x00 = 0f;
            float x01 = 0f;
            float x10 = 0f;
            float x11 = 0f;
            for (int c = 0; c < d; c++) {
                float q0 = queries[down * ROW + c];
                float q1 = queries[(down + SIDE) * ROW + c];
                float k0 = keys[across * ROW + c];
                float k1 = keys[(across + SIDE) * ROW + c];
                s00 += q0 * k0;
                s01 += q0 * k1;
                s10 += q1 * k0;
                s11 += q1 * k1;
                float g0 = gradients[down * ROW + c];
                float g1 = gradients[(down + SIDE) * ROW + c];
                float v0 = values[across * ROW + c];
                float v1 = values[(across + SIDE) * ROW + c];
                x00 += g0 * v0;
                x01 += g0 * v1;
                x10 += g1 * v0;
                x11 += g1 * v1;
            }
            s00 = from + across < limit0 ? s00 : UNSEEN;
            s01 = from + across + SIDE < limit0 ? s01 : UNSEEN;
            s10 = from + across < limit1 ? s10 : UNSEEN;
            s11 = from + across + SIDE < limit1 ? s11 : UNSEEN;
            product0 += TornadoMath.exp(s00 - logarithms[down]) * x00 + TornadoMath.exp(s01 - logarithms[down]) * x01;
            product1 += TornadoMath.exp(s10 - logarithms[down + SIDE]) * x10 + TornadoMath.exp(s11 - logarithms[down + SIDE]) * x11;
        }
        weights[down * SCORES + across] = product0;
        weights[(down + SIDE) * SCORES + across] = product1;
        context.localBarrier();
        if (item < TILE) {
            float product = 0f;
            for (int t = 0; t < SIDE; t++) {
                product += weights[item * SCORES + t];
            }
            means[item] = product;
            Linear.store(heap, table.get(13) + statistics + item, product, first + item < tokens);
        }
        context.localBarrier();
        float logarithm0 = logarithms[down];
        float logarithm1 = logarithms[down + SIDE];
        float mean0 = means[down];
        float mean1 = means[down + SIDE];
        float y00 = 0f;
        float y01 = 0f;
        float y02 = 0f;
        float y03 = 0f;
        float y10 = 0f;
        float y11 = 0f;
        float y12 = 0f;
        float y13 = 0f;
        for (int from = 0; from < seen; from += TILE) {
            context.localBarrier();
            for (int i = item; i < TILE * CHANNELS; i += ITEMS) {
                int j = Math.min(from + i / CHANNELS, seen - 1);
                int c = i % CHANNELS;
                int key = j < prefixes ? table.get(1) + ahead + j * width : query + width + (j - prefixes) * 3 * width;
                int value = j < prefixes ? table.get(2) + ahead + j * width : query + 2 * width + (j - prefixes) * 3 * width;
                keys[i / CHANNELS * ROW + c] = c < d ? heap.get(key + c) : 0f;
                values[i / CHANNELS * ROW + c] = c < d ? heap.get(value + c) : 0f;
            }
            context.localBarrier();
            float s00 = 0f;
            float s01 = 0f;
            float s10 = 0f;
            float s11 = 0f;
            float x00 = 0f;
            float x01 = 0f;
            float x10 = 0f;
            float x11 = 0f;
            for (int c = 0; c < d; c++) {
                float q0 = queries[down * ROW + c];
                float q1 = queries[(down + SIDE) * ROW + c];
                float k0 = keys[across * ROW + c];
                float k1 = keys[(across + SIDE) * ROW + c];
                s00 += q0 * k0;
                s01 += q0 * k1;
                s10 += q1 * k0;
                s11 += q1 * k1;
                float g0 = gradients[down * ROW + c];
                float g1 = gradients[(down + SIDE) * ROW + c];
                float v0 = values[across * ROW + c];
                float v1 = values[(across + SIDE) * ROW + c];
                x00 += g0 * v0;
                x01 += g0 * v1;
                x10 += g1 * v0;
                x11 += g1 * v1;
            }
            s00 = from + across < limit0 ? s00 : UNSEEN;
            s01 = from + across + SIDE < limit0 ? s01 : UNSEEN;
            s10 = from + across < limit1 ? s10 : UNSEEN;
            s11 = from + across + SIDE < limit1 ? s11 : UNSEEN;
            s00 = TornadoMath.exp(s00 - logarithm0);
            s01 = TornadoMath.exp(s01 - logarithm0);
            s10 = TornadoMath.exp(s10 - logarithm1);
            s11 = TornadoMath.exp(s11 - logarithm1);
            s00 *= x00 - mean0;
            s01 *= x01 - mean0;
            s10 *= x10 - mean1;
            s11 *= x11 - mean1;
            weights[down * SCORES + across] = s00;
            weights[down * SCORES + across + SIDE] = s01;
            weights[(down + SIDE) * SCORES + across] = s10;
            weights[(down + SIDE) * SCORES + across + SIDE] = s11;
            context.localBarrier();
            for (int t = 0; t < TILE; t++) {
                float p0 = weights[down * SCORES + t];
                float p1 = weights[(down + SIDE) * SCORES + t];
                float k0 = keys[t * ROW + across];
                float k1 = keys[t * ROW + across + SIDE];
                float k2 = keys[t * ROW + across + 2 * SIDE];
                float k3 = keys[t * ROW + across + 3 * SIDE];
                y00 += p0 * k0;
                y01 += p0 * k1;
                y02 += p0 * k2;
                y03 += p0 * k3;
                y10 += p1 * k0;
                y11 += p1 * k1;
                y12 += p1 * k2;
                y13 += p1 * k3;
            }
        }
        int dq = table.get(11) + (sample * tokens + first + down) * 3 * width + head * d + across;
        boolean inside0 = first + down < tokens;
        boolean inside1 = first + down + SIDE < tokens;
        Linear.store(heap, dq, y00 * scale, inside0 && across < d);
        Linear.store(heap, dq + SIDE, y01 * scale, inside0 && across + SIDE < d);
        Linear.store(heap, dq + 2 * SIDE, y02 * scale, inside0 && across + 2 * SIDE < d);
        Linear.store(heap, dq + 3 * SIDE, y03 * scale, inside0 && across + 3 * SIDE < d);
        Linear.store(heap, dq + SIDE * 3 * width, y10 * scale, inside1 && across < d);
        Linear.store(heap, dq + SIDE * 3 * width + SIDE, y11 * scale, inside1 && across + SIDE < d);
        Linear.store(heap, dq + SIDE * 3 * width + 2 * SIDE, y12 * scale, inside1 && across + 2 * SIDE < d);
        Linear.store(heap, dq + SIDE * 3 * width + 3 * SIDE, y13 * scale, inside1 && across + 3 * SIDE < d);
    }

    /** Groups: batch · heads · ⌈rows/{@value #TILE}⌉. Local memory: 41 KiB. */
    static void keyGradient(KernelContext context, FloatArray heap, IntArray table) {
        float[] keys = context.allocateFloatLocalArray(TILE * ROW);
        float[] values = context.allocateFloatLocalArray(TILE * ROW);
        float[] queries = context.allocateFloatLocalArray(TILE * ROW);
        float[] gradients = context.allocateFloatLocalArray(TILE * ROW);
        float[] weights = context.allocateFloatLocalArray(TILE * SCORES);
        float[] slopes = context.allocateFloatLocalArray(TILE * SCORES);
        float[] logarithms = context.allocateFloatLocalArray(TILE);
        float[] means = context.allocateFloatLocalArray(TILE);
        int item = context.localIdx;
        int down = item / SIDE;
        int across = item % SIDE;
        int tokens = table.get(4);
        int width = table.get(5);
        int heads = table.get(6);
        int d = width / heads;
        float scale = heap.get(table.get(Launch.NUMBERS));
        int rows = table.get(17);
        int blocks = (rows + TILE - 1) / TILE;
        int first = context.groupIdx % blocks * TILE;
        int head = context.groupIdx / blocks % heads;
        int sample = context.groupIdx / (blocks * heads);
        int at = sample * rows * table.get(16) + head * d;
        int read = table.get(18) > 0 ? head * d : at;
        for (int i = item; i < TILE * CHANNELS; i += ITEMS) {
            int row = read + Math.min(first + i / CHANNELS, rows - 1) * table.get(16);
            int c = i % CHANNELS;
            keys[i / CHANNELS * ROW + c] = c < d ? heap.get(table.get(12) + row + c) : 0f;
            values[i / CHANNELS * ROW + c] = c < d ? heap.get(table.get(13) + row + c) : 0f;
        }
        int first0 = table.get(19) > 0 ? first + down : 0;
        int first1 = table.get(19) > 0 ? first + down + SIDE : 0;
        int begin = table.get(19) > 0 ? first : 0;
        float k00 = 0f;
        float k01 = 0f;
        float k02 = 0f;
        float k03 = 0f;
        float k10 = 0f;
        float k11 = 0f;
        float k12 = 0f;
        float k13 = 0f;
        float v00 = 0f;
        float v01 = 0f;
        float v02 = 0f;
        float v03 = 0f;
        float v10 = 0f;
        float v11 = 0f;
        float v12 = 0f;
        float v13 = 0f;
        int query = table.get(0) + sample * tokens * 3 * width + head * d;
        int dy = table.get(10) + sample * tokens * width + head * d;
        int statistics = (sample * heads + head) * tokens;
        for (int from = begin; from < tokens; from += TILE) {
            context.localBarrier();
            for (int i = item; i < TILE * CHANNELS; i += ITEMS) {
                int token = Math.min(from + i / CHANNELS, tokens - 1);
                int c = i % CHANNELS;
                queries[i / CHANNELS * ROW + c] = c < d ? scale * heap.get(query + token * 3 * width + c) : 0f;
                gradients[i / CHANNELS * ROW + c] = c < d ? heap.get(dy + token * width + c) : 0f;
            }
            if (item < TILE) {
                int token = Math.min(from + item, tokens - 1);
                logarithms[item] = heap.get(table.get(11) + statistics + token);
                means[item] = heap.get(table.get(20) + statistics + token);
            }
            context.localBarrier();
            float s00 = 0f;
            float s01 = 0f;
            float s10 = 0f;
            float s11 = 0f;
            float x00 = 0f;
            float x01 = 0f;
            float x10 = 0f;
            float x11 = 0f;
            for (int c = 0; c < d; c++) {
                float k0 = keys[down * ROW + c];
                float k1 = keys[(down + SIDE) * ROW + c];
                float q0 = queries[across * ROW + c];
                float q1 = queries[(across + SIDE) * ROW + c];
                s00 += k0 * q0;
                s01 += k0 * q1;
                s10 += k1 * q0;
                s11 += k1 * q1;
                float v0 = values[down * ROW + c];
                float v1 = values[(down + SIDE) * ROW + c];
                float g0 = gradients[across * ROW + c];
                float g1 = gradients[(across + SIDE) * ROW + c];
                x00 += v0 * g0;
                x01 += v0 * g1;
                x10 += v1 * g0;
                x11 += v1 * g1;
            }
            s00 = from + across < tokens && from + across >= first0 ? s00 - logarithms[across] : UNSEEN;
            s01 = from + across + SIDE < tokens && from + across + SIDE >= first0 ? s01 - logarithms[across + SIDE] : UNSEEN;
            s10 = from + across < tokens && from + across >= first1 ? s10 - logarithms[across] : UNSEEN;
            s11 = from + across + SIDE < tokens && from + across + SIDE >= first1 ? s11 - logarithms[across + SIDE] : UNSEEN;
            s00 = TornadoMath.exp(s00);
            s01 = TornadoMath.exp(s01);
            s10 = TornadoMath.exp(s10);
            s11 = TornadoMath.exp(s11);
            weights[down * SCORES + across] = s00;
            weights[down * SCORES + across + SIDE] = s01;
            weights[(down + SIDE) * SCORES + across] = s10;
            weights[(down + SIDE) * SCORES + across + SIDE] = s11;
            s00 *= x00 - means[across];
            s01 *= x01 - means[across + SIDE];
            s10 *= x10 - means[across];
            s11 *= x11 - means[across + SIDE];
            slopes[down * SCORES + across] = s00;
            slopes[down * SCORES + across + SIDE] = s01;
            slopes[(down + SIDE) * SCORES + across] = s10;
            slopes[(down + SIDE) * SCORES + across + SIDE] = s11;
            context.localBarrier();
            for (int t = 0; t < TILE; t++) {
                float p0 = weights[down * SCORES + t];
                float p1 = weights[(down + SIDE) * SCORES + t];
                float g0 = gradients[t * ROW + across];
                float g1 = gradients[t * ROW + across + SIDE];
                float g2 = gradients[t * ROW + across + 2 * SIDE];
                float g3 = gradients[t * ROW + across + 3 * SIDE];
                v00 += p0 * g0;
                v01 += p0 * g1;
                v02 += p0 * g2;
                v03 += p0 * g3;
                v10 += p1 * g0;
                v11 += p1 * g1;
                v12 += p1 * g2;
                v13 += p1 * g3;
                float w0 = slopes[down * SCORES + t];
                float w1 = slopes[(down + SIDE) * SCORES + t];
                float q0 = queries[t * ROW + across];
                float q1 = queries[t * ROW + across + SIDE];
                float q2 = queries[t * ROW + across + 2 * SIDE];
                float q3 = queries[t * ROW + across + 3 * SIDE];
                k00 += w0 * q0;
                k01 += w0 * q1;
                k02 += w0 * q2;
                k03 += w0 * q3;
                k10 += w1 * q0;
                k11 += w1 * q1;
                k12 += w1 * q2;
                k13 += w1 * q3;
            }
        }
        int y = at + (first + down) * table.get(16) + across;
        boolean inside0 = first + down < rows;
        boolean inside1 = first + down + SIDE < rows;
        int dk = table.get(14) + y;
        int dv = table.get(15) + y;
        int below = SIDE * table.get(16);
        Linear.store(heap, dk, k00, inside0 && across < d);
        Linear.store(heap, dk + SIDE, k01, inside0 && across + SIDE < d);
        Linear.store(heap, dk + 2 * SIDE, k02, inside0 && across + 2 * SIDE < d);
        Linear.store(heap, dk + 3 * SIDE, k03, inside0 && across + 3 * SIDE < d);
        Linear.store(heap, dk + below, k10, inside1 && across < d);
        Linear.store(heap, dk + below + SIDE, k11, inside1 && across + SIDE < d);
        Linear.store(heap, dk + below + 2 * SIDE, k12, inside1 && across + 2 * SIDE < d);
        Linear.store(heap, dk + below + 3 * SIDE, k13, inside1 && across + 3 * SIDE < d);
        Linear.store(heap, dv, v00, inside0 && across < d);
        Linear.store(heap, dv + SIDE, v01, inside0 && across + SIDE < d);
        Linear.store(heap, dv + 2 * SIDE, v02, inside0 && across + 2 * SIDE < d);
        Linear.store(heap, dv + 3 * SIDE, v03, inside0 && across + 3 * SIDE < d);
        Linear.store(heap, dv + below, v10, inside1 && across < d);
        Linear.store(heap, dv + below + SIDE, v11, inside1 && across + SIDE < d);
        Linear.store(heap, dv + below + 2 * SIDE, v12, inside1 && across + 2 * SIDE < d);
        Linear.store(heap, dv + below + 3 * SIDE, v13, inside1 && across + 3 * SIDE < d);
    }
}
