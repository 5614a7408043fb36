package dev.itprompt.cli;

import dev.itprompt.campaign.Campaign;
import dev.itprompt.campaign.CampaignCost;
import dev.itprompt.campaign.CampaignJob;
import dev.itprompt.campaign.CampaignStatus;
import dev.itprompt.campaign.JobState;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.report.Cell;
import dev.itprompt.report.ConsoleTable;
import dev.itprompt.report.Table;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Many runs from one file. */
@Command(
        name = "campaign",
        description = {"Runs methods on benchmarks with several settings and seeds, as one file says, and compares them.", ""},
        subcommands = {CampaignRunCommand.class, CampaignCommand.Status.class, CampaignCommand.Plan.class},
        footer = {"", "The file, in YAML:", "  name        of the campaign", "  base        what all runs have in common: a configuration's file, or a section with its keys",
            "  benchmarks  for each name a configuration's file, or a section with its keys", "  methods     the methods that each run compares",
            "  variants    further ones: for each name a section such as {of: it-prompt, length: 20}", "  seeds       one run each",
            "  grid        for each key a list of values: every combination is run", "  list        or a list of sections, each of which is run", "",
            "Examples:", "  itprompt campaign plan configs/campaign.yaml", "  itprompt campaign run configs/campaign.yaml --jobs 2",
            "  itprompt campaign status configs/campaign.yaml"})
final class CampaignCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing subcommand; see: itprompt campaign --help");
    }

    /** Which campaign, and where it is. */
    static final class Chosen {

        @Parameters(index = "0", paramLabel = "FILE", description = "The campaign in YAML.")
        private Path file;

        @Option(names = "--output", paramLabel = "DIR", description = "Folder of all it writes; default: output/<name>.")
        private Path output;

        Campaign read() {
            return Campaign.read(file, Optional.ofNullable(output), ProjectFolder.find());
        }
    }

    private static Cell seconds(OptionalDouble seconds) {
        return seconds.isPresent() ? new Cell.Number(seconds.getAsDouble(), 1) : Cell.NONE;
    }

    private static Cell text(String text) {
        return text.isEmpty() ? Cell.NONE : new Cell.Text(text);
    }

    /** How far all jobs are. */
    @Command(name = "status", description = {"Shows which jobs of a campaign are done, running, waiting or failed, and why.", ""},
            footer = {"", "Examples:", "  itprompt campaign status configs/campaign.yaml", "  itprompt campaign status configs/campaign.yaml --json"})
    static final class Status implements Runnable {

        @Spec
        private CommandSpec spec;

        @Mixin
        private Chosen chosen;

        @Option(names = "--jobs", paramLabel = "N", defaultValue = "1", description = "Jobs at a time, for the time left; default: 1.")
        private int jobs;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public void run() {
            CampaignRunCommand.requireJobs(jobs);
            Campaign campaign = chosen.read();
            CampaignStatus status = CampaignStatus.of(campaign);
            Table.Builder table = new Table.Builder("jobs", campaign.name(), List.of("benchmark", "settings", "seed", "state", "seconds", "reason"));
            status.states().forEach((job, state) -> table.row(text(job.benchmark()), text(job.settings()), new Cell.Number(job.seed(), 0),
                    text(state.word()), state instanceof JobState.Running running ? new Cell.Number(running.seconds(), 1)
                            : state instanceof JobState.Done ? seconds(status.known(job)) : Cell.NONE, text(state.reason())));
            Table.Builder total = new Table.Builder("total", "in all", List.of("jobs", "done", "running", "failed", "secondsLeft"));
            total.row(new Cell.Number(status.states().size(), 0), count(status, "done"), count(status, "running"), count(status, "failed"),
                    seconds(status.left(jobs)));
            print(spec, json, List.of(table.build(), total.build()));
        }

        private static Cell count(CampaignStatus status, String word) {
            return new Cell.Number(status.states().values().stream().filter(state -> state.word().equals(word)).count(), 0);
        }
    }

    /** What would be run. */
    @Command(name = "plan", description = {"Lists the jobs of a campaign and runs none of them. With --estimate, opens data sets and models, counts the images "
            + "that go through the image tower, and measures for some seconds how long that takes here.", ""},
            footer = {"", "Examples:", "  itprompt campaign plan configs/campaign.yaml", "  itprompt campaign plan configs/campaign.yaml --json",
                "  itprompt campaign plan configs/campaign.yaml --estimate --threads 8"})
    static final class Plan implements Runnable {

        private static final String NOTE = """
                embedded: images that go through the image tower forward alone, at most, as features that are known are not computed again
                trained:  images of training steps, forward and backward
                seconds:  an estimate of both, at the quickest and the slowest of the passes measured here; decoding, closed forms and the replay of
                          features come on top, and are most of a run with a small model
                """;

        @Spec
        private CommandSpec spec;

        @Mixin
        private Chosen chosen;

        @Option(names = "--estimate", description = "Estimate what the jobs that are not done take, from their passes through the image tower.")
        private boolean estimate;

        @Mixin
        private DeviceOptions device;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public void run() {
            Campaign campaign = chosen.read();
            CampaignStatus status = CampaignStatus.of(campaign);
            Table.Builder table = new Table.Builder("jobs", campaign.name() + ", in " + campaign.folder(), List.of("benchmark", "settings", "seed",
                    "methods", "state", "seconds"));
            for (CampaignJob job : campaign.jobs()) {
                table.row(text(job.benchmark()), text(job.settings()), new Cell.Number(job.seed(), 0), text(String.join(", ", job.methods())),
                        text(status.of(job).word()), seconds(status.estimate(job)));
            }
            if (estimate) {
                print(spec, json, List.of(table.build(), estimate(campaign, status)));
                if (!json) {
                    spec.commandLine().getOut().print(NOTE);
                    spec.commandLine().getOut().flush();
                }
            } else {
                print(spec, json, List.of(table.build()));
            }
        }

        /** Of jobs that are not done, and of all of them together. */
        private Table estimate(Campaign campaign, CampaignStatus status) {
            List<CampaignJob> missing = campaign.jobs().stream().filter(job -> !(status.of(job) instanceof JobState.Done)).toList();
            try (Device opened = device.open()) {
                CampaignCost cost = CampaignCost.of(missing, ProjectFolder.find(), opened, device.threads(), Main.warnings(spec.commandLine()));
                Table.Builder table = new Table.Builder("estimate", "estimate for " + opened.description(), List.of("benchmark", "settings", "seed", "embedded",
                        "trained", "secondsFrom", "secondsTo"));
                cost.jobs().forEach((job, of) -> table.row(row(of, text(job.benchmark()), text(job.settings()), new Cell.Number(job.seed(), 0))));
                return table.row(row(cost.total(), text("all"), Cell.NONE, Cell.NONE)).build();
            }
        }

        private static List<Cell> row(CampaignCost.Cost cost, Cell... job) {
            List<Cell> row = new ArrayList<>(List.of(job));
            row.addAll(List.of(new Cell.Number(cost.passes().embedded(), 0), new Cell.Number(cost.passes().trained(), 0),
                    new Cell.Number(cost.seconds().least(), 1), new Cell.Number(cost.seconds().most(), 1)));
            return row;
        }
    }

    private static void print(CommandSpec spec, boolean json, List<Table> tables) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? ConsoleTable.json(tables) + "\n" : String.join("\n", tables.stream().map(ConsoleTable::of).toList()));
        out.flush();
    }
}
