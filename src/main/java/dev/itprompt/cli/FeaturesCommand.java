package dev.itprompt.cli;

import dev.itprompt.AtomicFile;
import dev.itprompt.Excerpt;
import dev.itprompt.FolderLock;
import dev.itprompt.InputException;
import dev.itprompt.Writable;
import dev.itprompt.WriteException;
import dev.itprompt.cluster.Cluster;
import dev.itprompt.config.Configuration;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.features.Extractor;
import dev.itprompt.features.FeatureManifest;
import dev.itprompt.features.ShardJob;
import dev.itprompt.features.ShardResult;
import dev.itprompt.train.StopRequest;
import dev.itprompt.train.StoppedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Features of many images as files. */
@Command(
        name = "features",
        description = {"Writes the features of all images of a data set or of tar files (WebDataset) and Parquet files as the model gives them (not normalised): "
                + "safetensors files of some thousand rows, and manifest.jsonl with a line for each. Images that cannot be read are named there. "
                + "The same command goes on where an interrupted one was.", ""},
        subcommands = {FeaturesCommand.Merge.class},
        footer = {"", "Examples:",
            "  itprompt features --config configs/demo.yaml --output output/demo-features",
            "  itprompt features --dataset cifar-100 --checkpoint ViT-B-16.pt --part test --output features",
            "  itprompt features --tar shards/*.tar --checkpoint ViT-B-16.pt --output features",
            "  itprompt features --parquet data/train-*.parquet --output features",
            "  itprompt features --tar shards/*.tar --output features --shard 0/2     in one process, and 1/2 in another, then",
            "  itprompt features merge features",
            "  itprompt features --tar shards/*.tar --output features --on spark://head:7077 --threads 16"})
final class FeaturesCommand implements Callable<Integer> {

    /** Which images of a data set. */
    enum Part { TRAIN, TEST, ALL }

    private static final int MOST_ROWS = 1 << 16;
    private static final int MOST_PARTS = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Option(names = "--config", paramLabel = "FILE", description = "An experiment in YAML, for its data set, model and preprocessing.")
    private Path config;

    @Option(names = "--dataset", paramLabel = "NAME", description = "A data set by the name that 'itprompt datasets' lists.")
    private String dataset;

    @Option(names = "--path", paramLabel = "DIR", description = "Its folder; default: datasets/NAME.")
    private String path;

    @Option(names = {"--tar", "--parquet"}, arity = "1..*", paramLabel = "FILE",
            description = "Tar files of images, with labels where there is a .cls beside an image, and Parquet files with a column of images.")
    private List<Path> files = List.of();

    @Option(names = "--part", paramLabel = "PART", defaultValue = "all", description = "Of a data set: train, test or all; default: all.")
    private Part part;

    @Option(names = "--checkpoint", paramLabel = "PATH", description = "The model; default: the configuration's.")
    private String checkpoint;

    @Option(names = "--output", paramLabel = "DIR", description = "Folder for the files.")
    private Path output;

    @Option(names = "--rows", paramLabel = "N", defaultValue = "4096",
            description = "Most images of a file; a tar or Parquet file has files of its own. Default: 4096.")
    private int rows;

    @Option(names = "--shard", paramLabel = "I/N",
            description = "Of the files, in their order, only those whose number leaves I when it is divided by N: one of N processes that share the "
                    + "folder, wherever they run.")
    private String shard;

    @Mixin
    private CacheOption cache;
    @Mixin
    private ConfigOptions settings;
    @Mixin
    private DeviceOptions device;
    @Mixin
    private ClusterOption cluster;
    @Mixin
    private ProgressOptions progress;

    /**
     * One of several processes.
     *
     * @param part  from 0
     * @param parts at least 1
     */
    private record Share(int part, int parts) {

        private static final Share ALL = new Share(0, 1);

        private static Share of(String text) {
            if (text == null) {
                return ALL;
            }
            if (text.matches("\\d{1,7}/\\d{1,7}")) {
                String[] numbers = text.split("/");
                Share share = new Share(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
                if (share.part < share.parts && share.parts <= MOST_PARTS) {
                    return share;
                }
            }
            throw new InputException("--shard: expected I/N with I from 0 to N-1, such as 0/4, found " + Excerpt.of(text, 40));
        }

        private FeatureManifest manifest(Path folder) {
            return this == ALL ? FeatureManifest.of(folder) : FeatureManifest.of(folder, part, parts);
        }
    }

