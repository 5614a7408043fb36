package dev.itprompt.cli;

import dev.itprompt.AtomicFile;
import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.Program;
import dev.itprompt.Writable;
import dev.itprompt.cluster.Cluster;
import dev.itprompt.device.Device;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.experiment.Benchmark;
import dev.itprompt.experiment.Benchmark.Measurement;
import dev.itprompt.experiment.Card;
import dev.itprompt.experiment.KernelBenchmark;
import dev.itprompt.experiment.LoadingBenchmark;
import dev.itprompt.parallel.ClusterPlace;
import dev.itprompt.parallel.StepTimes;
import dev.itprompt.report.Cell;
import dev.itprompt.report.KernelHistory;
import dev.itprompt.train.PartsPlace;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures a device. */
@Command(
        name = "bench",
        preprocessor = FormerNames.class,
        description = {"Measures inference and the whole training step of IT-Prompt on random images and weights, against the device's own "
            + "multiply-add peak; or single kernels; or how fast images are loaded.", ""},
        footer = {"", "Examples:",
            "  itprompt bench --model tiny --batch 128",
            "  itprompt bench --model vit-b16 --batch 32 --threads 1 --output bench.json",
            "  itprompt bench --model vit-b16 --batch 64 --device tornado:cuda --card H200",
            "  itprompt bench --model vit-b16 --batch 8 --parts 2 --repetitions 20 --on spark://head:7077 --threads 16",
            "  itprompt bench --kernels --model vit-b16 --batch 8 --history output/kernels.jsonl",
            "  itprompt bench --loading photos"})
final class BenchCommand implements Callable<Integer> {

