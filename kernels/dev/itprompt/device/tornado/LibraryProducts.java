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
 * Matrix products on the CUDA backend as library tasks, with the operands and table of {@link Linear#matMul}. TornadoVM's own binding of
 * cuBLAS takes whole arrays; this one finds operands in the heap, and reads the table on the host at each launch. TornadoVM
 * finds it as a service.
 *
 * <p>Table: as {@link Linear#matMul}, of the epilogues only {@link Epilogues#ADD}; then {@value CublasLt#WORKSPACE} bytes of
 * scratch memory.
 */
public final class LibraryProducts implements TornadoLibraryProvider {

    private static final String NAME = "itprompt/products";

    /** What a task knows beside its array. */
    private record Settings(Precision precision, IntArray table) {}

    /** cuBLAS for one execution plan, from the first product on. */
    private static final class Context implements LibraryContext {
        private final long stream;
        private CublasLt library;

        private Context(long stream) {
            this.stream = stream;
        }
    }

    /** The task. */
    static LibraryTaskDescriptor task(Precision precision, FloatArray heap, IntArray table) {
        return new LibraryTaskDescriptor().withLibrary(NAME).withFunction("product").withParameters(new Object[] {heap})
                .withAccess(new Access[] {Access.READ_WRITE}).withTuning(new Settings(precision, table));
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
        boolean bias = table.get(11) > 0;
        boolean added = table.get(12) == Epilogues.ADD;
        context.library.multiply(new CublasLt.Product(table.get(4), table.get(5), table.get(6), table.get(8) != 1, table.get(10) != 1, bias, added),
                at(heap, table.get(0)), at(heap, table.get(1)), bias ? at(heap, table.get(2)) : 0, added ? at(heap, table.get(13)) : 0,
                at(heap, table.get(added ? 14 : 3)), at(heap, table.get(15)), context.stream);
    }

    private static long at(long heap, int index) {
        return heap + (long) Float.BYTES * index;
    }

    @Override
    public void destroyContext(LibraryContext context) {
        CublasLt library = ((Context) context).library;
        if (library != null) {
            library.close();
        }
    }
}
