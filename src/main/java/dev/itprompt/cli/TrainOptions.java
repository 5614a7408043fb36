package dev.itprompt.cli;

import dev.itprompt.Excerpt;
import dev.itprompt.FailureException;
import dev.itprompt.InputException;
import dev.itprompt.Warnings;
import dev.itprompt.Writable;
import dev.itprompt.campaign.RunJob;
import dev.itprompt.campaign.SeedRuns;
import dev.itprompt.cluster.Cluster;
import dev.itprompt.cluster.LocalCluster;
import dev.itprompt.config.Configuration;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.Experiment;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.Inputs;
import dev.itprompt.experiment.MethodResult;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.experiment.Report;
import dev.itprompt.experiment.RunFolder;
import dev.itprompt.experiment.StepPlans;
import dev.itprompt.parallel.ClusterPlace;
import dev.itprompt.parallel.StepTimes;
import dev.itprompt.report.Mlflow;
import dev.itprompt.report.RunSet;
import dev.itprompt.report.TensorBoard;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What {@code train} and {@code demo} have in common: running one configuration with one or several seeds. */
final class TrainOptions {

    @Option(names = "--output", paramLabel = "DIR",
            description = "Folder for the results; default: output/<name>-<seed>. An interrupted run goes on there.")
    private Path output;

    @Option(names = "--seeds", split = ",", paramLabel = "N,...", hideParamSyntax = true,
            description = "Run once per seed and show mean and deviation, such as --seeds 0,1,2; seeds that are finished are taken over.")
    private List<Integer> seeds = List.of();

    @Option(names = "--force", description = "Replace the results of a finished run, and start an interrupted one over.")
    private boolean force;

    @Option(names = "--checkpoint-every", paramLabel = "SECONDS", defaultValue = "60",
            description = "How often the state of a training is saved; an interrupted one loses no more than this. Default: 60.")
    private double checkpointSeconds;

    @Option(names = "--force-arithmetic",
            description = "Go on with a run that was begun on another processor or Java, whose results differ in their last bits; "
                    + "config.yaml then names both.")
    private boolean forceArithmetic;

    @Option(names = "--plan",
            description = "Only print the memory that the largest training step needs, by kind of buffer, and that of each method.")
    private boolean plan;

    @Option(names = "--memory", paramLabel = "SIZE", converter = ByteSize.class,
            description = "Most memory that a training step may plan for, such as 4GB; if it needs more, the backward pass computes blocks "
                    + "again (recompute of the methods), with the same results.")
    private Long memory;

    @Option(names = "--parts", paramLabel = "P",
            description = "Cut each training batch into P equal parts, whose gradients are added before a step (parts of the methods): less memory. Results "
                    + "depend on P.")
    private Integer parts;

    @Mixin
    private CacheOption cache;

    @Option(names = "--tensorboard", description = "Write curves for TensorBoard into each run's folder when it has ended.")
    private boolean tensorBoard;

    @Option(names = "--mlflow", paramLabel = "URL",
            description = "Send the results of each run to an MLflow tracking server when it has ended, such as http://localhost:5000; a server "
                    + "that fails makes no difference to the run.")
    private String mlflow;

    @Option(names = "--matrices", description = "Print each method's accuracy matrix too.")
    private boolean matrices;

    @Mixin
    private ConfigOptions settings;
    @Mixin
    private DeviceOptions device;
    @Mixin
    private ProgressOptions progress;
    @Mixin
    private ClusterOption cluster;

    /**
     * Goes on with an interrupted run, on the device on which it was begun.
     *
     * @throws InputException if the folder holds none, or other options ask for something else
     */
    int resume(CommandSpec spec, Path folder, String checkpoint) {
        if (output != null || checkpoint != null || force || !seeds.isEmpty() || parts != null || settings.areGiven()) {
            throw new InputException("--resume: goes on with a run as it was begun; leave out --output, --checkpoint, --force, --set, --parts, --seed"
                    + " and --seeds");
        }
        RunFolder.config(folder).fact("device").ifPresent(device::choose);
        output = folder;
        return run(spec, RunFolder.configFile(folder).toAbsolutePath(), null);
    }

    /**
     * Learns further tasks after those of a finished run, with its settings.
     *
     * @throws InputException if the folder holds none
     */
    int goOn(CommandSpec spec, Path folder, String checkpoint) {
        if (!seeds.isEmpty()) {
            throw new InputException("--continue: goes on with one run; leave out --seeds");
        }
        RunFolder.config(folder);
        Path config = RunFolder.configFile(folder).toAbsolutePath();
        settings.addFirst("scenario.split=1");
        settings.addFirst("name=" + ExperimentSettings.configuration().file(config).build().settings().name() + "-continued");
        settings.add("scenario.after=" + folder.toAbsolutePath().normalize());
        return run(spec, config, checkpoint);
    }

