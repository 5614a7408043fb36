package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Softmax and normalization of rows, with gradients, and the places of the largest elements. But for these one work-group of
 * {@link Kernel#TREE} items per row; maxima and sums are reduced as a tree in a local array of that length. Logits may be −∞, but
 * not all of a row.
 */
final class Rows {

    private Rows() {}

    /** y = softmax(x). Table: x, y, width. */
    static void softmax(KernelContext context, FloatArray heap, IntArray table) {
        float[] lanes = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int width = table.get(2);
        int x = table.get(0) + context.groupIdx * width;
        float largest = heap.get(x + Math.min(lane, width - 1));
        for (int c = lane; c < width; c += Kernel.TREE) {
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
        for (int c = lane; c < width; c += Kernel.TREE) {
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
        float total = lanes[0];
        int y = table.get(1) + context.groupIdx * width;
        for (int c = lane; c < width; c += Kernel.TREE) {
            heap.set(y + c, TornadoMath.exp(heap.get(x + c) - max) / total);
        }
    }

    /** dx = y·(dy − y·dyᵀ). Table: y, dy, dx, width. */
    static void softmaxGradient(KernelContext context, FloatArray heap, IntArray table) {
        float[] lanes = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int width = table.get(3);
        int row = context.groupIdx * width;
        int y = table.get(0) + row;
        int dy = table.get(1) + row;
        float sum = 0f;
        for (int c = lane; c < width; c += Kernel.TREE) {
            sum += heap.get(y + c) * heap.get(dy + c);
        }
        lanes[lane] = sum;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                lanes[lane] += lanes[lane + half];
            }
        }
        context.localBarrier();
        float mean = lanes[0];
        for (int c = lane; c < width; c += Kernel.TREE) {
            heap.set(table.get(2) + row + c, heap.get(y + c) * (heap.get(dy + c) - mean));
        }
    }

    /** y = x/‖x‖, the length being at least that of numbers[0]. Table: x, y, width. */
    static void unitLength(KernelContext context, FloatArray heap, IntArray table) {
        float[] lanes = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int width = table.get(2);
        int row = context.groupIdx * width;
        int x = table.get(0) + row;
        float squares = 0f;
        for (int c = lane; c < width; c += Kernel.TREE) {
            squares += heap.get(x + c) * heap.get(x + c);
        }
        lanes[lane] = squares;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                lanes[lane] += lanes[lane + half];
            }
        }
        context.localBarrier();
        float length = TornadoMath.max(TornadoMath.sqrt(lanes[0]), heap.get(table.get(Launch.NUMBERS)));
        for (int c = lane; c < width; c += Kernel.TREE) {
            heap.set(table.get(1) + row + c, heap.get(x + c) / length);
        }
    }

    /** dx = (dy − y·(y·dy))/‖x‖ with y = x/‖x‖; dy/numbers[0] for a row that is not longer than that. Table: x, dy, dx, width. */
    static void unitLengthGradient(KernelContext context, FloatArray heap, IntArray table) {
        float[] squares = context.allocateFloatLocalArray(Kernel.TREE);
        float[] products = context.allocateFloatLocalArray(Kernel.TREE);
        int lane = context.localIdx;
        int width = table.get(3);
        int row = context.groupIdx * width;
        int x = table.get(0) + row;
        int dy = table.get(1) + row;
        float square = 0f;
        float product = 0f;
        for (int c = lane; c < width; c += Kernel.TREE) {
            square += heap.get(x + c) * heap.get(x + c);
            product += heap.get(x + c) * heap.get(dy + c);
        }
        squares[lane] = square;
        products[lane] = product;
        for (int half = Kernel.TREE / 2; half > 0; half /= 2) {
            context.localBarrier();
            if (lane < half) {
                squares[lane] += squares[lane + half];
                products[lane] += products[lane + half];
            }
        }
        context.localBarrier();
        float length = TornadoMath.sqrt(squares[0]);
        float divisor = TornadoMath.max(length, heap.get(table.get(Launch.NUMBERS)));
        float along = length > heap.get(table.get(Launch.NUMBERS)) ? products[0] / divisor : 0f;
        for (int c = lane; c < width; c += Kernel.TREE) {
            heap.set(table.get(2) + row + c, (heap.get(dy + c) - heap.get(x + c) / divisor * along) / divisor);
        }
    }

    /**
     * Places of the {@code count} largest elements of each row. One item per element of x: it counts the elements that come before
     * its own. Conditions are taken one by one: TornadoVM 5.2.0 negates a compound one wrongly. Table: x, y, size of x, width, count.
     * Numbers: −∞, as which counts what is not a number, and so is not equal to itself.
     */
    static void topK(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(2)) {
            int width = table.get(3);
            int place = i % width;
            int row = table.get(0) + i - place;
            float lowest = heap.get(table.get(Launch.NUMBERS));
            float x = heap.get(row + place);
            float own = x == x ? x : lowest;
            int rank = 0;
            for (int c = 0; c < width; c++) {
                float y = heap.get(row + c);
                float other = y == y ? y : lowest;
                int more = other > own ? 1 : 0;
                int equal = other == own ? 1 : 0;
                int before = c < place ? 1 : 0;
                rank += more + equal * before;
            }
            if (rank < table.get(4)) {
                heap.set(table.get(1) + i / width * table.get(4) + rank, place);
            }
        }
    }
}
