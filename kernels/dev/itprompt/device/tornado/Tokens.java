package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Patches, sequences of tokens [batch, tokens, width] and tables of rows. One item per element of the result, no local memory.
 * Indices are whole numbers stored as floats and must be in range.
 */
final class Tokens {

    /** Items of {@link #gatherGradient} for each column. */
    static final int SHARES = 32;

    private Tokens() {}

    /** Image to rows of patches. Table: image, y, size, channels, height, width, patch. */
    static void patches(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(2)) {
            int channels = table.get(3);
            int height = table.get(4);
            int width = table.get(5);
            int patch = table.get(6);
            int column = i % patch;
            int row = i / patch % patch;
            int channel = i / (patch * patch) % channels;
            int index = i / (patch * patch * channels);
            int across = width / patch;
            int left = index % across * patch;
            int top = index / across % (height / patch) * patch;
            int sample = index / (across * (height / patch));
            int from = ((sample * channels + channel) * height + top + row) * width + left + column;
            heap.set(table.get(1) + i, heap.get(table.get(0) + from));
        }
    }

    /** Token index[b] of sequence b. Table: x, index, y, size of y, tokens of x, width. */
    static void selectToken(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(3)) {
            int width = table.get(5);
            int sample = i / width;
            int token = sample * table.get(4) + (int) heap.get(table.get(1) + sample);
            heap.set(table.get(2) + i, heap.get(table.get(0) + token * width + i % width));
        }
    }

    /** dy at token index[b], zero elsewhere. Table: dy, index, dx, size of dx, tokens, width. */
    static void selectTokenGradient(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(3)) {
            int width = table.get(5);
            int sample = i / (width * table.get(4));
            int token = i / width % table.get(4);
            boolean chosen = token == (int) heap.get(table.get(1) + sample);
            heap.set(table.get(2) + i, chosen ? heap.get(table.get(0) + sample * width + i % width) : 0f);
        }
    }

    /** Row ids[i] of the rows x. Table: x, ids, y, size of y, width. */
    static void gather(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(3)) {
            int width = table.get(4);
            int row = (int) heap.get(table.get(1) + i / width);
            heap.set(table.get(2) + i, heap.get(table.get(0) + row * width + i % width));
        }
    }

    /**
     * Adds rows of dy up by id, to zeros: an item adds one column of the ids that leave its share when divided by {@value #SHARES}, in
     * order, so that no two items write to one place. Table: dy, ids, y, width, number of ids. Items: width · {@value #SHARES}.
     */
    static void gatherGradient(KernelContext context, FloatArray heap, IntArray table) {
        int width = table.get(3);
        int share = context.globalIdx / width;
        int column = context.globalIdx % width;
        if (share < SHARES) {
            for (int k = 0; k < table.get(4); k++) {
                int id = (int) heap.get(table.get(1) + k);
                if (id % SHARES == share) {
                    int at = table.get(2) + id * width + column;
                    heap.set(at, heap.get(at) + heap.get(table.get(0) + k * width + column));
                }
            }
        }
    }
}
