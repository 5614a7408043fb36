package dev.itprompt.cli;

import dev.itprompt.InputException;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.Configuration;
import dev.itprompt.experiment.Experiment;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.MethodResult;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.experiment.Report;
import dev.itprompt.experiment.RunFolder;
import dev.itprompt.experiment.SeedSummary;
import dev.itprompt.experiment.Session;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
            description = "Run once per seed and show mean and deviation, such as --seeds 0,1,2.")
    private List<Integer> seeds = List.of();

    @Option(names = "--force", description = "Replace the results of a finished run, and start an interrupted one over.")
    private boolean force;

    @Option(names = "--plan", description = "Only print the memory that a training step needs, by kind of buffer.")
    private boolean plan;

    @Option(names = "--memory", paramLabel = "SIZE", converter = ByteSize.class,
            description = "Most memory that a training step may plan for, such as 4GB; if it needs more, the backward pass computes blocks "
                    + "again (itPrompt.recompute), with the same results.")
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
            throw new InputException("--seeds: expected different seeds, found " + seeds);
        }
        List<Configuration<ExperimentSettings>> configurations = seeds.isEmpty()
                ? List.of(settings.read(ExperimentSettings.class, config))
                : seeds.stream().map(seed -> settings.builder(ExperimentSettings.class, config).set("--seeds", "seed=" + seed)
                        .build()).toList();
        try (Device opened = device.open(); ProgressPrinter printer = progress.printer(spec.commandLine().getErr())) {
            out.println("device: " + opened.description());
            List<List<MethodResult>> runs = new ArrayList<>();
            for (Configuration<ExperimentSettings> configuration : configurations) {
                runs.add(run(configuration, opened, printer, out));
            }
            if (!plan && runs.size() > 1) {
                seedSummary(configurations.getFirst().settings().name(), runs, out);
            }
        }
        out.flush();
    }

    private List<MethodResult> run(Configuration<ExperimentSettings> configuration, Device opened, ProgressPrinter printer,
                                   PrintWriter out) {
        ExperimentSettings s = configuration.settings();
        ProjectFolder project = ProjectFolder.find();
        try (Session complete = Session.open(s, project, opened, device.threads())) {
            Session session = memory == null ? complete : complete.within(memory);
            out.printf(Locale.ROOT, "%s, seed %d: %d tasks, %d classes, %,d training and %,d test images\n", s.name(), s.seed(),
                    session.data().scenario().size(), session.data().scenario().classes(), session.data().trainSize(),
                    session.data().testSize());
            if (session != complete) {
                out.println("blocks are computed again in the backward pass, to stay within --memory");
            }
            out.printf(Locale.ROOT, "model: %s, %,d weights, frozen\n", s.checkpoint(), session.backbone().model().parameterCount());
            out.flush();
            if (plan) {
                out.print("memory of one training step of IT-Prompt in the last task:\n" + session.plan().describe());
                return List.of();
            }
            RunFolder folder = RunFolder.open(folder(project, s), "# device: " + device.kind() + "\n# checkpoint: sha256 "
                    + session.hash() + "\n" + configuration.toYaml(), force);
            Experiment.Outcome outcome = session.run(folder, device.kind(), printer, printer::prefix);
            List<MethodResult> results = outcome.methods();
            printer.clear();
            out.print("\n" + Report.comparison(results) + "\n" + Report.definitions());
            if (outcome.heldOut() != null) {
                out.println("\n" + outcome.heldOut().describe());
            }
            if (matrices) {
                results.forEach(result -> out.print("\n" + Report.matrix(result, Ansi.AUTO.enabled())));
            }
            out.println("\nresults: " + folder.path());
            out.flush();
            return results;
        }
    }

    private Path folder(ProjectFolder project, ExperimentSettings s) {
        if (output == null) {
            return project.root().resolve("output").resolve(s.name() + "-" + s.seed());
        }
        return seeds.isEmpty() ? output : output.resolve("seed-" + s.seed());
    }

    private void seedSummary(String name, List<List<MethodResult>> runs, PrintWriter out) {
        SeedSummary summary = new SeedSummary(seeds, runs);
        String list = seeds.stream().map(String::valueOf).collect(Collectors.joining("-"));
        Path folder = output != null ? output
                : ProjectFolder.find().root().resolve("output").resolve(name + "-seeds-" + list);
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("summary.json"), summary.json());
        } catch (IOException e) {
            throw new InputException(folder + ": cannot be written (" + e + ")", e);
        }
        out.print("\nmean ± population standard deviation over seeds " + seeds + "\n" + summary.table());
        out.println("\nsummary: " + folder.resolve("summary.json"));
    }
}