    @Override
    public Integer call() {
        Share share = Share.of(shard);
        check();
        Writable.requireFolder("--output", output);
        if (cluster.isElsewhere()) {
            return cluster.submit(spec, device);
        }
        PrintWriter out = progress.out(spec);
        Configuration<ExperimentSettings> configuration = configuration();
        try (Cluster joined = cluster.join(device); Device opened = device.open();
                ProgressPrinter printer = progress.printer(spec.commandLine().getErr());
                Extractor extractor = Extractor.open(configuration.settings(), ProjectFolder.find(), opened, device.threads(),
                        Main.warnings(spec.commandLine()))) {
            List<ShardJob> jobs = ShardJob.of(extractor, configuration.toYaml(), sources(), rows, output);
            out.printf(Locale.ROOT, "device: %s\n%,d shards of at most %,d images in %s\n", opened.description(), jobs.size(), rows, output);
            out.flush();
            createFolder();
            try (FolderLock _ = share == Share.ALL ? FolderLock.of(output) : null) { // those that share it have a manifest each
                run(jobs, share, extractor, joined, printer, out);
            }
        }
        out.flush();
        return 0;
    }

    private void check() {
        long given = (config != null || dataset != null ? 1 : 0) + (files.isEmpty() ? 0 : 1);
        if (given == 0 || dataset != null && !files.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "expected --config FILE, --dataset NAME, --tar FILE... or --parquet FILE..., found "
                    + (given == 0 ? "none" : "a data set and files"));
        }
        if (output == null) {
            throw new ParameterException(spec.commandLine(), "expected --output DIR, found none");
        }
        if (rows < 1 || rows > MOST_ROWS) {
            throw new InputException("--rows: expected 1 to " + MOST_ROWS + ", found " + rows);
        }
        if (path != null && dataset == null) {
            throw new InputException("--path: expected --dataset NAME beside it, found none");
        }
    }

    private void createFolder() {
        try {
            Files.createDirectories(output);
            AtomicFile.deleteOldLeftovers(output);
        } catch (IOException e) {
            throw new WriteException(output, e);
        }
    }

    private Configuration<ExperimentSettings> configuration() {
        if (dataset != null) {
            settings.addFirst("dataset.path=" + (path == null ? "datasets/" + dataset : path));
            settings.addFirst("dataset.kind=" + dataset);
        }
        if (checkpoint != null) {
            settings.add("checkpoint=" + checkpoint);
        }
        cache.into(settings);
        return settings.read(ExperimentSettings.configuration(), config);
    }

    private List<String> sources() {
        if (files.isEmpty()) {
            return part == Part.ALL ? List.of("train", "test") : List.of(part.name().toLowerCase(Locale.ROOT));
        }
        return files.stream().map(tar -> tar.toAbsolutePath().normalize().toString()).sorted().distinct().toList();
    }

    private void run(List<ShardJob> all, Share share, Extractor extractor, Cluster joined, ProgressPrinter printer,
                     PrintWriter out) {
        List<ShardJob> jobs = all.stream().filter(job -> job.index() % share.parts() == share.part()).toList();
        List<ShardJob> missing = FeatureManifest.missing(jobs, extractor);
        FeatureManifest manifest = share.manifest(output);
        List<ShardResult> results = new ArrayList<>();
        StopRequest.listen(() -> System.err.println("\nitprompt: stopping"));
        Cluster.Work<ShardJob, ShardResult> work = cluster.isGiven() ? new ShardWork(device.kind(), device.threads()) : job -> job.run(extractor);
        try {
            for (int from = 0; from < missing.size(); from += joined.width()) { // so many at a time, that little is lost of what is not in the manifest
                joined.map(missing.subList(from, Math.min(missing.size(), from + joined.width())), work).forEach(result -> {
                    manifest.add(result);
                    results.add(result);
                });
                printer.report("features", results.size(), missing.size(), "");
            }
        } catch (StoppedException e) {
            throw new StoppedException("stopped; the same command goes on in " + output, true);
        }
        StopRequest.answered();
        printer.clear();
        out.printf(Locale.ROOT, "%,d shards computed in %.1f s, %,d were there\n", results.size(),
                results.stream().mapToDouble(ShardResult::seconds).sum(), jobs.size() - missing.size());
        print(manifest, out);
    }

    private static void print(FeatureManifest manifest, PrintWriter out) {
        List<ShardResult.Failure> failed = manifest.shards().stream().flatMap(result -> result.failed().stream()).toList();
        out.printf(Locale.ROOT, "%,d rows in %,d files, %,d images cannot be read\n", manifest.shards().stream().mapToLong(ShardResult::rows).sum(),
                manifest.shards().size(), failed.size());
        failed.forEach(image -> out.println("  " + image.image() + ": " + image.reason()));
    }

    /** Puts the manifests of several processes together. */
    @Command(name = "merge", description = {"Sees that all files that several processes wrote with --shard are there and whole, and puts their "
            + "manifests together as manifest.jsonl.", ""}, footer = {"", "Examples:", "  itprompt features merge features"})
    static final class Merge implements Runnable {

        @Spec
        private CommandSpec spec;

        @Parameters(index = "0", paramLabel = "DIR", description = "The folder.")
        private Path folder;

        @Override
        public void run() {
            print(FeatureManifest.merge(folder), spec.commandLine().getOut());
            spec.commandLine().getOut().flush();
        }
    }
}
