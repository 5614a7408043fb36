package dev.itprompt.device.cpu;

import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
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

/** Attention with shared prefixes, forward and backward. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
    "-XX:Tier3DelayOn=1000000"})
public class AttentionBenchmark {

    /** Batch, tokens, width, heads, prefix length. */
    @Param({"128x65x192x3x0", "128x65x192x3x8", "17x257x256x4x8", "8x197x768x12x8"})
    public String shape;

    @Param({"false", "true"})
    public boolean causal;

    @Param({"1", "2"})
    public int threads;

    private AttentionKernels.Sizes sizes;
    private Arena arena;
    private Workers workers;
    private Workspace space;
    private long qkv;
    private long dqkv;
    private long y;
    private long keys;
    private long values;
    private long dKeys;
    private long dValues;

    @Setup(Level.Trial)
    public void allocate() {
        String[] parts = shape.split("x");
        int batch = Integer.parseInt(parts[0]);
        int tokens = Integer.parseInt(parts[1]);
        int width = Integer.parseInt(parts[2]);
        int prefix = Integer.parseInt(parts[4]);
        sizes = new AttentionKernels.Sizes(batch, tokens, width, Integer.parseInt(parts[3]), prefix, false, causal);
        arena = Arena.ofShared();
        workers = new Workers(threads);
        space = new Workspace(threads);
        space.reserve(sizes.backwardBytes(), sizes.sharedBytes());
        qkv = floats(3 * batch * tokens * width);
        dqkv = floats(3 * batch * tokens * width);
        y = floats(batch * tokens * width);
        keys = floats(prefix * width);
        values = floats(prefix * width);
        dKeys = prefix == 0 ? 0 : floats(prefix * width);
        dValues = prefix == 0 ? 0 : floats(prefix * width);
    }

    private long floats(int count) {
        return arena.allocate(4L * Math.max(1, count), 64).address();
    }

    @TearDown(Level.Trial)
    public void free() {
        workers.close();
        space.close();
        arena.close();
    }

    @Benchmark
    public void forward() {
        AttentionKernels.forward(workers, space, sizes, qkv, keys, values, y);
    }

    @Benchmark
    public void backward() {
        AttentionKernels.backward(workers, space, sizes, qkv, keys, values, y, dqkv, dKeys, dValues);
    }
}