    /**
     * Runs a configuration.
     *
     * @param checkpoint the model instead of the configuration's, or null
     * @return the exit code
     */
    int run(CommandSpec spec, Path config, String checkpoint) {
        PrintWriter out = progress.out(spec);
        cache.into(settings);
        if (checkpoint != null) {
            settings.add("checkpoint=" + checkpoint);
        }
        if (!seeds.isEmpty() && settings.hasSeed()) {
            throw new InputException("--seed and --seeds: expected one of them, found both");
        }
        if (seeds.stream().distinct().count() < seeds.size()) {
            throw new InputException("--seeds: expected different seeds, found " + Excerpt.of(seeds.toString(), 80));
        }
        Optional<Mlflow> server = Optional.ofNullable(mlflow).map(address -> Mlflow.at(address, System.getenv()));
        ProjectFolder project = ProjectFolder.find();
        SeedRuns runs = new SeedRuns(configurations(config).stream().map(c -> new RunJob(c, folder(project, c.settings()))).toList());
        if (!plan) {
            runs.jobs().forEach(job -> Writable.requireFolder("--output", job.folder()));
        }
        if (cluster.isGiven() && !plan) {
            runs.jobs().forEach(job -> requireParts(job.configuration()));
            if (cluster.isElsewhere()) {
                return cluster.submit(spec, device);
            }
        }
        RunFolder.Existing existing = force ? RunFolder.Existing.REPLACED
                : forceArithmetic ? RunFolder.Existing.SAME_BUT_ARITHMETIC : RunFolder.Existing.SAME;
        StepTimes times = new StepTimes();
        try (Cluster joined = plan ? new LocalCluster() : cluster.join(device); Device opened = device.open();
                ProgressPrinter printer = progress.printer(spec.commandLine().getErr());
                Inputs inputs = Inputs.read(runs.jobs().getFirst().configuration(), project, opened, device.threads(),
                        Main.warnings(spec.commandLine()))) {
            out.println("device: " + opened.description());
            RunJob.Manner manner = new RunJob.Manner(existing, interval(), memory == null ? OptionalLong.empty() : OptionalLong.of(memory),
                    plan || !cluster.isGiven() ? RunJob.Place.HERE : (configuration, experiment) -> new ClusterPlace(joined,
                            new RunOpening(configuration.toYaml(), experiment.hash(), device.kind(), device.threads()), times));
            Console console = new Console(out, inputs, printer, server, Main.warnings(spec.commandLine()));
            if (plan) {
                runs.plan(inputs, manner, console);
            } else {
                runs.run(inputs, device.kind(), manner, printer, console);
            }
            if (console.results.size() > 1) {
                summarize(runs, project, console.results, out);
            }
        }
        if (cluster.isGiven() && times.size() > 0) {
            out.println(times.describe());
        }
        out.flush();
        return 0;
    }

    /** A step of a single part is this process's. */
    private static void requireParts(Configuration<ExperimentSettings> configuration) {
        List<String> keys = configuration.values().keySet().stream().filter(key -> key.endsWith(".parts")).toList();
        if (keys.isEmpty() || keys.stream().anyMatch(key -> configuration.values().get(key).text().equals("1"))) {
            throw new InputException("--on: expected --parts P of at least 2 for methods that are trained on images by gradients, found "
                    + (keys.isEmpty() ? String.join(", ", configuration.settings().methods().names()) : "1"));
        }
    }

    private List<Configuration<ExperimentSettings>> configurations(Path config) {
        return given(config).stream().map(this::inParts).toList();
    }

    private Configuration<ExperimentSettings> inParts(Configuration<ExperimentSettings> given) {
        if (parts == null) {
            return given;
        }
        List<String> keys = given.values().keySet().stream().filter(key -> key.endsWith(".parts")).toList();
        if (keys.isEmpty()) {
            throw new InputException("--parts: expected a method that is trained on images by gradients, found " + String.join(", ",
                    given.settings().methods().names()));
        }
        return given.with("--parts", keys.stream().map(key -> key + "=" + parts).toList());
    }

