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

/** Layer normalization of [rows, width], forward and backward. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
    "-XX:Tier3DelayOn=1000000"})
public class LayerNormBenchmark {

    private static final float EPSILON = 1e-5f;

    /** Rows and width. */
    @Param({"8320x192", "4352x256", "1576x768"})
    public String shape;

    @Param({"1", "2"})
    public int threads;

    private int rows;
    private int width;
    private Arena arena;
    private Workers workers;
    private Workspace space;
    private long x;
    private long y;
    private long dy;
    private long gain;
    private long bias;

    @Setup(Level.Trial)
    public void allocate() {
        String[] parts = shape.split("x");
        rows = Integer.parseInt(parts[0]);
        width = Integer.parseInt(parts[1]);
        arena = Arena.ofShared();
        workers = new Workers(threads);
        space = new Workspace(threads);
        space.reserve(0, LayerNormKernels.gainBytes(rows, width));
        x = floats(rows * width);
        y = floats(rows * width);
        dy = floats(rows * width);
        gain = floats(width);
        bias = floats(width);
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

    @Benchmark
    public void forward() {
        LayerNormKernels.forward(workers, x, gain, bias, EPSILON, y, rows, width);
    }

    @Benchmark
    public void backward() {
        LayerNormKernels.backward(workers, x, gain, dy, EPSILON, 0, y, rows, width);
    }

    @Benchmark
    public void gainGradient() {
        LayerNormKernels.gain(workers, space, x, dy, EPSILON, bias, rows, width);
    }
}
