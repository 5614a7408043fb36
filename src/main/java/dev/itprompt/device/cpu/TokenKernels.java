package dev.itprompt.device.cpu;

/** Copies and sums of token rows: patches, class tokens, selections, embeddings. */
final class TokenKernels {

    private TokenKernels() {}

    /**
     * An index stored as a float.
     *
     * @throws IndexOutOfBoundsException naming what it is, if it is outside {@code [0, limit)}
     */
    static int index(long indices, int position, int limit, String what) {
        float value = Lanes.get(indices + 4L * position);
        if (!(value >= 0 && value < limit)) {
            throw new IndexOutOfBoundsException(what + " " + value + " at position " + position + " is not in [0, " + limit + ")");
        }
        return (int) value;
    }

    static void copy(Workers workers, long x, long y, int size) {
        Elementwise.pieces(workers, size, 1, (from, count) -> Lanes.copy(x + from, y + from, count));
    }

    /** x [count, …] at row {@code from} of zeros [rows, …]; {@code width} elements per row. */
    static void padRows(Workers workers, long x, int count, int width, int from, long y, int rows) {
        Lanes.clear(y, (long) from * width);
        copy(workers, x, y + 4L * from * width, count * width);
        Lanes.clear(y + 4L * (from + count) * width, (long) (rows - from - count) * width);
    }

    static void patches(Workers workers, long x, int[] image, int patch, long y) {
        int channels = image[1];
        int height = image[2];
        int width = image[3];
        int across = width / patch;
        int perImage = height / patch * across;
        int length = channels * patch * patch;
        workers.split(image[0] * perImage, 4L * length, (_, from, to) -> {
            for (int p = from; p < to; p++) {
                int top = p % perImage / across * patch;
                int left = p % across * patch;
                long target = y + 4L * p * length;
                for (int c = 0; c < channels; c++) {
                    long plane = x + 4L * (p / perImage * channels + c) * height * width;
                    for (int i = 0; i < patch; i++) {
                        Lanes.copyRow(plane + 4L * ((top + i) * width + left), target, patch);
                        target += 4L * patch;
                    }
                }
            }
        });
    }

    /** x [batch, tokens, width] behind the token, or behind zeros if {@code token} is 0. */
    static void prepend(Workers workers, long x, long token, int batch, int tokens, int width, long y) {
        workers.split(batch, (long) tokens * width, (_, from, to) -> {
            for (int b = from; b < to; b++) {
                long target = y + 4L * b * (tokens + 1) * width;
                if (token == 0) {
                    Lanes.clear(target, width);
                } else {
                    Lanes.copy(token, target, width);
                }
                Lanes.copy(x + 4L * b * tokens * width, target + 4L * width, (long) tokens * width);
            }
        });
    }

    /** x [batch, tokens, width] without its first token. */
    static void drop(Workers workers, long x, int batch, int tokens, int width, long y) {
        workers.split(batch, (long) tokens * width, (_, from, to) -> {
            for (int b = from; b < to; b++) {
                long kept = (long) (tokens - 1) * width;
                Lanes.copy(x + 4L * (b * tokens + 1) * width, y + 4 * b * kept, kept);
            }
        });
    }

    static void select(long x, long indices, int batch, int tokens, int width, long y) {
        for (int b = 0; b < batch; b++) {
            int token = index(indices, b, tokens, "token index");
            Lanes.copy(x + 4L * (b * tokens + token) * width, y + 4L * b * width, width);
        }
    }

    static void selectGradient(Workers workers, long dy, long indices, int batch, int tokens, int width, long dx) {
        workers.split(batch, (long) tokens * width, (_, from, to) -> {
            for (int b = from; b < to; b++) {
                int token = index(indices, b, tokens, "token index");
                Lanes.clear(dx + 4L * b * tokens * width, (long) tokens * width);
                Lanes.copy(dy + 4L * b * width, dx + 4L * (b * tokens + token) * width, width);
            }
        });
    }

    static void mean(Workers workers, long x, int batch, int tokens, int width, long y) {
        workers.split(batch, (long) tokens * width, (_, from, to) -> {
            for (int b = from; b < to; b++) {
                long source = x + 4L * b * tokens * width;
                long target = y + 4L * b * width;
                Lanes.copyRow(source, target, width);
                for (int t = 1; t < tokens; t++) {
                    Elementwise.addTo(source + 4L * t * width, target, width);
                }
                Rows.scaleRow(target, 1f / tokens, target, width);
            }
        });
    }

    static void meanGradient(Workers workers, long dy, int batch, int tokens, int width, long dx) {
        workers.split(batch, (long) tokens * width, (_, from, to) -> {
            for (int b = from; b < to; b++) {
                long first = dx + 4L * b * tokens * width;
                Rows.scaleRow(dy + 4L * b * width, 1f / tokens, first, width);
                for (int t = 1; t < tokens; t++) {
                    Lanes.copyRow(first, first + 4L * t * width, width);
                }
            }
        });
    }

    static void gather(Workers workers, long table, int rows, long ids, int count, int width, long y) {
        workers.split(count, width, (_, from, to) -> {
            for (int i = from; i < to; i++) {
                Lanes.copyRow(table + 4L * index(ids, i, rows, "id") * width, y + 4L * i * width, width);
            }
        });
    }

    /** Rows of dy added up by id, in order; workers share the columns. */
    static void gatherGradient(Workers workers, long dy, long ids, int count, int width, long sums, int rows) {
        int groups = (width + 31) / 32;
        workers.split(groups, 32L * (count + rows), (_, from, to) -> {
            int left = from * 32;
            int columns = Math.min(width, to * 32) - left;
            for (int r = 0; r < rows; r++) {
                Lanes.fill(sums + 4 * ((long) r * width + left), columns, 0);
            }
            for (int i = 0; i < count; i++) {
                long target = sums + 4 * ((long) index(ids, i, rows, "id") * width + left);
                Elementwise.addTo(dy + 4 * ((long) i * width + left), target, columns);
            }
        });
    }
}
