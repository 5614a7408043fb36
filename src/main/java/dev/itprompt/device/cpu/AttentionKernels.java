package dev.itprompt.device.cpu;

/**
 * Multi-head self-attention with prefix keys and values, one head of one sample at a time: the head's keys and values are
 * packed, then a few query rows at a time go through scores, softmax and the sum over values without leaving the cache. The
 * backward pass computes the probabilities again and keeps them and their gradients for one head.
 */
final class AttentionKernels {

    /** Keys whose gradients are computed together: with a causal mask, rows above them are skipped. */
    private static final int KEYS = 8 * Tiles.ROWS;

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

        /** Bytes from one row of scores to the next. */
        long scoreRow() {
            return 4L * Tiles.padded(keys()) + 64;
        }

        private long keyPanels() {
            return Gemm.packedBytes(head(), keys());
        }

        private long headPanels(int rows) {
            return Gemm.packedBytes(rows, head());
        }

        private long zeros() {
            return 4L * (Tiles.padded(keys()) + Tiles.padded(head()));
        }

        long forwardBytes() {
            return Tiles.SCRATCH + zeros() + keyPanels() + headPanels(keys()) + Tiles.ROWS * scoreRow();
        }

        long backwardBytes() {
            return Tiles.SCRATCH + zeros() + 2 * keyPanels() + headPanels(keys()) + 2 * headPanels(tokens)
                    + 2 * tokens * scoreRow();
        }

        /** Bytes of shared workspace of the backward pass: prefix gradients of every sample. */
        long sharedBytes() {
            return 2 * partialBytes();
        }

        private long partialBytes() {
            return eachPrefix ? 0 : 4L * batch * prefix * width;
        }

