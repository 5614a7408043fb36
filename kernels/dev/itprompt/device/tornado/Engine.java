package dev.itprompt.device.tornado;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.exceptions.TornadoMemoryException;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.runtime.common.KernelStackFrame;
import uk.ac.manchester.tornado.runtime.common.TornadoXPUDevice;

/**
 * The heap on the device, and launches of kernels over it. One execution plan compiles them, each when it is launched for the first time;
 * its task graphs are never executed. What a launch is given lies on the device before, so that the launch copies nothing. Used by one
 * thread at a time.
 */
final class Engine implements AutoCloseable {

    /** The only task of every graph. */
    static final String TASK = "run";
    private static final int STAGING_GROUP = 256;
    /** Lengths of the staging arrays; a transfer uses the shortest that is long enough, or the last one repeatedly. */
    private static final int[] STAGING = {1 << 8, 1 << 14, 1 << 20};

    private final TornadoXPUDevice device;
    private final String deviceName;
    private final String place;
    private final boolean isCuda;
    private final Precision precision;
    private final List<ImmutableTaskGraph> graphs = new ArrayList<>();
    private final Program[] programs = new Program[2 * STAGING.length + Kernel.values().length];
    private final GridScheduler scheduler = new GridScheduler();
    private final TornadoExecutionPlan plan;
    private final KernelStackFrame frame;
    private final List<Resident> staging = new ArrayList<>();
    private final Resident transfer;
    /** Tables that no launch needs any more. */
    private final Deque<Resident> spare = new ArrayDeque<>();
    private int capacity;
    private int generation;
    private Resident heap;
    /** Where products are a library's, from the first one on. */
    private LibraryProducts library;
    /** Between host and device, until now. */
    private long copies;
    private boolean closed;

    /**
     * A launch that can be repeated: its table is on the device.
     *
     * @param entries of the table, on the host
     */
    record Prepared(Launch launch, int[] entries, Resident table) {}

    /**
     * Allocates the heap, filled with NaN.
     *
     * @param deviceName for messages
     * @param precision  of matrix products; elsewhere than on the CUDA backend other kernels stand in for a library and tensor cores
     * @param capacity   floats of the heap
     */
    Engine(TornadoDevice device, String deviceName, Precision precision, int capacity) {
        this.deviceName = deviceName;
        this.device = (TornadoXPUDevice) device;
        this.place = place(device);
        this.isCuda = isCuda(device);
        this.precision = precision;
        try {
            KernelContext context = new KernelContext();
            FloatArray values = new FloatArray(1); // stand for arrays of any length, which compiled code does not know
            FloatArray staged = new FloatArray(1);
            IntArray table = new IntArray(1);
            for (int i = 0; i < STAGING.length; i++) {
                add(graph("upload_" + i, values, table, staged).task(TASK, Transfers::upload, context, values, table, staged));
            }
            for (int i = 0; i < STAGING.length; i++) {
                add(graph("download_" + i, values, table, staged).task(TASK, Transfers::download, context, values, table, staged));
            }
            for (Kernel kernel : Kernel.values()) {
                add(graph(kernel.graphName(), values, table).task(TASK,
                        isCuda && kernel == Kernel.MATMUL_TENSOR ? TensorLinear::matMul : kernel.method, context, values, table));
            }
            this.plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
            plan.withGridScheduler(scheduler).withDevice(device);
            this.frame = this.device.createKernelStackFrame(plan.getId(), 4, Access.NONE);
            for (int length : STAGING) {
                staging.add(resident(new FloatArray(length)));
            }
            this.transfer = resident(new IntArray(2));
            allocate(capacity);
        } catch (RuntimeException | Error e) {
            throw failure("allocating " + 4L * capacity + " bytes", e);
        }
    }

    private TaskGraph graph(String name, Object... arrays) {
        // TornadoVM looks at a kernel for the default device first, and its backend may not have what the kernel needs.
        System.setProperty(name + ".device", place);
        return new TaskGraph(name).transferToDevice(DataTransferMode.FIRST_EXECUTION, arrays);
    }

    /** As TornadoVM writes it: backend and the device's number within it. */
    private static String place(TornadoDevice device) {
        TornadoBackend backend = TornadoRuntimeProvider.getTornadoRuntime().getBackend(device.getBackendIndex());
        return device.getBackendIndex() + ":" + IntStream.range(0, backend.getNumDevices())
                .filter(i -> backend.getDevice(i).equals(device)).findFirst().orElseThrow();
    }

    private void add(TaskGraph graph) {
        scheduler.addWorkerGrid(graph.getTaskGraphName() + "." + TASK, new WorkerGrid1D(STAGING_GROUP));
        graphs.add(graph.snapshot());
    }

    private Resident resident(TornadoNativeArray array) {
        return new Resident(device, plan.getId(), array);
    }

    private void allocate(int floats) {
        FloatArray values = new FloatArray(floats);
        values.init(Float.NaN);
        heap = resident(values);
        heap.upload();
        await();
        capacity = floats;
        generation++;
    }

    /** Floats of the heap. */
    int capacity() {
        return capacity;
    }

    /** Gives the heap another size; what was in it is lost. */
    void resize(int floats) {
        try {
            heap.free();
            allocate(floats);
        } catch (RuntimeException | Error e) {
            throw failure("allocating " + 4L * floats + " bytes", e);
        }
    }

