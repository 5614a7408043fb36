package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.runtime.common.TornadoXPUDevice;
import uk.ac.manchester.tornado.runtime.library.spi.TornadoNativeStreamSupport;

/**
 * Matrix products by cuBLAS in the queue of TornadoVM's CUDA backend. TornadoVM's own binding takes whole arrays; this one finds operands
 * in the heap.
 *
 * <p>Table and numbers: {@link Product}'s, without an epilogue.
 */
final class LibraryProducts implements AutoCloseable {

    /** Entries of a table: from one element of the batch, or one head, to the next, of a, b and d. */
    private static final int ELEMENT = 14;
    private static final int HEAD = 17;

    private final CublasLt library;
    private final long stream;

    /** @param plan whose queue products are done in */
    LibraryProducts(Precision precision, TornadoXPUDevice device, long plan) {
        this.library = new CublasLt(precision.computeType);
        this.stream = ((TornadoNativeStreamSupport) device).getNativeStream(plan);
    }

    /**
     * Enqueues a product.
     *
     * @param array  the heap's address
     * @param table  on the host
     * @param factor of a·b
     */
    void multiply(long array, int[] table, float factor) {
        long heap = array + TornadoNativeArray.ARRAY_HEADER;
        boolean bias = table[2] >= 0;
        boolean added = table[3] >= 0;
        // One call does a whole batch, or all heads of one of its elements, whichever takes fewer calls.
        int batch = table[20];
        int heads = table[21];
        int within = batch >= heads ? ELEMENT : HEAD;
        int next = batch >= heads ? HEAD : ELEMENT;
        CublasLt.Product product = new CublasLt.Product(table[6], table[7], table[8], table[9] > 0, table[10] > 0, table[11], table[12],
                table[13], Math.max(batch, heads), table[within], table[within + 1], table[within + 2], bias, added);
        for (int call = 0; call < Math.min(batch, heads); call++) {
            library.multiply(product, factor, at(heap, table[0], call, table[next]), at(heap, table[1], call, table[next + 1]),
                    bias ? at(heap, table[2], 0, 0) : 0, added ? at(heap, table[3], call, table[next + 2]) : 0,
                    at(heap, table[4], call, table[next + 2]), at(heap, table[5], 0, 0), stream);
        }
    }

    private static long at(long heap, int first, int call, int next) {
        return heap + Float.BYTES * (first + (long) call * next);
    }

    @Override
    public void close() {
        library.close();
    }
}
