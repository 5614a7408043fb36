package dev.itprompt.device.cpu;

/** Copies and sums of rows that indices choose, and patches. */
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
