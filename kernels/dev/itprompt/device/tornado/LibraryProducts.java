package dev.itprompt.device.tornado;

import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.runtime.common.TornadoXPUDevice;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryContext;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryInvocation;
import uk.ac.manchester.tornado.runtime.library.spi.TornadoLibraryProvider;
import uk.ac.manchester.tornado.runtime.library.spi.TornadoNativeStreamSupport;

/**
 * Matrix products on the CUDA backend as library tasks. TornadoVM's own binding of cuBLAS takes whole arrays; this one finds operands in
 * the heap, and reads its table on the host at each launch. TornadoVM finds it as a service.
 *
 * <p>Table and numbers: {@link Product}'s, without an epilogue.
 */
public final class LibraryProducts implements TornadoLibraryProvider {

    private static final String NAME = "itprompt/products";
    /** Entries of a table: from one element of the batch, or one head, to the next, of a, b and d. */
    private static final int ELEMENT = 14;
    private static final int HEAD = 17;

    /** What a task knows beside its array. */
    private record Settings(Precision precision, IntArray table, float[] factor) {}

    /** cuBLAS for one execution plan, from the first product on. */
    private static final class Context implements LibraryContext {
        private final long stream;
        private CublasLt library;

        private Context(long stream) {
            this.stream = stream;
        }
    }

    /** The task. */
    static LibraryTaskDescriptor task(Precision precision, FloatArray heap, IntArray table, float[] factor) {
        return new LibraryTaskDescriptor().withLibrary(NAME).withFunction("product").withParameters(new Object[] {heap})
                .withAccess(new Access[] {Access.READ_WRITE}).withTuning(new Settings(precision, table, factor));
    }

    @Override
    public String libraryName() {
        return NAME;
    }

    @Override
    public boolean canHandle(TornadoXPUDevice device) {
        return device instanceof TornadoNativeStreamSupport;
    }

    @Override
    public LibraryContext createContext(TornadoXPUDevice device, long plan) {
        return new Context(((TornadoNativeStreamSupport) device).getNativeStream(plan));
    }

    @Override
    public void dispatch(String function, LibraryInvocation invocation) {
        Context context = (Context) invocation.getContext();
        Settings settings = (Settings) invocation.getTuning();
        if (context.library == null) {
            context.library = new CublasLt(settings.precision.computeType);
        }
        IntArray table = settings.table;
        long heap = invocation.getDevicePointer(0);
        boolean bias = table.get(2) >= 0;
        boolean added = table.get(3) >= 0;
        // One call does a whole batch, or all heads of one of its elements, whichever takes fewer calls.
        int batch = table.get(20);
        int heads = table.get(21);
        int within = batch >= heads ? ELEMENT : HEAD;
        int next = batch >= heads ? HEAD : ELEMENT;
        CublasLt.Product product = new CublasLt.Product(table.get(6), table.get(7), table.get(8), table.get(9) > 0, table.get(10) > 0,
                table.get(11), table.get(12), table.get(13), Math.max(batch, heads), table.get(within), table.get(within + 1),
                table.get(within + 2), bias, added);
        for (int call = 0; call < Math.min(batch, heads); call++) {
            context.library.multiply(product, settings.factor[0], at(heap, table.get(0), call, table.get(next)),
                    at(heap, table.get(1), call, table.get(next + 1)), bias ? at(heap, table.get(2), 0, 0) : 0,
                    added ? at(heap, table.get(3), call, table.get(next + 2)) : 0, at(heap, table.get(4), call, table.get(next + 2)),
                    at(heap, table.get(5), 0, 0), context.stream);
        }
    }

    private static long at(long heap, int first, int call, int next) {
        return heap + Float.BYTES * (first + (long) call * next);
    }

    @Override
    public void destroyContext(LibraryContext context) {
        CublasLt library = ((Context) context).library;
        if (library != null) {
            library.close();
        }
    }
}
