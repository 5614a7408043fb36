package dev.itprompt.device.tornado;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.Fusion;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * One device of one TornadoVM backend. All graphs live in one heap on it, which grows when a graph does not fit; a frozen tensor
 * is there once, however many graphs read it. Used by one thread at a time; a second one is refused, since TornadoVM would mix up
 * their data.
 */
public final class TornadoDevice implements Device {

    /** Floats of the heap to begin with: 64 MiB. */
    private static final int FIRST_CAPACITY = 1 << 24;
    /** Launches of which the median counts. */
    private static final int LAUNCHES = 101;
    /** Numbers of launches that have a range of the heap together. */
    private static final int NUMBERS = 1024;
    /** What one array can hold. */
    private static final int MOST_FLOATS = Integer.MAX_VALUE - 63;

    private final uk.ac.manchester.tornado.api.common.TornadoDevice hardware;
    private final String name;
    private final HeapSpace space = new HeapSpace(FIRST_CAPACITY);
    private final Map<Tensor, Frozen> constants = new IdentityHashMap<>();
    /** Where numbers of launches lie: the same ones once. */
    private final Map<List<Float>, Integer> numbers = new HashMap<>();
    private int nextNumbers;
    private int numbersLeft;
    private final ReentrantLock inUse = new ReentrantLock();
    private final Lowering.Rung rung;
    private final Precision precision;
    private final Engine engine;

    /** A constant's place and the number of executables that read it. */
    private record Frozen(int at, int readers) {}

    /**
     * @param name backend and index, such as {@code opencl:0}
     * @param rung which kernels do matrix products and attention
     * @param precision of matrix products
     */
    TornadoDevice(uk.ac.manchester.tornado.api.common.TornadoDevice hardware, String name, Lowering.Rung rung, Precision precision) {
        this.hardware = hardware;
        this.name = name;
        this.rung = rung;
        this.precision = precision;
        requireGroup(label(), hardware.getDeviceMaxWorkgroupDimensions()[0]);
        this.engine = new Engine(hardware, label(), precision, FIRST_CAPACITY);
    }

    /** A larger group than the device allows would be replaced by one of the driver's choice, silently. */
    static void requireGroup(String device, long largest) {
        if (largest < Kernel.WIDE) {
            throw new TornadoException(device + ": allows work-groups of " + largest + " items, but kernels need " + Kernel.WIDE, null);
        }
    }

    /** Which kernels do matrix products and attention. */
    Lowering.Rung rung() {
        return rung;
    }

    /** What matrix products are computed with. */
    Precision precision() {
        return precision;
    }

    /** How messages call it. */
    String label() {
        return "tornado:" + name + (precision == Precision.EXACT ? "" : "@" + precision) + " (" + hardware.getDeviceName().strip() + ")";
    }

    @Override
    public String description() {
        return String.format(Locale.ROOT, "%s, %s, groups of up to %,d items, %,d MiB of memory, heap of %,d MiB", label(),
                hardware.getPlatformName().strip(), hardware.getDeviceMaxWorkgroupDimensions()[0], hardware.getMaxGlobalMemory() >> 20,
                4L * engine.capacity() >> 20);
    }

    @Override
    public Executable compile(Graph graph, List<Node> results) {
        return new TornadoExecutable(this, graph, results);
    }

    @Override
    public MemoryPlan plan(Graph graph, List<Node> results) {
        List<Node> schedule = BufferPlan.schedule(graph, results);
        return new MemoryPlan(BufferPlan.of(schedule, results, Fusion.of(schedule, results)), 0);
    }

    @Override
    public double productTolerance() {
        return precision.tolerance;
    }

    @Override
    public double measureLaunch() {
        int at = take(1);
        Engine.Prepared fill = prepare(Launch.items(Kernel.FILL, 1, at, 1).with(0));
        try {
            double[] seconds = new double[LAUNCHES];
            for (int i = 0; i < LAUNCHES; i++) {
                long start = System.nanoTime();
                launch(fill);
                seconds[i] = (System.nanoTime() - start) * 1e-9;
            }
            Arrays.sort(seconds);
            return seconds[LAUNCHES / 2];
        } finally {
            release(fill);
            space.release(at);
        }
    }

    @Override
    public long copies() {
        return engine.copies();
    }

    /** Compiles a kernel without running it. */
    void compile(Kernel kernel) {
        guarded(() -> engine.compile(kernel));
    }

    /** Takes a range of the heap, which grows if it has to. */
    int take(long floats) {
        int at = space.take(floats);
        if (at < 0) {
            grow(space.needed(floats));
            at = space.take(floats);
        }
        return at;
    }

    /** Grows the heap at once by what a graph will take, piece by piece. */
    void reserve(long floats) {
        long needed = space.needed(floats);
        if (needed > engine.capacity()) {
            grow(needed);
        }
    }

