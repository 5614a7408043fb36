package dev.itprompt.cli;

import dev.itprompt.AtomicFile;
import dev.itprompt.DivergenceException;
import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.Writable;
import dev.itprompt.WriteException;
import dev.itprompt.config.Chosen;
import dev.itprompt.config.Configuration;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.Experiment;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.Inputs;
import dev.itprompt.experiment.MethodResult;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.experiment.Report;
import dev.itprompt.experiment.RunConfig;
import dev.itprompt.experiment.RunFolder;
import dev.itprompt.experiment.SeedSummary;
import dev.itprompt.experiment.Session;
import dev.itprompt.method.Method;
import dev.itprompt.report.Manifest;
import dev.itprompt.report.ReportFiles;
import dev.itprompt.report.RunSet;
import dev.itprompt.train.StopRequest;
import dev.itprompt.train.StoppedException;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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

    @Option(names = "--matrices", description = "Print each method's accuracy matrix too.")
    private boolean matrices;

    @Mixin
    private ConfigOptions settings;
    @Mixin
    private DeviceOptions device;
    @Mixin
    private ProgressOptions progress;

    /**
     * Goes on with an interrupted run, on the device on which it was begun.
     *
     * @throws InputException if the folder holds none, or other options ask for something else
     */
    void resume(CommandSpec spec, Path folder, String checkpoint) {
        if (output != null || checkpoint != null || force || !seeds.isEmpty() || settings.areGiven()) {
            throw new InputException("--resume: goes on with a run as it was begun; leave out --output, --checkpoint, --force, --set, --seed and"
                    + " --seeds");
        }
        RunFolder.config(folder).fact("device").ifPresent(device::choose);
        output = folder;
        run(spec, RunFolder.configFile(folder).toAbsolutePath(), null);
    }

    /**
     * Runs a configuration.
     *
     * @param checkpoint the model instead of the configuration's, or null
     */
    void run(CommandSpec spec, Path config, String checkpoint) {
        PrintWriter out = spec.commandLine().getOut();
        if (checkpoint != null) {
            settings.add("checkpoint=" + checkpoint);
        }
        if (!seeds.isEmpty() && settings.hasSeed()) {
            throw new InputException("--seed and --seeds: expected one of them, found both");
        }
        if (seeds.stream().distinct().count() < seeds.size()) {
            throw new InputException("--seeds: expected different seeds, found " + Excerpt.of(seeds.toString(), 80));
        }
        List<Configuration<ExperimentSettings>> configurations = seeds.isEmpty()
                ? List.of(settings.read(ExperimentSettings.configuration(), config))
                : seeds.stream().map(seed -> settings.builder(ExperimentSettings.configuration(), config).set("--seeds", "seed=" + seed)
                        .build()).toList();
        ProjectFolder project = ProjectFolder.find();
        if (!plan) {
            configurations.forEach(configuration -> Writable.requireFolder("--output", folder(project, configuration.settings())));
        }
        Configuration<ExperimentSettings> first = configurations.getFirst();
        try (Device opened = device.open(); ProgressPrinter printer = progress.printer(spec.commandLine().getErr());
                Inputs inputs = Inputs.read(first, project, opened, device.threads(), Main.warnings(spec.commandLine()))) {
            out.println("device: " + opened.description());
            Map<String, String> facts = new LinkedHashMap<>();
            if (!plan) {
                facts.put("device", device.kind());
                facts.put(RunConfig.ARITHMETIC, opened.arithmetic() + "; Java " + Runtime.version());
                facts.putAll(inputs.facts());
            }
            List<List<MethodResult>> runs = new ArrayList<>();
            for (Configuration<ExperimentSettings> configuration : configurations.stream().map(inputs::fit).toList()) {
                if (!runs.isEmpty()) {
                    System.gc(); // what the last run learned lies off the heap, where the collector does not see it fill up memory
                }
                Session session = session(configuration.settings(), inputs, out);
                if (plan) {
                    out.print(session.plans().describe());
                } else {
                    Path folder = folder(project, session.settings());
                    runs.add(run(session, folder, new RunConfig(facts, configuration.toYaml()), printer, out));
                }
            }
            if (runs.size() > 1) {
                seedSummary(project, configurations, runs, out);
            }
        }
        out.flush();
    }

    private Session session(ExperimentSettings s, Inputs inputs, PrintWriter out) {
        Session complete = Session.of(s, inputs);
        Session session = memory == null ? complete : complete.within(memory);
        out.printf(Locale.ROOT, "%s, seed %d: %d tasks, %d classes, %,d training and %,d test images\n", s.name(), s.seed(),
                session.data().scenario().size(), session.data().scenario().classes(), session.data().trainSize(),
                session.data().testSize());
        out.printf(Locale.ROOT, "split: %s (list sha256 %.16s...), %s order%s\n", inputs.images().origin(), inputs.images().hash(),
                s.scenario().classOrder(), s.dataset().check() ? "" : ", counts and hashes not checked");
        if (session != complete) {
            out.println("blocks are computed again in the backward pass, to stay within --memory");
        }
        out.printf(Locale.ROOT, "model: %s, %,d weights, frozen\n", s.model().checkpoint(), session.backbone().model().parameterCount());
        out.flush();
        return session;
    }

    private List<MethodResult> run(Session session, Path path, RunConfig config, ProgressPrinter printer, PrintWriter out) {
        Chosen<Method<?>> methods = session.settings().methods();
        RunFolder.Existing existing = force ? RunFolder.Existing.REPLACED
                : forceArithmetic ? RunFolder.Existing.SAME_BUT_ARITHMETIC : RunFolder.Existing.SAME;
        try (RunFolder folder = RunFolder.open(path, config, methods, existing, interval())) {
            Optional<List<MethodResult>> finished = folder.finished(methods);
            if (finished.isPresent() && seeds.isEmpty()) {
                throw new InputException(path + ": holds a finished run; use --force to replace it or --output for another"
                        + " folder");
            }
            if (finished.isPresent()) {
                out.println("finished before, taken over: " + path);
                return finished.get();
            }
            Manifest manifest = Manifest.begin(path, new Manifest.Subject(config.yaml(), config.facts(), session.data().scenario().classOrder(),
                    session.data().taskNames()), session.backbone().device().description());
            List<MethodResult> results = run(session, folder, printer, out);
            manifest.end();
            return results;
        } catch (DivergenceException e) {
            throw seeds.isEmpty() ? e : e.in("seed " + session.settings().seed());
        }
    }

    private Duration interval() {
        if (!(checkpointSeconds >= 0 && checkpointSeconds <= Duration.ofDays(1).toSeconds())) {
            throw new InputException("--checkpoint-every: expected 0 to 86400 seconds, found " + checkpointSeconds);
        }
        return Duration.ofMillis(Math.round(1000 * checkpointSeconds));
    }

    private List<MethodResult> run(Session session, RunFolder folder, ProgressPrinter printer, PrintWriter out) {
        Experiment.Outcome outcome;
        StopRequest.listen(() -> System.err.println("\nitprompt: stopping; the state is saved first"));
        try {
            outcome = session.run(folder, device.kind(), printer, printer::prefix);
            StopRequest.answered();
        } catch (StoppedException e) {
            printer.clear();
            throw new StoppedException("stopped; the state is saved in " + folder.path() + "; itprompt train --resume " + folder.path()
                    + " goes on there", true);
        }
        printer.clear();
        out.print("\n" + Report.comparison(outcome.methods()) + "\n" + Report.definitions() + Experiment.notes(session.settings()));
        if (outcome.heldOut() != null) {
            out.println("\n" + outcome.heldOut().describe());
        }
        if (matrices) {
            outcome.methods().forEach(result -> out.print("\n" + Report.matrix(result, Ansi.AUTO.enabled())));
        }
        out.println("\nresults: " + folder.path());
        out.flush();
        return outcome.methods();
    }

    private Path folder(ProjectFolder project, ExperimentSettings s) {
        if (output == null) {
            return project.root().resolve("output").resolve(s.name() + "-" + s.seed());
        }
        return seeds.isEmpty() ? output : output.resolve("seed-" + s.seed());
    }

    private void seedSummary(ProjectFolder project, List<Configuration<ExperimentSettings>> configurations, List<List<MethodResult>> runs,
                             PrintWriter out) {
        SeedSummary summary = new SeedSummary(seeds, runs);
        String list = seeds.stream().map(String::valueOf).collect(Collectors.joining("-"));
        String name = configurations.getFirst().settings().name();
        Path folder = output != null ? output : project.root().resolve("output").resolve(name + "-seeds-" + list);
        Path file = folder.resolve("summary.json");
        List<String> folders = configurations.stream().map(configuration -> folder.toAbsolutePath().relativize(folder(project,
                configuration.settings()).toAbsolutePath()).toString().replace(File.separatorChar, '/')).toList();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new WriteException(file, e);
        }
        AtomicFile.write(file, summary.json(folders).getBytes(StandardCharsets.UTF_8));
        ReportFiles.writeAll(RunSet.read(List.of(folder)), folder).ifPresent(out::println);
        out.print("\nmean ± population standard deviation over seeds " + seeds + "\n" + summary.table());
        out.println("\nsummary: " + file);
    }
}
