package dev.itprompt.cli;

import dev.itprompt.InputException;
import dev.itprompt.Writable;
import dev.itprompt.campaign.Campaign;
import dev.itprompt.campaign.CampaignJob;
import dev.itprompt.campaign.CampaignResults;
import dev.itprompt.campaign.CampaignRun;
import dev.itprompt.campaign.CampaignStatus;
import dev.itprompt.campaign.ClusterProcesses;
import dev.itprompt.campaign.JobState;
import dev.itprompt.campaign.Processes;
import dev.itprompt.campaign.Workplace;
import dev.itprompt.cluster.Cluster;
import dev.itprompt.report.ConsoleTable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs what is missing of a campaign. */
@Command(
        name = "run",
        description = {"Runs the jobs of a campaign that are not done, each in a process of its own, those that take longest first. Killed at any moment, it "
                + "goes on when the same command is given again. A job that fails leaves the others as they are; the exit code is then 1. With --on, "
                + "the jobs are done by a cluster, with the same results.", ""},
        footer = {"", "Writes report.html, results.xlsx, results.csv, table.tex and table.md over all runs, for each job a run's folder in runs, and what its "
                + "process said in jobs.", "", "Examples:",
            "  itprompt campaign run configs/campaign.yaml",
            "  itprompt campaign run configs/campaign.yaml --jobs 2 --threads 8 --output output/rates",
            "  itprompt campaign run configs/campaign.yaml --on spark://head:7077 --threads 16"})
final class CampaignRunCommand implements Callable<Integer> {

    private static final int MOST_JOBS = 1024;

    @Spec
    private CommandSpec spec;

    @Mixin
    private CampaignCommand.Chosen chosen;

    @Option(names = "--jobs", paramLabel = "N", description = "Jobs at a time, which share the threads here; default: 1, with --on as many as there are places.")
    private Integer jobs;

    @Option(names = "--checkpoint-every", paramLabel = "SECONDS", defaultValue = "60", description = "As for train. Default: 60.")
    private double checkpointSeconds;

    @Option(names = "--memory", paramLabel = "SIZE", converter = ByteSize.class, description = "As for train, for each job.")
    private Long memory;

    @Mixin
    private CacheOption cache;
    @Mixin
    private DeviceOptions device;
    @Mixin
    private ClusterOption cluster;
    @Mixin
    private QuietOption quiet;

    static void requireJobs(int jobs) {
        if (jobs < 1 || jobs > MOST_JOBS) {
            throw new InputException("--jobs: expected 1 to " + MOST_JOBS + ", found " + jobs);
        }
    }

    @Override
    public Integer call() {
        if (jobs != null) {
            requireJobs(jobs);
        }
        Campaign campaign = chosen.read();
        Writable.requireFolder("--output", campaign.folder());
        if (cluster.isElsewhere()) {
            return cluster.submit(spec, device);
        }
        try (Cluster joined = cluster.join(device)) {
            Workplace workplace = cluster.isGiven() ? new ClusterProcesses(joined, (configuration, folder) -> words(configuration, folder, device.threads()),
                    InProcess::run, jobs == null ? joined.width() : jobs) : here(jobs == null ? 1 : jobs);
            return run(campaign, workplace);
        }
    }

    private Workplace here(int width) {
        return new Processes((configuration, folder) -> JavaCommand.of(words(configuration, folder, Math.max(1, device.threads() / width))), width);
    }

    private int run(Campaign campaign, Workplace workplace) {
        PrintWriter out = quiet.out(spec);
        Map<CampaignJob, String> failed = new LinkedHashMap<>();
        out.printf(Locale.ROOT, "%s: %d jobs in %s\n", campaign.name(), campaign.jobs().size(), campaign.folder());
        out.flush();
        new CampaignRun(campaign, workplace, new CampaignRun.Listener() {
            @Override
            public void ended(CampaignJob job, JobState state, int left) {
                CampaignStatus status = CampaignStatus.of(campaign);
                out.printf(Locale.ROOT, "[%d/%d] %s: %s%s%s\n", campaign.jobs().size() - left, campaign.jobs().size(), job.title(), state.word(),
                        state.reason().isEmpty() ? time(status, job) : ": " + state.reason(), left(status, left, workplace.width()));
                out.flush();
                if (state instanceof JobState.Failed) {
                    failed.put(job, state.reason());
                }
            }

            @Override
            public void stopping(List<CampaignJob> jobs) {
                out.printf(Locale.ROOT, "stopping; waiting until the state is saved of %s\n", String.join("; ", jobs.stream().map(CampaignJob::title).toList()));
                out.flush();
            }
        }).run();
        CampaignStatus status = CampaignStatus.of(campaign);
        CampaignResults.read(campaign, status).study().ifPresent(study -> out.print("\n" + ConsoleTable.of(study.summary())));
        PrintWriter failures = quiet.isGiven() ? spec.commandLine().getErr() : out;
        failed.forEach((job, reason) -> failures.println("\nfailed: " + job.title() + ": " + reason));
        failures.flush();
        out.println("\nresults: " + campaign.folder());
        out.flush();
        return failed.isEmpty() ? 0 : Main.EXIT_FAILURE;
    }

    private static String time(CampaignStatus status, CampaignJob job) {
        return status.known(job).isPresent() ? String.format(Locale.ROOT, " in %.1f s", status.known(job).getAsDouble()) : "";
    }

    private static String left(CampaignStatus status, int left, int width) {
        return left == 0 || status.left(width).isEmpty() ? "" : "; " + ProgressPrinter.duration(status.left(width).getAsDouble()) + " left";
    }

    private List<String> words(Path configuration, Path folder, int threads) {
        List<String> words = new ArrayList<>(List.of("train", "--config", configuration.toString(), "--output", folder.toString(), "--device", device.kind(),
                "--threads", Integer.toString(threads), "--checkpoint-every", Double.toString(checkpointSeconds)));
        if (memory != null) {
            words.addAll(List.of("--memory", Long.toString(memory)));
        }
        words.addAll(cache.words());
        return words;
    }
}
