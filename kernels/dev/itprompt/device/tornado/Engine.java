package dev.itprompt.device.tornado;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.exceptions.TornadoMemoryException;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.runtime.common.TornadoXPUDevice;

/**
 * One execution plan with one task graph per kernel, all over the same heap on the device. A kernel is compiled when it is
 * launched for the first time. Used by one thread at a time.
 */
final class Engine implements AutoCloseable {

    private static final int STAGING_GROUP = 256;
    /** Lengths of the staging arrays; a transfer uses the shortest that is long enough, or the last one repeatedly. */
    private static final int[] STAGING = {1 << 8, 1 << 14, 1 << 20};

    private final TornadoXPUDevice device;
    private final String deviceName;
    private final String place;
    private final FloatArray heap;
    private final IntArray table = new IntArray(Launch.NUMBERS + 1);
    /** Of a product of a library, which reads it on the host. */
    private final float[] factor = new float[1];
    private final FloatArray[] staging = new FloatArray[STAGING.length];
    private final List<ImmutableTaskGraph> graphs = new ArrayList<>();
    private final List<WorkerGrid1D> grids = new ArrayList<>();
    private final GridScheduler scheduler = new GridScheduler();
    private final TornadoExecutionPlan plan;
    /** Between host and device, until now. */
    private long copies;

