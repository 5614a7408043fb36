package dev.itprompt.experiment;

import dev.itprompt.config.Configuration;
import dev.itprompt.device.Device;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.device.Profile;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.graph.Work;
import dev.itprompt.method.itprompt.ItPromptSettings;
import dev.itprompt.model.Clip;
import dev.itprompt.model.VisionTransformer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * Measures IT-Prompt's training step and its inference on a device, kernel by kernel, against the device's own multiply-add peak,
 * which is measured before and after every repetition. Weights and images are random.
 */
public final class Benchmark {

    /** Models to measure: OpenAI's CLIP sizes, and the bundled model's. */
    public enum Model {
        /** 32x32 pixels, 17 tokens of width 256, 3 blocks, mean of all tokens. */
        TINY(new VisionTransformer(32, 8, 256, 1024, 3, 4, 256, Op.Activation.QUICK_GELU, 1e-5f, false, true,
                VisionTransformer.Pooling.MEAN)),
        /** 224x224 pixels, 50 tokens of width 768, 12 blocks. */
        VIT_B32(VisionTransformer.clip(224, 32, 768, 12, 512)),
        /** 224x224 pixels, 197 tokens of width 768, 12 blocks. */
        VIT_B16(VisionTransformer.clip(224, 16, 768, 12, 512)),
        /** 224x224 pixels, 257 tokens of width 1024, 24 blocks. */
        VIT_L14(VisionTransformer.clip(224, 14, 1024, 24, 768));

        private final VisionTransformer vision;

        Model(VisionTransformer vision) {
            this.vision = vision;
        }

        /** The image tower. */
        public VisionTransformer vision() {
            return vision;
        }

        /** As the command line writes it, such as {@code vit-b16}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * One kind of kernel over all repetitions.
     *
     * @param calls per repetition
     */
    public record Row(String kernel, double calls, double milliseconds, Work work) {}

    /**
     * What was measured; medians over repetitions.
     *
     * @param images per repetition
     * @param peak   floating-point operations per second
     * @param share  of the peak measured right before and after
     * @param rows   the longest first
     */
    public record Measurement(int images, double seconds, Work work, double peak, double share, List<Row> rows) {

        /** Throughput. */
        public double imagesPerSecond() {
            return images / seconds;
        }

        /** Seconds that the kernels of a repetition take at least on a card. */
        public double secondsOn(Card card) {
            return rows.stream().mapToDouble(row -> row.calls() * card.seconds(row.work())).sum();
        }

        /** Billions of floating-point operations per second. */
        public double gflops() {
            return work.flops() / seconds * 1e-9;
        }
    }

    /**
     * Memory of the whole process.
     *
     * @param planned what model, queries and training step need by the device's plan, and Java itself
     * @param peak    most that was resident at any time; 0 where the system does not tell
     */
    public record Memory(long planned, long peak) {}

    /**
     * What comes on top of the kernels' work.
     *
     * @param firstStep seconds from the start of the process to the end of its first training step, compilation included
     * @param launches  of one training step; 0 if kernels are just called
     * @param launch    seconds that each costs; NaN without launches
     * @param copies    between host and device in one training step, tables of the launches included
     */
    public record Overhead(double firstStep, int launches, double launch, long copies) {}

    private static final int PREFIX = 8;
    private static final long LONGEST_WARM_UP = 10_000_000_000L;
    /** So many measurements of the peak in a row have to agree. */
    private static final int STEADY = 20;
    /** Kernels are compiled while they work on a small batch. */
    private static final int WARM_BATCH = 4;

    private final Device device;
    private final Model model;
    private final Clip clip;
    private final ItPromptSettings settings;
    private long planned;
    private double firstStep;
    private int launches;
    private long copies;

    /**
     * Draws random weights.
     *
     * @param recompute whether the backward pass computes blocks again
     */
    public Benchmark(Device device, Model model, boolean recompute) {
        this.device = device;
        this.model = model;
        this.clip = Workload.randomClip(model.vision);
        this.settings = Configuration.of(ItPromptSettings.class).set("bench", "length=" + PREFIX).set("bench", "recompute=" + recompute)
                .build().settings();
    }

    /**
     * Measures {@code embed} and {@code train}.
     *
     * @param batch       images per step
     * @param repetitions at least 1
     * @param warmSeconds how long to run small batches before
     */
    public Map<String, Measurement> run(int batch, int repetitions, double warmSeconds) {
        warm(Math.min(batch, WARM_BATCH), warmSeconds);
        try (Workload workload = new Workload(device, clip, settings, batch)) {
            launches = workload.trainLaunches();
            planned = workload.plannedBytes() + MemoryPlan.JAVA_BYTES;
            Map<String, Measurement> measurements = new LinkedHashMap<>();
            measurements.put("embed", measure(workload::embed, workload::embed, workload.embedWork(), batch, repetitions));
            measurements.put("train", measure(workload::train, workload::train, workload.trainWork(), batch, repetitions));
            if (launches > 0) {
                long before = device.copies();
                workload.train();
                copies = device.copies() - before;
            }
            return measurements;
        }
    }