    private List<Configuration<ExperimentSettings>> given(Path config) {
        return seeds.isEmpty() ? List.of(settings.read(ExperimentSettings.configuration(), config))
                : seeds.stream().map(seed -> settings.builder(ExperimentSettings.configuration(), config).set("--seeds", "seed=" + seed)
                        .build()).toList();
    }

    /** Tells on the screen what each run is and what came of it. */
    private final class Console implements SeedRuns.Listener {

        private final PrintWriter out;
        private final Inputs inputs;
        private final ProgressPrinter printer;
        private final Optional<Mlflow> server;
        private final Warnings warnings;
        private final List<List<MethodResult>> results = new ArrayList<>();

        private Console(PrintWriter out, Inputs inputs, ProgressPrinter printer, Optional<Mlflow> server, Warnings warnings) {
            this.out = out;
            this.inputs = inputs;
            this.printer = printer;
            this.server = server;
            this.warnings = warnings;
        }

        @Override
        public void begins(Experiment experiment, boolean within) {
            ExperimentSettings s = experiment.settings();
            out.printf(Locale.ROOT, "%s, seed %d: %d tasks, %d classes, %,d training and %,d test images\n", s.name(), s.seed(),
                    experiment.data().scenario().size(), experiment.data().scenario().classes(), experiment.data().trainSize(),
                    experiment.data().testSize());
            out.printf(Locale.ROOT, "split: %s (list sha256 %.16s...), %s order%s\n", inputs.images().origin(), inputs.images().hash(),
                    s.scenario().classOrder(), s.dataset().check() ? "" : ", counts and hashes not checked");
            if (within) {
                out.println("blocks are computed again in the backward pass, to stay within --memory");
            }
            out.printf(Locale.ROOT, "model: %s, %,d weights, frozen\n", s.model().checkpoint(), experiment.backbone().model().parameterCount());
            out.flush();
        }

        @Override
        public void planned(StepPlans plans) {
            out.print(plans.describe());
        }

        @Override
        public void ended(RunJob job, RunJob.Result result) {
            printer.clear();
            results.add(result.methods());
            if (result.before()) {
                requireSeveral(job);
            }
            if (tensorBoard) {
                TensorBoard.write(RunSet.read(List.of(job.folder())), job.folder());
            }
            if (!result.before()) {
                server.ifPresent(to -> send(to, job, warnings));
            }
            if (result.before()) {
                out.println("finished before, taken over: " + job.folder());
                return;
            }
            out.print("\n" + Report.comparison(result.methods()) + "\n" + Report.definitions() + Report.notes(job.configuration().settings()));
            result.heldOut().ifPresent(scores -> out.println("\n" + scores.describe()));
            if (matrices) {
                result.methods().forEach(method -> out.print("\n" + Report.matrix(method, Ansi.AUTO.enabled())));
            }
            out.println("\nresults: " + job.folder());
            out.flush();
        }
    }

    /** The run is done whatever the server does. */
    private static void send(Mlflow server, RunJob job, Warnings warnings) {
        try {
            server.send(RunSet.read(List.of(job.folder())));
        } catch (FailureException e) {
            warnings.warn(e.getMessage());
        }
    }

    private void requireSeveral(RunJob job) {
        if (seeds.isEmpty()) {
            throw new InputException(job.folder() + ": holds a finished run; use --force to replace it or --output for another folder");
        }
    }

    private Duration interval() {
        if (!(checkpointSeconds >= 0 && checkpointSeconds <= Duration.ofDays(1).toSeconds())) {
            throw new InputException("--checkpoint-every: expected 0 to 86400 seconds, found " + checkpointSeconds);
        }
        return Duration.ofMillis(Math.round(1000 * checkpointSeconds));
    }

    private Path folder(ProjectFolder project, ExperimentSettings s) {
        if (output == null) {
            return project.root().resolve("output").resolve(s.name() + "-" + s.seed());
        }
        return seeds.isEmpty() ? output : output.resolve("seed-" + s.seed());
    }

    private void summarize(SeedRuns runs, ProjectFolder project, List<List<MethodResult>> results, PrintWriter out) {
        String list = seeds.stream().map(String::valueOf).collect(Collectors.joining("-"));
        String name = runs.jobs().getFirst().configuration().settings().name();
        Path folder = output != null ? output : project.root().resolve("output").resolve(name + "-seeds-" + list);
        runs.summarize(folder, results).ifPresent(out::println);
        out.print("\nmean ± population standard deviation over seeds " + seeds + "\n" + runs.summary(results).table());
        out.println("\nsummary: " + folder.resolve("summary.json"));
    }
}