    /**
     * Builds the graphs and allocates the heap, filled with NaN.
     *
     * @param deviceName for messages
     * @param precision  of matrix products; elsewhere than on the CUDA backend other kernels stand in for a library and tensor cores
     * @param capacity   floats of the heap
     */
    Engine(TornadoDevice device, String deviceName, Precision precision, int capacity) {
        this.deviceName = deviceName;
        this.device = (TornadoXPUDevice) device;
        this.place = place(device);
        boolean isCuda = isCuda(device);
        try {
            this.heap = new FloatArray(capacity);
            heap.init(Float.NaN);
            KernelContext context = new KernelContext();
            for (int i = 0; i < STAGING.length; i++) {
                staging[i] = new FloatArray(STAGING[i]);
                add(graph("upload_" + i).transferToDevice(DataTransferMode.EVERY_EXECUTION, table, staging[i])
                        .task("run", Transfers::upload, context, heap, table, staging[i]));
            }
            for (int i = 0; i < STAGING.length; i++) {
                add(graph("download_" + i).transferToDevice(DataTransferMode.EVERY_EXECUTION, table)
                        .task("run", Transfers::download, context, heap, table, staging[i])
                        .transferToHost(DataTransferMode.EVERY_EXECUTION, staging[i]));
            }
            for (Kernel kernel : Kernel.values()) {
                TaskGraph graph = graph(kernel.graphName());
                if (kernel == Kernel.MATMUL_LIBRARY && isCuda && precision.isLibrary()) {
                    add(graph.libraryTask("run", LibraryProducts::task, precision, heap, table, factor));
                } else {
                    add(graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, table)
                            .task("run", isCuda && kernel == Kernel.MATMUL_TENSOR ? TensorLinear::matMul : kernel.method, context, heap,
                                    table));
                }
            }
            this.plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
            plan.withGridScheduler(scheduler).withDevice(device);
            if (isCuda) {
                plan.withIntraPlanConcurrency(); // a graph of one task is not waited for then: launches overtake the device
            }
        } catch (RuntimeException | Error e) {
            throw failure("allocating " + 4L * capacity + " bytes", e);
        }
        staging[0].set(0, Float.NaN);
        transfer("upload", 0, 0, 1); // the first graph, which brings the heap to the device
    }

    private TaskGraph graph(String name) {
        // TornadoVM looks at a kernel for the default device first, and its backend may not have what the kernel needs.
        System.setProperty(name + ".device", place);
        TaskGraph graph = new TaskGraph(name);
        return graphs.isEmpty() ? graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, heap)
                : graph.consumeFromDevice("upload_0", heap);
    }

    /** As TornadoVM writes it: backend and the device's number within it. */
    private static String place(TornadoDevice device) {
        TornadoBackend backend = TornadoRuntimeProvider.getTornadoRuntime().getBackend(device.getBackendIndex());
        return device.getBackendIndex() + ":" + IntStream.range(0, backend.getNumDevices())
                .filter(i -> backend.getDevice(i).equals(device)).findFirst().orElseThrow();
    }

    private void add(TaskGraph graph) {
        WorkerGrid1D grid = new WorkerGrid1D(STAGING_GROUP);
        scheduler.addWorkerGrid(graph.getTaskGraphName() + ".run", grid);
        grids.add(grid);
        graphs.add(graph.persistOnDevice(heap).snapshot());
    }

    /** Floats of the heap. */
    int capacity() {
        return heap.getSize();
    }

    /** Compiles a kernel without running it. */
    void compile(Kernel kernel) {
        setGroups(graph(kernel), 1, kernel.group);
        try {
            plan.withGraph(graph(kernel)).withPreCompilation();
        } catch (RuntimeException | Error e) {
            throw failure("compiling kernel " + kernel.graphName(), e);
        }
    }

    /**
     * Runs a kernel.
     *
     * @param numbers where the launch's numbers begin in the heap
     */
    void launch(Launch launch, int numbers) {
        fill(launch.table());
        table.set(Launch.NUMBERS, numbers);
        Kernel kernel = launch.kernel();
        if (kernel == Kernel.MATMUL_LIBRARY) {
            factor[0] = launch.numbers()[0];
        } else {
            copies++; // the table, which a library reads on the host
        }
        setGroups(graph(kernel), launch.groups(), kernel.group);
        execute(graph(kernel), kernel.graphName());
    }

    /** Copies between host and device until now. */
    long copies() {
        return copies;
    }

    /** Waits until the device has done what was launched. */
    void await() {
        device.sync(plan.getId());
    }

    /** Whether products can be tasks of a library, and launches need not be waited for. */
    static boolean isCuda(TornadoDevice device) {
        return device.getTornadoVMBackend() == TornadoVMBackendType.CUDA;
    }

    /** The kernel's graph: those of the transfers come first. */
    private static int graph(Kernel kernel) {
        return 2 * STAGING.length + kernel.ordinal();
    }

    /** Copies {@code count} floats to the heap. */
    void upload(MemorySegment from, int at, int count) {
        for (int done = 0; done < count; ) {
            int size = sizeClass(count - done);
            int part = Math.min(STAGING[size], count - done);
            MemorySegment.copy(from, 4L * done, staging[size].getSegment(), 0, 4L * part);
            transfer("upload", size, at + done, part);
            done += part;
        }
    }

    /** Copies {@code count} floats from the heap. */
    void download(int at, MemorySegment to, int count) {
        for (int done = 0; done < count; ) {
            int size = sizeClass(count - done);
            int part = Math.min(STAGING[size], count - done);
            transfer("download", size, at + done, part);
            MemorySegment.copy(staging[size].getSegment(), ValueLayout.JAVA_FLOAT, 0, to, ValueLayout.JAVA_FLOAT_UNALIGNED,
                    4L * done, part);
            done += part;
        }
    }

    private static int sizeClass(int count) {
        int size = 0;
        while (size < STAGING.length - 1 && STAGING[size] < count) {
            size++;
        }
        return size;
    }

    private void transfer(String what, int size, int at, int count) {
        fill(at, count);
        copies += 2; // table and staging array
        int first = what.equals("upload") ? 0 : STAGING.length;
        setGroups(first + size, Math.ceilDiv(count, STAGING_GROUP), STAGING_GROUP);
        execute(first + size, what);
    }

    private void fill(int... entries) {
        for (int i = 0; i < entries.length; i++) {
            table.set(i, entries[i]);
        }
    }

    private void execute(int graph, String kernel) {
        try {
            plan.withGraph(graph).execute();
        } catch (RuntimeException | Error e) {
            throw failure("kernel " + kernel, e);
        }
    }

    private void setGroups(int graph, int groups, int group) {
        grids.get(graph).setGlobalWork((long) groups * group, 1, 1);
        grids.get(graph).setLocalWork(group, 1, 1);
    }

    private TornadoException failure(String what, Throwable cause) {
        String advice = cause instanceof TornadoOutOfMemoryException || cause instanceof TornadoMemoryException
                ? "; the device has too little memory, use a smaller batch" : "";
        return new TornadoException(deviceName + ": " + what + " failed: " + firstLine(cause) + advice, cause);
    }

    /** What TornadoVM says, in one line without its colours. */
    static String firstLine(Throwable cause) {
        String message = String.valueOf(cause.getMessage()).replaceAll("\u001b\\[[0-9;]*m", "").strip();
        return cause.getClass().getSimpleName() + ": " + message.lines().findFirst().orElse("");
    }

    @Override
    public void close() {
        try {
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw failure("freeing memory", e);
        }
    }
}