    /** What the runs until now needed. */
    public Memory memory() {
        return new Memory(planned, peakResidentBytes());
    }

    /** What the runs until now cost beside the kernels' work. */
    public Overhead overhead() {
        return new Overhead(firstStep, launches, device.measureLaunch(), copies);
    }

    private static long peakResidentBytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(text -> text.startsWith("VmHWM:")).mapToLong(text -> Long.parseLong(text.replaceAll("\\D", "")) << 10)
                    .findFirst().orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Until the compiler is done with the loop: two measurements agree. */
    private void warmPeak() {
        long end = System.nanoTime() + LONGEST_WARM_UP;
        double last = device.measurePeak();
        for (int steady = 0; !Double.isNaN(last) && steady < STEADY && System.nanoTime() < end; ) {
            double next = device.measurePeak();
            steady = Math.abs(next - last) < 0.1 * last && next > 1e9 ? steady + 1 : 0;
            last = next;
        }
    }

    private void warm(int batch, double seconds) {
        try (Workload workload = new Workload(device, clip, settings, batch)) {
            long end = System.nanoTime() + (long) (seconds * 1e9);
            while (System.nanoTime() < end) {
                workload.train();
                if (firstStep == 0) {
                    firstStep = (System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime()) * 1e-3;
                }
                device.measurePeak();
            }
        }
        warmPeak();
    }

    /** @param run measured as a whole where launches overtake the device, which a profile would have them wait for */
    private Measurement measure(Runnable run, Consumer<Profile> profiled, Work work, int batch, int repetitions) {
        Map<String, Row> rows = new HashMap<>();
        Profile profile = (nodes, nanoseconds) -> rows.merge(label(nodes),
                new Row(label(nodes), 1.0 / repetitions, nanoseconds * 1e-6 / repetitions, Work.of(nodes)),
                (a, b) -> new Row(a.kernel, a.calls + b.calls, a.milliseconds + b.milliseconds, a.work));
        double[] seconds = new double[repetitions];
        double[] shares = new double[repetitions];
        double[] peaks = new double[repetitions + 1];
        peaks[0] = device.measurePeak();
        for (int i = 0; i < repetitions; i++) {
            long start = System.nanoTime();
            if (launches == 0) {
                profiled.accept(profile);
            } else {
                run.run();
            }
            seconds[i] = (System.nanoTime() - start) * 1e-9;
            peaks[i + 1] = device.measurePeak();
            shares[i] = work.flops() / seconds[i] / ((peaks[i] + peaks[i + 1]) / 2);
        }
        for (int i = 0; i < repetitions && launches > 0; i++) {
            profiled.accept(profile);
        }
        List<Row> sorted = new ArrayList<>(rows.values());
        sorted.sort(Comparator.comparingDouble(Row::milliseconds).reversed());
        return new Measurement(batch, median(seconds), work, median(peaks), median(shares), sorted);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** For example {@code MatMul [6304, 768]x[768, 3072]}. */
    private static String label(List<Node> nodes) {
        StringBuilder label = new StringBuilder();
        nodes.forEach(node -> label.append(label.isEmpty() ? "" : "+").append(node.op().getClass().getSimpleName()));
        Node first = nodes.getFirst();
        first.inputs().stream().limit(2).forEach(input -> label.append(' ').append(input.shape()));
        return label.toString();
    }

    /**
     * The measurements as a JSON object, rates in billions per second.
     *
     * @param card whose least times stand beside them
     */
    public String json(Map<String, Measurement> measurements, int batch, Optional<Card> card) {
        ObjectNode node = ResultFiles.JSON.createObjectNode().put("model", model.toString()).put("batch", batch)
                .put("device", device.description());
        Overhead overhead = overhead();
        ObjectNode cost = node.putObject("overhead").put("firstStepSeconds", overhead.firstStep);
        if (overhead.launches > 0) {
            cost.put("launchesPerStep", overhead.launches).put("secondsPerLaunch", overhead.launch).put("copiesPerStep", overhead.copies);
        }
        Memory memory = memory();
        node.putObject("memory").put("plannedBytes", memory.planned).put("peakResidentBytes", memory.peak);
        measurements.forEach((name, m) -> {
            ObjectNode part = node.putObject(name).put("imagesPerSecond", m.imagesPerSecond()).put("seconds", m.seconds)
                    .put("gflops", m.gflops()).put("bytes", m.work.bytes());
            if (!Double.isNaN(m.peak)) {
                part.put("peakGflops", m.peak * 1e-9).put("percentOfPeak", 100 * m.share);
            }
            card.ifPresent(gpu -> part.put("atLeastSecondsOn" + gpu, m.secondsOn(gpu)));
            var kernels = part.putArray("kernels");
            m.rows.forEach(row -> kernels.addObject().put("kernel", row.kernel).put("calls", row.calls)
                    .put("milliseconds", row.milliseconds).put("gflop", row.work.flops() * 1e-9).put("bytes", row.work.bytes()));
        });
        return ResultFiles.JSON.writeValueAsString(node);
    }
}
