package dev.itprompt.device;

import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Work;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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

/**
 * One op, compiled for the CPU device and run again and again on random values. Beside runs per second the counters give
 * billions of floating-point operations and of bytes per second, as {@link Work} counts them: what the op needs at least.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
    "-XX:Tier3DelayOn=1000000"})
public abstract class OpBenchmark {

    @Param
    public Sizes sizes;

    @Param({"1", "2"})
    public int threads;

    private final Random random = new Random(1);
    private final Map<Node, Tensor> inputs = new HashMap<>();
    private Graph graph;
    private CpuDevice device;
    private Executable executable;
    private Work work;

    /** What a run adds to the counters. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Rates {
        /** Billions of floating-point operations, a multiply-add as two. */
        public double gflop;
        /** Billions of bytes. */
        public double gigabytes;
    }

    /** Describes the measured op: its results. */
    abstract Node build(Graph g);

    @Setup(Level.Trial)
    public void compile() {
        graph = new Graph();
        Node result = build(graph);
        device = new CpuDevice(threads);
        executable = device.compile(graph, List.of(result));
        inputs.forEach(executable::write);
        work = Work.of(executable.plan().schedule());
    }

    @TearDown(Level.Trial)
    public void close() {
        executable.close();
        device.close();
    }

    @Benchmark
    public void run(Rates rates) {
        executable.run();
        rates.gflop += work.flops() * 1e-9;
        rates.gigabytes += work.bytes() * 1e-9;
    }

    /** An input of normally distributed values. */
    final Node normal(int... dims) {
        return input(gaussian(dims));
    }

    /** Frozen weights. */
    final Node constant(int... dims) {
        return graph.constant(gaussian(dims));
    }

    /** Trained weights. */
    final Node variable(int... dims) {
        return graph.variable("w" + graph.nodes().size(), gaussian(dims));
    }

    /** An input of whole numbers below {@code bound}. */
    final Node ids(int bound, int... dims) {
        Tensor values = Tensor.zeros(Shape.of(dims));
        for (int i = 0; i < values.shape().size(); i++) {
            values.set(i, random.nextInt(bound));
        }
        return input(values);
    }

    /** An input of given values. */
    final Node values(float... values) {
        return input(Tensor.of(values.length == 1 ? Shape.SCALAR : Shape.of(values.length), values));
    }

    private Node input(Tensor values) {
        Node node = graph.input("x" + graph.nodes().size(), values.shape());
        inputs.put(node, values);
        return node;
    }

    private Tensor gaussian(int... dims) {
        Tensor values = Tensor.zeros(Shape.of(dims));
        for (int i = 0; i < values.shape().size(); i++) {
            values.set(i, (float) random.nextGaussian());
        }
        return values;
    }
}
