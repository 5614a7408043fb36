package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Values between the heap and the staging arrays that TornadoVM copies between host and device. One item per value. */
final class Transfers {

    private Transfers() {}

    /** Staging array to heap. Table: heap offset, number of values. */
    static void upload(KernelContext context, FloatArray heap, IntArray table, FloatArray staging) {
        int i = context.globalIdx;
        if (i < table.get(1)) {
            heap.set(table.get(0) + i, staging.get(i));
        }
    }

    /** Heap to staging array. Table: heap offset, number of values. */
    static void download(KernelContext context, FloatArray heap, IntArray table, FloatArray staging) {
        int i = context.globalIdx;
        if (i < table.get(1)) {
            staging.set(i, heap.get(table.get(0) + i));
        }
    }

    /** One number to a range of the heap. Table: heap offset, number of values. Numbers: the value. */
    static void fill(KernelContext context, FloatArray heap, IntArray table) {
        int i = context.globalIdx;
        if (i < table.get(1)) {
            heap.set(table.get(0) + i, heap.get(table.get(Launch.NUMBERS)));
        }
    }
}