        private long work() {
            return (long) tokens * keys() * head() / 4;
        }
    }

    private AttentionKernels() {}

    /** Addresses; prefix addresses are unused when there is no prefix. */
    static void forward(Workers workers, Workspace space, Sizes s, long qkv, long prefixKeys, long prefixValues, long y) {
        workers.split(s.batch * s.heads, s.work(), (worker, from, to) -> {
            for (int item = from; item < to; item++) {
                int sample = item / s.heads;
                long column = 4L * (item % s.heads) * s.head();
                long q = qkv + 4L * sample * s.tokens * 3 * s.width + column;
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
        long keys = zeros + s.zeros();
        long values = keys + s.keyPanels();
        long scores = values + s.headPanels(s.keys());
        long panelBytes = (long) s.keys() * Tiles.PANEL;
        Lanes.clear(zeros, s.zeros() / 4);
        packTransposed(s, prefixKeys, q + 4L * s.width, keys);
        packValues(s, prefixValues, q + 8L * s.width, values);
        for (int i = 0; i < s.tokens; i += Tiles.ROWS) {
            int rows = Math.min(Tiles.ROWS, s.tokens - i);
            int seen = s.causal ? s.prefix + i + rows : s.keys();
            probabilities(s, q + i * row, i, rows, seen, keys, zeros, scores, memory);
            Tiles.multiply(scores, s.scoreRow(), 4, rows, values, panelBytes, head, seen, zeros, out + 4L * i * s.width,
                    4L * s.width, memory);
        }
    }

    /** Softmax of scaled scores of {@code rows} queries from token {@code first} on, zeros for masked keys up to {@code seen}. */
    private static void probabilities(Sizes s, long q, int first, int rows, int seen, long keys, long zeros, long scores,
            long scratch) {
        Tiles.multiply(q, 12L * s.width, 4, rows, keys, (long) s.head() * Tiles.PANEL, seen, s.head(), zeros, scores,
                s.scoreRow(), scratch);
        float scale = (float) (1 / Math.sqrt(s.head()));
        for (int r = 0; r < rows; r++) {
            long row = scores + r * s.scoreRow();
            int visible = s.causal ? s.prefix + first + r + 1 : seen;
            float sum = Rows.exponentials(row, Reductions.max(row, visible), scale, row, visible);
            Rows.scaleRow(row, 1 / sum, row, visible);
            Lanes.fill(row + 4L * visible, seen - visible, 0);
        }
    }

    /** Prefix rows and token rows of one head, transposed into panels over keys. */
    private static void packTransposed(Sizes s, long prefix, long tokens, long panels) {
        int head = s.head();
        long panelBytes = (long) head * Tiles.PANEL;
        for (int j = 0; j < s.keys(); j += Tiles.WIDTH) {
            int columns = Math.min(Tiles.WIDTH, s.keys() - j);
            int fromPrefix = Math.clamp(s.prefix - j, 0, columns);
            long panel = panels + j / Tiles.WIDTH * panelBytes;
            Packing.transposedColumns(prefix + 4L * j * s.width, 4L * s.width, head, fromPrefix, panel);
            Packing.transposedColumns(tokens + 12L * (j + fromPrefix - s.prefix) * s.width, 12L * s.width, head,
                    columns - fromPrefix, panel + 4L * fromPrefix);
            Packing.clearColumns(panel, head, columns);
        }
    }

    /** Prefix rows and token rows of one head into panels over the head's columns. */
    private static void packValues(Sizes s, long prefix, long tokens, long panels) {
        packHead(prefix, 4L * s.width, s.head(), s.prefix, panels, s.keys());
        packHead(tokens, 12L * s.width, s.head(), s.tokens, panels + (long) s.prefix * Tiles.PANEL, s.keys());
    }

    private static void packHead(long x, long row, int head, int rows, long panels, int panelRows) {
        for (int j = 0; j < head; j += Tiles.WIDTH) {
            Packing.panel(x + 4L * j, row, rows, Math.min(Tiles.WIDTH, head - j),
                    panels + (long) j / Tiles.WIDTH * panelRows * Tiles.PANEL);
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
            for (int item = from; item < to; item++) {
                int sample = item / s.heads;
                long column = 4L * (item % s.heads) * s.head();
                long tokenOffset = 4L * sample * s.tokens * s.width;
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
        long keysTransposed = zeros + s.zeros();
        long valuesTransposed = keysTransposed + s.keyPanels();
        long keyRows = valuesTransposed + s.keyPanels();
        long queryRows = keyRows + s.headPanels(keys);
        long dyRows = queryRows + s.headPanels(s.tokens);
        long probabilities = dyRows + s.headPanels(s.tokens);
        long dScores = probabilities + s.tokens * s.scoreRow();
        Lanes.clear(zeros, s.zeros() / 4);
        packTransposed(s, prefixKeys, q + 4L * s.width, keysTransposed);
        packTransposed(s, prefixValues, q + 8L * s.width, valuesTransposed);
        packValues(s, prefixKeys, q + 4L * s.width, keyRows);
        packHead(q, row, head, s.tokens, queryRows, s.tokens);
        packHead(dy, 4L * s.width, head, s.tokens, dyRows, s.tokens);
        float scale = (float) (1 / Math.sqrt(head));
        for (int i = 0; i < s.tokens; i += Tiles.ROWS) {
            int rows = Math.min(Tiles.ROWS, s.tokens - i);
            int seen = s.causal ? s.prefix + i + rows : keys;
            long p = probabilities + i * s.scoreRow();
            long ds = dScores + i * s.scoreRow();
            probabilities(s, q + i * row, i, rows, seen, keysTransposed, zeros, p, memory);
            Tiles.multiply(dy + 4L * i * s.width, 4L * s.width, 4, rows, valuesTransposed, (long) head * Tiles.PANEL, seen, head,
                    zeros, ds, s.scoreRow(), memory);
            for (int r = 0; r < rows; r++) {
                Rows.softmaxGradientRow(p + r * s.scoreRow(), ds + r * s.scoreRow(), scale, ds + r * s.scoreRow(), seen);
                Lanes.fill(p + r * s.scoreRow() + 4L * seen, keys - seen, 0);
                Lanes.fill(ds + r * s.scoreRow() + 4L * seen, keys - seen, 0);
            }
            Tiles.multiply(ds, s.scoreRow(), 4, rows, keyRows, (long) keys * Tiles.PANEL, head, seen, zeros, dq + i * row, row,
                    memory);
        }
        keyGradients(s, dScores, queryRows, zeros, dPrefixKeys, dq + 4L * s.width, memory);
        keyGradients(s, probabilities, dyRows, zeros, dPrefixValues, dq + 8L * s.width, memory);
    }

    /** {@code weightsᵀ·rows} for every key: prefix keys to one place, unless that is 0, and token keys to another. */
    private static void keyGradients(Sizes s, long weights, long rows, long zeros, long dPrefix, long dTokens, long scratch) {
        long panelBytes = (long) s.tokens * Tiles.PANEL;
        if (s.prefix > 0 && dPrefix != 0) {
            Tiles.multiply(weights, 4, s.scoreRow(), s.prefix, rows, panelBytes, s.head(), s.tokens, zeros, dPrefix, 4L * s.width,
                    scratch);
        }
        int block = s.causal ? KEYS : s.tokens;
        for (int j = 0; j < s.tokens; j += block) {
            int first = s.causal ? j : 0;
            Tiles.multiply(weights + 4L * (s.prefix + j) + first * s.scoreRow(), 4, s.scoreRow(), Math.min(block, s.tokens - j),
                    rows + (long) first * Tiles.PANEL, panelBytes, s.head(), s.tokens - first, zeros, dTokens + 12L * j * s.width,
                    12L * s.width, scratch);
        }
    }
}