    /** Compiles a kernel without running it. */
    void compile(Kernel kernel) {
        compile(index(kernel), kernel.graphName());
    }

    private void compile(int index, String name) {
        try {
            plan.withGraph(index).withPreCompilation();
            programs[index] = new Program(device, plan, graphs.get(index), scheduler);
        } catch (RuntimeException | Error e) {
            throw failure("compiling kernel " + name, e);
        }
    }

    /**
     * Brings a launch's table to the device.
     *
     * @param numbers where the launch's numbers begin in the heap
     */
    Prepared prepare(Launch launch, int numbers) {
        int[] entries = Arrays.copyOf(launch.table(), Launch.NUMBERS + 1);
        entries[Launch.NUMBERS] = numbers;
        try {
            Resident table = spare.isEmpty() ? resident(new IntArray(entries.length)) : spare.pop();
            copies++;
            table.segment().copyFrom(MemorySegment.ofArray(entries));
            table.upload();
            return new Prepared(launch, entries, table);
        } catch (RuntimeException | Error e) {
            throw failure("bringing a table", e);
        }
    }

    /** Gives back a launch's table. */
    void release(Prepared prepared) {
        spare.push(prepared.table);
    }

    /** Runs a kernel. */
    void launch(Prepared prepared) {
        Kernel kernel = prepared.launch.kernel();
        if (kernel == Kernel.MATMUL_LIBRARY && isCuda && precision.isLibrary()) {
            multiply(prepared);
        } else {
            run(index(kernel), kernel.graphName(), prepared.launch.groups(), kernel.group, heap, prepared.table);
        }
    }

    private void multiply(Prepared prepared) {
        try {
            if (library == null) {
                library = new LibraryProducts(precision, device, plan.getId());
            }
            library.multiply(heap.handle(), prepared.entries, prepared.launch.numbers()[0]);
        } catch (RuntimeException | Error e) {
            throw failure("kernel " + prepared.launch.kernel().graphName(), e);
        }
    }

    private void run(int index, String name, int groups, int group, Resident... arrays) {
        if (!closed && programs[index] == null) {
            compile(index, name);
        }
        try {
            if (closed) {
                throw new IllegalStateException("the device has been closed");
            }
            device.enableThreadSharing();
            programs[index].launch(plan.getId(), frame, groups, group, arrays);
            if (!isCuda) {
                await();
            }
        } catch (RuntimeException | Error e) {
            throw failure("kernel " + name, e);
        }
    }

    /**
     * Records launches as one graph of the driver instead of running them. All kernels have been compiled, and the heap stays where it is
     * as long as the recording is used.
     *
     * @return what {@link #replay} takes
     */
    long record(Runnable launches) {
        device.beginExecutionGraphCapture(plan.getId());
        try {
            launches.run();
        } catch (RuntimeException | Error e) {
            forget(device.endExecutionGraphCaptureAndInstantiate(plan.getId()));
            throw e;
        }
        return device.endExecutionGraphCaptureAndInstantiate(plan.getId());
    }

    /** Runs what was recorded, as one launch. */
    void replay(long recording) {
        try {
            device.launchExecutionGraph(plan.getId(), recording);
        } catch (RuntimeException | Error e) {
            throw failure("recorded launches", e);
        }
    }

    /** Frees a recording. */
    void forget(long recording) {
        device.destroyExecutionGraph(recording);
    }

    /** Where the heap is: another number for each size that it has had. */
    int generation() {
        return generation;
    }

    /** Copies between host and device until now. */
    long copies() {
        return copies;
    }

    /** Waits until the device has done what was launched. */
    void await() {
        device.sync(plan.getId());
    }

    /** Whether products can be a library's, and launches need not be waited for. */
    static boolean isCuda(TornadoDevice device) {
        return device.getTornadoVMBackend() == TornadoVMBackendType.CUDA;
    }

    /** The kernel's graph: those of the transfers come first. */
    private static int index(Kernel kernel) {
        return 2 * STAGING.length + kernel.ordinal();
    }

    /** Copies {@code count} floats to the heap. */
    void upload(MemorySegment from, int at, int count) {
        for (int done = 0; done < count; ) {
            int size = sizeClass(count - done);
            int part = Math.min(STAGING[size], count - done);
            MemorySegment.copy(from, 4L * done, staging.get(size).segment(), 0, 4L * part);
            copies++;
            staging.get(size).upload();
            transfer(size, "upload", size, at + done, part);
            done += part;
        }
    }

    /** Copies {@code count} floats from the heap. */
    void download(int at, MemorySegment to, int count) {
        for (int done = 0; done < count; ) {
            int size = sizeClass(count - done);
            int part = Math.min(STAGING[size], count - done);
            transfer(STAGING.length + size, "download", size, at + done, part);
            copies++;
            staging.get(size).download();
            MemorySegment.copy(staging.get(size).segment(), ValueLayout.JAVA_FLOAT, 0, to, ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * done, part);
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

    private void transfer(int index, String what, int size, int at, int count) {
        transfer.segment().copyFrom(MemorySegment.ofArray(new int[] {at, count}));
        copies++;
        transfer.upload();
        run(index, what, Math.ceilDiv(count, STAGING_GROUP), STAGING_GROUP, heap, transfer, staging.get(size));
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
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (library != null) {
                library.close();
            }
            heap.free();
            transfer.free();
            staging.forEach(Resident::free);
            spare.forEach(Resident::free);
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw failure("freeing memory", e);
        }
    }
}
