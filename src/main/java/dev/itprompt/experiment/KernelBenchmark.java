package dev.itprompt.experiment;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.verify.Scene;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.graph.Work;
import dev.itprompt.model.VisionTransformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Measures the ops that a training step of a model's size consists of one by one: its matrix products, attention and layer
 * normalization with their gradients, on random values.
 */
public final class KernelBenchmark {

    private static final float EPSILON = 1e-5f;

    /** The ops. */
    public enum Study {
        /** Queries, keys and values of a block: [R, W] by [3W, W] transposed, and a bias. */
        QKV,
        /** The MLP's first layer and its QuickGELU: [R, W] by [4W, W] transposed. */
        MLP_UP,
        /** The MLP's second layer and the residual: [R, 4W] by [W, 4W] transposed. */
        MLP_DOWN,
        /** Gradient of the first layer's input: [R, 4W] by [4W, W]. */
        MLP_GRADIENT,
        /** The attention of a block. */
        ATTENTION,
        /** Its gradient. */
        ATTENTION_GRADIENT,
        /** Layer normalization of [R, W]. */
        LAYER_NORM,
        /** The gradient of its input. */
        LAYER_NORM_GRADIENT;

        /** Such as {@code mlp-up}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * What was measured of an op.
     *
     * @param seconds median of all runs
     */
    public record Row(Study study, double seconds, Work work) {

        /** Billions of floating-point operations a second; 0 for what is bound by memory alone. */
        public double gflops() {
            return work.flops() / seconds * 1e-9;
        }

        /** Billions of bytes a second, everything read and written once. */
        public double gigabytes() {
            return work.bytes() / seconds * 1e-9;
        }
    }

    private final VisionTransformer model;
    private final int batch;

    /**
     * @param model whose sizes are taken
     * @param batch images at a time; R is this times the model's tokens
     */
    public KernelBenchmark(VisionTransformer model, int batch) {
        this.model = model;
        this.batch = batch;
    }

    /**
     * Measures all, after each has run for a while, since compilers are at work meanwhile.
     *
     * @param repetitions measured runs of each op, at least 1
     * @param warmSeconds how long each op runs before, at least once
     */
    public List<Row> run(Device device, int repetitions, double warmSeconds) {
        for (Study study : Study.values()) {
            run(device, study, executable -> {
                long end = System.nanoTime() + (long) (warmSeconds * 1e9);
                do {
                    executable.run();
                } while (System.nanoTime() < end);
            });
        }
        List<Row> rows = new ArrayList<>();
        for (Study study : Study.values()) {
            run(device, study, executable -> {
                seconds(executable, study); // its own buffers and tables
                double[] seconds = new double[repetitions];
                Arrays.setAll(seconds, _ -> seconds(executable, study));
                Arrays.sort(seconds);
                rows.add(new Row(study, (seconds[(repetitions - 1) / 2] + seconds[repetitions / 2]) / 2,
                        Work.of(executable.plan().schedule().stream().filter(node -> isMeasured(study, node)).toList())));
            });
        }
        return rows;
    }

    private void run(Device device, Study study, Consumer<Executable> use) {
        Scene scene = new Scene(1);
        scene.result(build(scene, study));
        try (Executable executable = scene.compile(device)) {
            use.accept(executable);
        }
    }

    /** Of the kernels of a run, as the device tells, since launches may not wait; of the run where it does not tell kernels apart. */
    private static double seconds(Executable executable, Study study) {
        long[] total = {0};
        long start = System.nanoTime();
        executable.run((nodes, nanoseconds) -> total[0] += nodes.stream().allMatch(node -> isMeasured(study, node)) ? nanoseconds : 0);
        return (total[0] > 0 ? total[0] : System.nanoTime() - start) * 1e-9;
    }

    /** The gradient of attention reads what an attention of the same run may have kept for it, as in a training. */
    private static boolean isMeasured(Study study, Node node) {
        return study != Study.ATTENTION_GRADIENT || !(node.op() instanceof Op.Attention);
    }

    private Node build(Scene s, Study study) {
        Graph g = s.graph();
        int width = model.width();
        int tokens = model.tokens();
        int rows = batch * tokens;
        int hidden = model.hidden();
        return switch (study) {
            case QKV -> g.linear(s.normal(rows, width), s.constant(3 * width, width), s.constant(3 * width));
            case MLP_UP -> g.activate(g.linear(s.normal(rows, width), s.constant(hidden, width), s.constant(hidden)), Op.Activation.QUICK_GELU);
            case MLP_DOWN -> g.add(g.linear(s.normal(rows, hidden), s.constant(width, hidden), s.constant(width)), s.normal(rows, width));
            case MLP_GRADIENT -> g.matMul(s.normal(rows, hidden), s.constant(hidden, width));
            case ATTENTION -> g.attention(s.normal(batch, tokens, 3 * width), model.heads(), false);
            case ATTENTION_GRADIENT -> {
                Node qkv = s.normal(batch, tokens, 3 * width);
                s.result(g.attention(qkv, model.heads(), false));
                yield g.apply(new Op.AttentionGrad(model.heads(), false), qkv, s.normal(batch, tokens, width));
            }
            case LAYER_NORM -> g.layerNorm(s.normal(rows, width), s.constant(width), s.constant(width), EPSILON);
            case LAYER_NORM_GRADIENT -> g.apply(new Op.LayerNormGrad(EPSILON), s.normal(rows, width), s.constant(width), s.normal(rows, width));
        };
    }
}
