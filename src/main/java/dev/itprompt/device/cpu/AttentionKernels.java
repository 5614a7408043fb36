package dev.itprompt.device.cpu;

/**
 * Multi-head self-attention with prefix keys and values, one head of one sample at a time: the head's keys and values are
 * packed, then a few query rows at a time go through scores, softmax and the sum over values without leaving the first-level
 * cache. The backward pass computes the probabilities again; of one head it keeps them and their gradients in panels whose
 * columns are keys, the layout in which the gradients of keys and values read them.
 */
final class AttentionKernels {

    /**
     * Extents of one attention. T = prefix + tokens keys.
     *
     * @param eachPrefix whether every sample has a prefix of its own
     */
    record Sizes(int batch, int tokens, int width, int heads, int prefix, boolean eachPrefix, boolean causal) {

        int head() {
            return width / heads;
        }

        int keys() {
            return prefix + tokens;
        }

        /** What scores are multiplied by. */
        float scale() {
            return (float) (1 / Math.sqrt(head()));
        }

        /** Bytes from one row of scores to the next: whole tiles, and whole panels of weights; read in place where that is possible. */
        long scoreRow() {
            long bytes = 4L * Math.max(Tiles.padded(keys()), Math.ceilDiv(keys(), Tiles.LEFT) * Tiles.LEFT);
            return bytes < Tiles.ROW ? Tiles.ROW : bytes + 64;
        }

        private long zeros() {
            return 4L * Tiles.padded(Math.max(keys(), head()));
        }

        /** Bytes of a row of scores before products are added: -infinity beyond the last key. */
        private long bounds() {
            return 4L * Tiles.padded(keys());
        }

        /** Queries that go through scores, softmax and the sum over values together; with a causal mask more would see too much. */
        int block() {
            return causal ? Tiles.ROWS : Tiles.BLOCK;
        }

        private long scoreRows() {
            return block() * scoreRow() + 4L * Tiles.BLOCK;
        }

        private long rowPanels(int rows) {
            return Gemm.packedBytes(rows, head());
        }

        /** Bytes of the keys, or the values, transposed: panels whose columns are keys. */
        private long keyPanels() {
            return Gemm.packedBytes(head(), keys());
        }

        /** Bytes from one panel of probabilities to the next. */
        long weightPanel() {
            return (long) tokens * Tiles.LEFT_PANEL;
        }

        private long weightPanels() {
            return (keys() + Tiles.LEFT - 1) / Tiles.LEFT * weightPanel();
        }

        long forwardBytes() {
            return Tiles.SCRATCH + zeros() + bounds() + keyPanels() + rowPanels(keys()) + scoreRows();
        }

        long backwardBytes() {
            return Tiles.SCRATCH + zeros() + bounds() + 2 * keyPanels() + rowPanels(keys()) + 2 * rowPanels(tokens)
                    + 2 * scoreRows() + 2 * weightPanels() + 4L * keys() * head();
        }

        /** Bytes of shared workspace of the backward pass: prefix gradients of every sample. */
        long sharedBytes() {
            return 2 * partialBytes();
        }

        private long partialBytes() {
            return eachPrefix ? 0 : 4L * batch * prefix * width;
        }

        /**
         * How many heads to bring near before item {@code item} of {@code from} to {@code to}: as many of one sample as half of the
         * second-level cache holds, at the first of these, else 0. A head alone has few neighbouring columns in a row, too few for
         * the processor to see them coming.
         */
        private int near(int item, int from, int to) {
            int group = Math.clamp(Caches.SECOND_LEVEL / 2 / (16L * tokens * head()), 1, heads);
            int head = item % heads;
            boolean first = item == from || head % group == 0;
            return first ? Math.min(to - item, Math.min(heads - head, group - head % group)) : 0;
        }

        private long work() {
            return (long) tokens * keys() * head() / 4;
        }
    }

    private AttentionKernels() {}