    private void grow(long needed) {
        long most = mostFloats(hardware.getMaxAllocMemory());
        if (needed > most) {
            throw new TornadoException(String.format(Locale.ROOT, "%s: needs a heap of %,d MiB, more than the %,d MiB that one array can"
                    + " hold here; use a smaller batch", label(), needed >> 18, most >> 18), null);
        }
        int capacity = (int) Math.min(most, Math.max(needed, 2L * engine.capacity()));
        Tensor kept = Tensor.zeros(Shape.of((int) Math.max(1, space.used())));
        download(0, kept);
        guarded(() -> engine.resize(capacity));
        space.extend(capacity);
        upload(kept, 0);
    }

    /** Floats of the largest array: TornadoVM's limit or the device's, in bytes, less a header that is never longer. */
    static long mostFloats(long largestAllocation) {
        return Math.min(MOST_FLOATS, (largestAllocation - 64) / Float.BYTES);
    }

    /** Floats that a constant will take: none if it is here already. */
    long constantFloats(Tensor value) {
        return constants.containsKey(value) ? 0 : HeapSpace.aligned(value.shape().size());
    }

    /** Where a constant lies, uploaded if no executable has it yet. */
    int constant(Tensor value) {
        Frozen known = constants.get(value);
        int at = known == null ? take(value.shape().size()) : known.at();
        if (known == null) {
            upload(value, at);
        }
        constants.put(value, new Frozen(at, known == null ? 1 : known.readers() + 1));
        return at;
    }

    /** Gives back what an executable had. */
    void release(int block, List<Tensor> read) {
        space.release(block);
        for (Tensor value : read) {
            Frozen frozen = constants.get(value);
            if (frozen.readers() > 1) {
                constants.put(value, new Frozen(frozen.at(), frozen.readers() - 1));
            } else {
                constants.remove(value);
                space.release(frozen.at());
            }
        }
    }

    void upload(Tensor value, int at) {
        guarded(() -> engine.upload(value.data(), at, value.shape().size()));
    }

    void download(int at, Tensor value) {
        guarded(() -> engine.download(at, value.data(), value.shape().size()));
    }

    /** Brings to the device what a launch is given: its table, and its numbers if none has had the same ones before. */
    Engine.Prepared prepare(Launch launch) {
        int at = numbers(launch.numbers());
        Engine.Prepared[] prepared = new Engine.Prepared[1];
        guarded(() -> prepared[0] = engine.prepare(launch, at));
        return prepared[0];
    }

    /** Gives back what {@link #prepare} brought. */
    void release(Engine.Prepared launch) {
        guarded(() -> engine.release(launch));
    }

    /** A launch that is not repeated. */
    void launch(Launch launch) {
        Engine.Prepared prepared = prepare(launch);
        launch(prepared);
        release(prepared);
    }

    void launch(Engine.Prepared prepared) {
        guarded(() -> engine.launch(prepared));
    }

    /** Where numbers of launches lie, uploaded if none has had the same ones before. */
    private int numbers(float[] values) {
        if (values.length == 0) {
            return 0;
        }
        return numbers.computeIfAbsent(IntStream.range(0, values.length).mapToObj(i -> values[i]).toList(), _ -> {
            if (numbersLeft < values.length) {
                nextNumbers = take(NUMBERS);
                numbersLeft = NUMBERS;
            }
            int at = nextNumbers;
            upload(Tensor.of(Shape.of(values.length), values), at);
            nextNumbers += values.length;
            numbersLeft -= values.length;
            return at;
        });
    }

    /**
     * Whether runs are recorded as graphs of the driver and replayed: with CUDA, if {@code itprompt.graphs} is true, as no GPU has run it
     * yet.
     */
    boolean records() {
        return Engine.isCuda(hardware) && Boolean.getBoolean("itprompt.graphs");
    }

    /** See {@link Engine#record}. */
    long record(Runnable launches) {
        return engine.record(launches);
    }

    /** See {@link Engine#replay}. */
    void replay(long recording) {
        guarded(() -> engine.replay(recording));
    }

    /** See {@link Engine#forget}. */
    void forget(long recording) {
        guarded(() -> engine.forget(recording));
    }

    /** See {@link Engine#generation}. */
    int generation() {
        return engine.generation();
    }

    /** Waits until all launches are done. */
    void await() {
        guarded(engine::await);
    }

    private void guarded(Runnable work) {
        if (!inUse.tryLock()) {
            throw new IllegalStateException(label() + ": used by two threads at a time");
        }
        try {
            work.run();
        } finally {
            inUse.unlock();
        }
    }

    @Override
    public void close() {
        guarded(engine::close);
    }
}
