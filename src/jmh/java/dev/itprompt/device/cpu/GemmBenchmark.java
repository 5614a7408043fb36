package dev.itprompt.device.cpu;

import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Matrix products of a small vision transformer in the orientations of a training step; the counter is flop per second. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
    "-XX:Tier3DelayOn=1000000"})
public class GemmBenchmark {

    /** Rows, input width and output width of a linear layer. */
    @Param({"8320x192x576", "8320x192x192", "8320x192x768", "8320x768x192", "4352x256x1024", "4352x1024x256"})
    public String shape;

    @Param({"1", "2"})
    public int threads;

    private int rows;
    private int in;
    private int out;
    private Arena arena;
    private Workers workers;
    private Workspace space;
    private long x;
    private long y;
    private long weight;
    private long panels;
    private long zeros;

    /** Counts floating-point operations, a multiply-add as two. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Flops {
        /** Reported per second. */
        public double flops;
    }

    @Setup(Level.Trial)
    public void allocate() {
        String[] parts = shape.split("x");
        rows = Integer.parseInt(parts[0]);
        in = Integer.parseInt(parts[1]);
        out = Integer.parseInt(parts[2]);
        arena = Arena.ofShared();
        workers = new Workers(threads);
        space = new Workspace(threads);
        space.reserve(Gemm.transposedBytes(), 0);
        x = floats(rows * in);
        y = floats(rows * out);
        weight = floats(in * out);
        zeros = floats(Tiles.padded(Math.max(in, out)));
        panels = arena.allocate(Gemm.packedBytes(in, out), 64).address();
        Gemm.pack(workers, weight, true, in, out, panels);
    }

    private long floats(int count) {
        return arena.allocate(4L * count, 64).address();
    }

    @TearDown(Level.Trial)
    public void free() {
        workers.close();
        space.close();
        arena.close();
    }

    /** Forward through a frozen layer: the weight is packed. */
    @Benchmark
    public void frozenWeight(Flops count) {
        Gemm.packed(workers, space, x, rows, in, panels, out, zeros, y, Gemm.Epilogue.NONE);
        count.flops += 2.0 * rows * in * out;
    }

    /** Forward through a layer that is being trained: the weight [out, in] is packed each time. */
    @Benchmark
    public void trainedWeight(Flops count) {
        Gemm.pack(workers, weight, true, in, out, panels);
        Gemm.packed(workers, space, x, rows, in, panels, out, zeros, y, Gemm.Epilogue.NONE);
        count.flops += 2.0 * rows * in * out;
    }

    /** The weight's gradient [out, in]: both operands are activations, summed over rows. */
    @Benchmark
    public void weightGradient(Flops count) {
        Gemm.transposed(workers, space, y, out, rows, x, false, in, zeros, weight);
        count.flops += 2.0 * rows * in * out;
    }
}