    /** Addresses; prefix addresses are unused when there is no prefix. */
    static void forward(Workers workers, Workspace space, Sizes s, long qkv, long prefixKeys, long prefixValues, long y) {
        workers.split(s.batch * s.heads, s.work(), (worker, from, to) -> {
            initialRows(s, space.of(worker));
            for (int item = from; item < to; item++) {
                int sample = item / s.heads;
                long column = 4L * (item % s.heads) * s.head();
                long q = qkv + 4L * sample * s.tokens * 3 * s.width + column;
                int near = s.near(item, from, to);
                if (near > 0) {
                    Lanes.touch(q, 3 * s.tokens, 4L * s.width, 4L * near * s.head(), space.of(worker));
                }
                long prefix = prefixOffset(s, sample) + column;
                long out = y + 4L * sample * s.tokens * s.width + column;
                forwardHead(s, q, prefixKeys + prefix, prefixValues + prefix, out, space.of(worker));
            }
        });
    }

    private static long prefixOffset(Sizes s, int sample) {
        return s.eachPrefix ? 4L * sample * s.prefix * s.width : 0;
    }

    private static void forwardHead(Sizes s, long q, long prefixKeys, long prefixValues, long out, long memory) {
        int head = s.head();
        long row = 12L * s.width;
        long zeros = memory + Tiles.SCRATCH;
        long bounds = zeros + s.zeros();
        long keys = bounds + s.bounds();
        long values = keys + s.keyPanels();
        long scores = values + s.rowPanels(s.keys());
        packTransposed(s, prefixKeys, q + 4L * s.width, keys);
        packValues(s, prefixValues, q + 8L * s.width, values);
        for (int i = 0; i < s.tokens; i += s.block()) {
            int rows = Math.min(s.block(), s.tokens - i);
            int seen = s.causal ? s.prefix + i + rows : s.keys();
            products(s, q + i * row, row, rows, keys, seen, bounds, scores, memory);
            exponentials(s, i, rows, SoftmaxRows.whole(seen), scores);
            long y = out + 4L * i * s.width;
            alongKeys(s, scores, rows, values, seen, zeros, y, 4L * s.width, memory);
            for (int r = 0; r < rows; r++) {
                Rows.scaleRow(y + 4L * r * s.width, Lanes.get(factors(s, scores) + 4L * r), y + 4L * r * s.width, head);
            }
        }
    }

    /** The rows that products start from, for all heads. */
    private static void initialRows(Sizes s, long memory) {
        long zeros = memory + Tiles.SCRATCH;
        long bounds = zeros + s.zeros();
        Lanes.clear(zeros, s.zeros() / 4);
        Lanes.clear(bounds, s.keys());
        Lanes.fill(bounds + 4L * s.keys(), Tiles.padded(s.keys()) - s.keys(), Float.NEGATIVE_INFINITY);
    }

    /**
     * Exponentials of scaled scores of {@code rows} queries from token {@code first} on, 0 for keys that a query does not see, and
     * after the rows the factors that make probabilities of them.
     */
    private static void exponentials(Sizes s, int first, int rows, int count, long scores) {
        SoftmaxRows.exponentials(scores, s.scoreRow(), rows, count, s.causal ? s.prefix + first + 1 : count, s.causal ? 1 : 0,
                s.scale(), factors(s, scores));
    }

    private static long factors(Sizes s, long scores) {
        return scores + s.block() * s.scoreRow();
    }

    /** Inner products of rows with each of the first {@code seen} keys (or values) in transposed panels. */
    private static void products(Sizes s, long x, long xRow, int rows, long panels, int seen, long init, long scores, long scratch) {
        Tiles.multiply(x, xRow, rows, panels, (long) s.head() * Tiles.PANEL, Tiles.padded(seen), s.head(), init, scores, s.scoreRow(),
                scratch);
    }

    /** Sums of the first {@code seen} rows of keys (or values) times scores. */
    private static void alongKeys(Sizes s, long scores, int rows, long panels, int seen, long zeros, long y, long yRow, long scratch) {
        long panelBytes = (long) s.keys() * Tiles.PANEL;
        if (s.scoreRow() == Tiles.ROW) {
            Tiles.multiplyInPlace(scores, rows, panels, panelBytes, s.head(), seen, zeros, y, yRow, scratch);
        } else {
            Tiles.multiply(scores, s.scoreRow(), rows, panels, panelBytes, s.head(), seen, zeros, y, yRow, scratch);
        }
    }