    /** S of ViT-B/16. */
    private static final int SIDE = 224;

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "NAME", defaultValue = "tiny",
            description = "tiny (the bundled model's size), vit-b32, vit-b16 or vit-l14; default: ${DEFAULT-VALUE}.")
    private String model;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "32", description = "Images per step; default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--repetitions", paramLabel = "N", defaultValue = "3",
            description = "Measured runs, of which the median counts; default: ${DEFAULT-VALUE}.")
    private int repetitions;

    @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "8",
            description = "Time to run small batches before, so that kernels are compiled; default: ${DEFAULT-VALUE}.")
    private double warmUp;

    @Option(names = "--rows", paramLabel = "N", defaultValue = "12", description = "Kernels shown; default: ${DEFAULT-VALUE}.")
    private int rows;

    @Option(names = "--recompute", description = "Compute each block again in the backward pass instead of keeping what is inside.")
    private boolean recompute;

    @Option(names = "--kernels",
            description = "Measure instead matrix products, attention and layer normalization at the model's sizes one by one, with each family of "
                    + "kernels that the device has. Each runs for the time of --warm-up before.")
    private boolean kernels;

    @Option(names = "--history", paramLabel = "FILE",
            description = "With --kernels: add the measurement to this file, as a line of JSON, and draw a page of all in it beside it.")
    private Path history;

    @Option(names = "--loading", paramLabel = "FOLDER",
            description = "Measure instead how fast images (one folder per class) are read, decoded, cropped at random to 224x224, mirrored and normalised.")
    private Path loading;

    @Option(names = "--parts", paramLabel = "P", defaultValue = "1",
            description = "Measure instead steps whose batches are cut into P parts, one after the other here, and with --on also by the processes of a "
                    + "cluster; --repetitions says how many steps.")
    private int parts;

    @Option(names = "--card", paramLabel = "NAME",
            description = "Also print the time that each kernel would take at least on this GPU, by its peak in fp32 and its memory: H100, H200, A100 "
                    + "or RTX4090. What is measured stays that of --device.")
    private String card;

    @Option(names = "--json", description = "Print JSON instead of tables.")
    private boolean json;

    @Option(names = "--output", paramLabel = "FILE", description = "Also write the measurements to this file, as JSON.")
    private Path output;

    @Mixin
    private DeviceOptions device;
    @Mixin
    private ClusterOption cluster;

    @Override
    public Integer call() {
        Benchmark.Model chosen = model();
        if (batch < 1 || batch > 4096 || repetitions < 1) {
            throw new InputException("--batch and --repetitions: expected 1 to 4096 and at least 1, found " + batch + " and "
                    + repetitions);
        }
        if (output != null) {
            Writable.requireFile("--output", output);
        }
        if (history != null) {
            if (!kernels) {
                throw new InputException("--history: expected --kernels beside it, since it keeps what that measures");
            }
            Writable.requireFile("--history", history);
        }
        List<String> instead = Stream.of(kernels ? "--kernels" : "", loading != null ? "--loading" : "", parts != 1 ? "--parts" : "")
                .filter(option -> !option.isEmpty()).toList();
        if (instead.size() > 1) {
            throw new InputException(String.join(" and ", instead) + ": expected one of them, since each is measured instead of the others");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (parts != 1 || cluster.isGiven()) {
            return inParts(out, chosen);
        }
        if (kernels) {
            printKernels(out, chosen);
            return 0;
        }
        Optional<Card> compared = Optional.ofNullable(card).map(BenchCommand::card);
        if (loading != null) {
            printLoading(out, new LoadingBenchmark(loading, SIDE, repetitions).run());
            return 0;
        }
        try (Device opened = device.open()) {
            head(out, opened, chosen);
            Benchmark benchmark = new Benchmark(opened, chosen, recompute);
            Map<String, Measurement> measurements = benchmark.run(batch, repetitions, warmUp);
            String text = benchmark.json(measurements, batch, compared) + "\n";
            if (json) {
                out.print(text);
            } else {
                print(out, benchmark, measurements, compared);
            }
            if (output != null) {
                AtomicFile.write(output, text.getBytes(StandardCharsets.UTF_8));
            }
        }
        out.flush();
        return 0;
    }

    /** Steps in parts, here and, where one is given, by a cluster. */
    private int inParts(PrintWriter out, Benchmark.Model chosen) {
        if (parts < 2 || batch % parts != 0) {
            throw new InputException("--parts: expected at least 2 that divide --batch " + batch + ", found " + parts);
        }
        if (json || output != null) {
            throw new InputException("--parts: expected neither --json nor --output beside it, since times of steps are told in words alone");
        }
        if (cluster.isElsewhere()) {
            return cluster.submit(spec, device);
        }
        PartsBenchmark benchmark = new PartsBenchmark(chosen, batch, parts, repetitions, device.kind(), device.threads());
        try (Cluster joined = cluster.join(device); Device opened = device.open()) {
            out.println("device: " + opened.description());
            out.println("model: " + chosen + ", batch " + batch + " in " + parts + " parts; " + repetitions + " steps");
            out.println("here: " + StepTimes.milliseconds(benchmark.run(opened, PartsPlace.HERE)));
            out.flush();
            if (cluster.isGiven()) {
                StepTimes times = new StepTimes();
                benchmark.run(opened, new ClusterPlace(joined, benchmark, times));
                out.println(times.describe());
            }
        }
        out.flush();
        return 0;
    }

    private void head(PrintWriter out, Device opened, Benchmark.Model chosen) {
        if (!json) {
            out.println("device: " + opened.description());
            out.println("model: " + chosen + ", batch " + batch + "; medians of " + repetitions + " runs");
            out.flush();
        }
    }

    private void printKernels(PrintWriter out, Benchmark.Model chosen) {
        KernelBenchmark benchmark = new KernelBenchmark(chosen.vision(), batch);
        List<KernelHistory.Rate> rates = new ArrayList<>();
        String description = null;
        for (Map.Entry<String, Supplier<Device>> family : device.families().entrySet()) {
            try (Device opened = family.getValue().get()) {
                if (description == null) {
                    description = opened.description();
                    head(out, opened, chosen);
                    printRow(out, "kernel", "family", "ms", "GFLOP/s", "GB/s");
                }
                for (KernelBenchmark.Row row : benchmark.run(opened, repetitions, warmUp)) {
                    KernelHistory.Rate rate = new KernelHistory.Rate(row.study().toString(), family.getKey(), 1e3 * row.seconds(), row.gflops(),
                            row.gigabytes());
                    rates.add(rate);
                    printRow(out, rate.kernel(), rate.family(), Cell.fixed(rate.milliseconds(), 3), Cell.fixed(rate.gflops(), 1),
                            Cell.fixed(rate.gigabytes(), 1));
                }
            }
        }
        KernelHistory.Entry entry = new KernelHistory.Entry(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(), Program.commit(), description,
                chosen.toString(), batch, rates);
        if (json) {
            out.println(KernelHistory.line(entry));
        }
        if (output != null) {
            AtomicFile.write(output, (KernelHistory.line(entry) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        if (history != null) {
            Path page = KernelHistory.add(history, entry);
            if (!json) {
                out.println("added to " + history + ", drawn in " + page);
            }
        }
        out.flush();
    }

    private void printRow(PrintWriter out, String kernel, String family, String milliseconds, String gflops, String gigabytes) {
        if (!json) {
            out.printf(Locale.ROOT, "%-20s %-10s %10s %9s %7s\n", kernel, family, milliseconds, gflops, gigabytes);
            out.flush();
        }
    }

    private void printLoading(PrintWriter out, LoadingBenchmark.Rates rates) {
        if (json) {
            out.println(JsonText.MAPPER.writeValueAsString(rates));
        } else {
            out.println(line("decoded each time", rates.decoded()));
            out.println(line("decoded images cached", rates.cached()));
        }
        out.flush();
    }

    private static String line(String what, LoadingBenchmark.Rate rate) {
        return String.format(Locale.ROOT, "%-22s %8.1f images/s, %6.2f ms of processor time each", what, rate.perSecond(),
                1e3 * rate.processorSeconds() / rate.images());
    }

    private void print(PrintWriter out, Benchmark benchmark, Map<String, Measurement> measurements, Optional<Card> compared) {
        measurements.forEach((name, measurement) -> print(out, name, measurement, compared));
        Benchmark.Overhead overhead = benchmark.overhead();
        out.printf(Locale.ROOT, "\nfirst step done %.1f s after the start of the process\n", overhead.firstStep());
        if (overhead.launches() > 0) {
            out.printf(Locale.ROOT, "launching kernels: %d of a step x %.3f ms = %.1f ms; %d copies between host and device in a step\n",
                    overhead.launches(), 1e3 * overhead.launch(), 1e3 * overhead.launches() * overhead.launch(), overhead.copies());
        } else { // in this process's own memory
            Benchmark.Memory memory = benchmark.memory();
            out.printf(Locale.ROOT, "memory: %,d MiB planned, %,d MiB of them for Java itself; at most %,d MiB were resident\n",
                    memory.planned() >> 20, MemoryPlan.JAVA_BYTES >> 20, memory.peak() >> 20);
        }
    }

    private Benchmark.Model model() {
        for (Benchmark.Model known : Benchmark.Model.values()) {
            if (known.toString().equals(model)) {
                return known;
            }
        }
        throw new InputException("--model: expected tiny, vit-b32, vit-b16 or vit-l14, found '" + Excerpt.of(model, 80) + "'");
    }

    private static Card card(String name) {
        return Card.of(name).orElseThrow(() -> new InputException("--card: expected H100, H200, A100 or RTX4090, found '" + Excerpt.of(name, 80) + "'"));
    }

    private void print(PrintWriter out, String name, Measurement m, Optional<Card> compared) {
        String share = Double.isNaN(m.peak()) ? ""
                : String.format(Locale.ROOT, " = %.1f %% of the peak of %.1f", 100 * m.share(), m.peak() * 1e-9);
        out.printf(Locale.ROOT, "\n%s: %.2f images/s, %.1f GFLOP/s%s; %.3f s, %.2f GB read and written by ops\n", name,
                m.imagesPerSecond(), m.gflops(), share, m.seconds(), m.work().bytes() * 1e-9);
        compared.ifPresent(gpu -> out.printf(Locale.ROOT, "at least %.3f ms on %s in fp32, so at most %.0f images/s\n", 1e3 * m.secondsOn(gpu), gpu,
                m.images() / m.secondsOn(gpu)));
        String title = compared.map(gpu -> String.format(Locale.ROOT, " %8s", gpu)).orElse("");
        out.printf(Locale.ROOT, "  %8s %5s %6s %8s %6s %6s%s  %s\n", "ms", "%", "calls", "GFLOP/s", "% peak", "GB/s", title, "kernel");
        double total = m.rows().stream().mapToDouble(Benchmark.Row::milliseconds).sum();
        m.rows().stream().limit(rows).forEach(row -> {
            double rate = row.calls() / row.milliseconds() * 1e-6;
            String part = Double.isNaN(m.peak()) ? "-" : String.format(Locale.ROOT, "%.1f", 100 * row.work().flops() * rate * 1e9 / m.peak());
            out.printf(Locale.ROOT, "  %8.2f %5.1f %6.0f %8.1f %6s %6.1f%s  %s\n", row.milliseconds(),
                    100 * row.milliseconds() / total, row.calls(), row.work().flops() * rate, part, row.work().bytes() * rate,
                    compared.map(gpu -> String.format(Locale.ROOT, " %8.3f", 1e3 * row.calls() * gpu.seconds(row.work()))).orElse(""), row.kernel());
        });
    }
}