    /** Prefix rows and token rows of one head, transposed into panels over keys. */
    private static void packTransposed(Sizes s, long prefix, long tokens, long panels) {
        int head = s.head();
        long row = 4L * s.width;
        for (int j = 0; j < Tiles.padded(s.keys()); j += Lanes.COUNT) {
            int fromPrefix = Math.clamp(s.prefix - j, 0, Lanes.COUNT);
            int fromTokens = Math.clamp(s.keys() - j - fromPrefix, 0, Lanes.COUNT - fromPrefix);
            Packing.transposedRows(prefix + j * row, row, fromPrefix, tokens + (j + fromPrefix - s.prefix) * 3 * row, 3 * row,
                    fromTokens, head, panels + (long) j / Tiles.WIDTH * head * Tiles.PANEL + 4L * (j % Tiles.WIDTH));
        }
    }

    /** Prefix rows and token rows of one head into panels over the head's columns. */
    private static void packValues(Sizes s, long prefix, long tokens, long panels) {
        packHead(prefix, 4L * s.width, s.head(), 0, s.prefix, panels, s.keys());
        packHead(tokens, 12L * s.width, s.head(), s.prefix, s.keys(), panels, s.keys());
    }

    /** Rows of x become rows {@code first} to {@code end} of panels of {@code rows}. */
    private static void packHead(long x, long row, int head, int first, int end, long panels, int rows) {
        for (int j = 0; j < head; j += Tiles.WIDTH) {
            long panel = panels + (long) j / Tiles.WIDTH * rows * Tiles.PANEL;
            Packing.panel(x + 4L * j, row, end - first, Math.min(Tiles.WIDTH, head - j), panel + (long) first * Tiles.PANEL);
        }
    }

    /**
     * Gradients with respect to qkv and, unless their addresses are 0, to prefix keys and values.
     *
     * @param dy gradient of the result
     */
    static void backward(Workers workers, Workspace space, Sizes s, long qkv, long prefixKeys, long prefixValues, long dy,
            long dqkv, long dPrefixKeys, long dPrefixValues) {
        boolean partial = !s.eachPrefix;
        long dKeys = dPrefixKeys == 0 ? 0 : partial ? space.shared() : dPrefixKeys;
        long dValues = dPrefixValues == 0 ? 0 : partial ? space.shared() + s.partialBytes() : dPrefixValues;
        workers.split(s.batch * s.heads, 3 * s.work(), (worker, from, to) -> {
            initialRows(s, space.of(worker));
            for (int item = from; item < to; item++) {
                int sample = item / s.heads;
                long column = 4L * (item % s.heads) * s.head();
                long tokenOffset = 4L * sample * s.tokens * s.width;
                int near = s.near(item, from, to);
                if (near > 0) {
                    long bytes = 4L * near * s.head();
                    Lanes.touch(qkv + 3 * tokenOffset + column, 3 * s.tokens, 4L * s.width, bytes, space.of(worker));
                    Lanes.touch(dy + tokenOffset + column, s.tokens, 4L * s.width, bytes, space.of(worker));
                }
                long prefix = prefixOffset(s, sample) + column;
                long prefixGradient = 4L * sample * s.prefix * s.width + column;
                backwardHead(s, qkv + 3 * tokenOffset + column, prefixKeys + prefix, prefixValues + prefix,
                        dy + tokenOffset + column, dqkv + 3 * tokenOffset + column, dKeys == 0 ? 0 : dKeys + prefixGradient,
                        dValues == 0 ? 0 : dValues + prefixGradient, space.of(worker));
            }
        });
        if (partial) {
            addSamples(workers, dKeys, s, dPrefixKeys);
            addSamples(workers, dValues, s, dPrefixValues);
        }
    }

    private static void addSamples(Workers workers, long partial, Sizes s, long sum) {
        if (sum == 0) {
            return;
        }
        int size = s.prefix * s.width;
        Elementwise.pieces(workers, size, s.batch, (from, count) -> {
            Lanes.copyRow(partial + from, sum + from, count);
            for (int b = 1; b < s.batch; b++) {
                Elementwise.addTo(partial + 4L * b * size + from, sum + from, count);
            }
        });
    }

    private static void backwardHead(Sizes s, long q, long prefixKeys, long prefixValues, long dy, long dq, long dPrefixKeys,
            long dPrefixValues, long memory) {
        int head = s.head();
        int keys = s.keys();
        long row = 12L * s.width;
        long zeros = memory + Tiles.SCRATCH;
        long bounds = zeros + s.zeros();
        long keysTransposed = bounds + s.bounds();
        long valuesTransposed = keysTransposed + s.keyPanels();
        long keyRows = valuesTransposed + s.keyPanels();
        long queryRows = keyRows + s.rowPanels(keys);
        long dyRows = queryRows + s.rowPanels(s.tokens);
        long scores = dyRows + s.rowPanels(s.tokens);
        long dScores = scores + s.scoreRows();
        long weights = dScores + s.scoreRows();
        long dWeights = weights + s.weightPanels();
        long sums = dWeights + s.weightPanels();
        packTransposed(s, prefixKeys, q + 4L * s.width, keysTransposed);
        packTransposed(s, prefixValues, q + 8L * s.width, valuesTransposed);
        packValues(s, prefixKeys, q + 4L * s.width, keyRows);
        packHead(q, row, head, 0, s.tokens, queryRows, s.tokens);
        packHead(dy, 4L * s.width, head, 0, s.tokens, dyRows, s.tokens);
        for (int i = 0; i < s.tokens; i += s.block()) {
            int rows = Math.min(s.block(), s.tokens - i);
            int seen = s.causal ? s.prefix + i + rows : keys;
            products(s, q + i * row, row, rows, keysTransposed, seen, bounds, scores, memory);
            exponentials(s, i, rows, SoftmaxRows.whole(keys), scores);
            products(s, dy + 4L * i * s.width, 4L * s.width, rows, valuesTransposed, seen, zeros, dScores, memory);
            scoreGradients(s, i, rows, seen, scores, dScores, weights, dWeights);
            alongKeys(s, dScores, rows, keyRows, seen, zeros, dq + i * row, row, memory);
        }
        keyGradients(s, dWeights, queryRows, zeros, sums, memory);
        copyKeys(s, sums, dPrefixKeys, dq + 4L * s.width);
        keyGradients(s, weights, dyRows, zeros, sums, memory);
        copyKeys(s, sums, dPrefixValues, dq + 8L * s.width);
    }

    /** From exponentials and the gradients of probabilities to those of the scores, and both into panels. */
    private static void scoreGradients(Sizes s, int first, int rows, int seen, long scores, long dScores, long weights,
            long dWeights) {
        int count = SoftmaxRows.whole(s.keys());
        for (int r = 0; s.causal && r < rows; r++) {
            Lanes.fill(dScores + r * s.scoreRow() + 4L * seen, count - seen, 0);
        }
        long offset = (long) first * Tiles.LEFT_PANEL;
        SoftmaxRows.gradients(scores, factors(s, scores), dScores, s.scoreRow(), rows, count, s.scale(), weights + offset,
                dWeights + offset, s.weightPanel());
    }

    /** {@code weightsᵀ·rows}, [keys, head]. With a causal mask, queries before a key's block are skipped. */
    private static void keyGradients(Sizes s, long weights, long rows, long zeros, long sums, long scratch) {
        int block = s.causal ? Tiles.LEFT : s.keys();
        for (int j = 0; j < s.keys(); j += block) {
            int first = s.causal ? Math.max(0, j - s.prefix) : 0;
            Tiles.multiplyTransposed(weights + j / Tiles.LEFT * s.weightPanel() + (long) first * Tiles.LEFT_PANEL, s.weightPanel(),
                    Math.min(block, s.keys() - j), rows + (long) first * Tiles.PANEL, (long) s.tokens * Tiles.PANEL, s.head(),
                    s.tokens - first, zeros, sums + 4L * j * s.head(), 4L * s.head(), scratch);
        }
    }

    /** Gradients of prefix keys to one place, unless that is 0, and of token keys to another. */
    private static void copyKeys(Sizes s, long sums, long dPrefix, long dTokens) {
        for (int j = 0; j < s.keys(); j++) {
            long from = sums + 4L * j * s.head();
            if (j >= s.prefix) {
                Lanes.copyRow(from, dTokens + 12L * (j - s.prefix) * s.width, s.head());
            } else if (dPrefix != 0) {
                Lanes.copyRow(from, dPrefix + 4L * j * s.width, s.head());
            }
        }
    }
}
