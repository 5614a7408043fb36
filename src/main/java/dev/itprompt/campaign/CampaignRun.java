package dev.itprompt.campaign;

import dev.itprompt.FolderLock;
import dev.itprompt.InputException;
import dev.itprompt.WriteException;
import dev.itprompt.train.StopRequest;
import dev.itprompt.train.StoppedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the jobs of a campaign that are not done, each in a process of its own, those that take longest first. A job that fails leaves
 * the others as they are. Processes that a killed campaign has left are waited for. Used by one thread.
 */
public final class CampaignRun {

    private static final long PAUSE_MILLIS = 50;

    /** The command line that does a job. */
    @FunctionalInterface
    public interface Command {
        /**
         * @param configuration the job's, in a file
         * @param folder        of the results
         * @return program and words
         */
        List<String> of(Path configuration, Path folder);
    }

    /** Hears of each job that comes to its end. */
    @FunctionalInterface
    public interface Listener {
        /**
         * A job is done or has failed.
         *
         * @param left how many are left
         */
        void ended(CampaignJob job, JobState state, int left);
    }

    private final Campaign campaign;
    private final CampaignFolder folder;
    private final Command command;
    private final int processes;
    private final Listener listener;
    private final List<CampaignJob> waiting = new ArrayList<>();
    private final Map<CampaignJob, Process> running = new LinkedHashMap<>();
    private final CampaignResults results;

    /** @param processes most jobs at a time */
    public CampaignRun(Campaign campaign, Command command, int processes, Listener listener) {
        this.campaign = campaign;
        this.folder = new CampaignFolder(campaign.folder());
        this.command = command;
        this.processes = processes;
        this.listener = listener;
        this.results = new CampaignResults(campaign);
    }

    /**
     * Runs what is missing, what has failed before included, and writes the files over all results.
     *
     * @throws InputException   if another campaign is going on in the folder
     * @throws StoppedException if the process was asked to stop; the jobs have saved their states
     */
    public void run() {
        try (FolderLock _ = folder.lock()) {
            StopRequest.listen(() -> {});
            CampaignStatus status = CampaignStatus.of(campaign);
            status.done().forEach(this::take);
            campaign.jobs().stream().filter(job -> !(status.of(job) instanceof JobState.Done))
                    .sorted(Comparator.comparingDouble((CampaignJob job) -> -status.estimate(job).orElse(Double.POSITIVE_INFINITY)))
                    .forEach(waiting::add);
            while (!waiting.isEmpty() || !running.isEmpty()) {
                if (StopRequest.isMade()) {
                    running.values().forEach(Process::destroy);
                    running.forEach((job, process) -> record(job, process.onExit().join().exitValue()));
                    throw new StoppedException("stopped; the same command goes on with the campaign", true);
                }
                List.copyOf(running.keySet()).forEach(this::look);
                start();
                pause();
            }
            results.write();
            StopRequest.answered();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException(true);
        }
    }

    /** Sees whether a process has ended. */
    private void look(CampaignJob job) {
        Process process = running.get(job);
        if (!process.isAlive()) {
            running.remove(job);
            record(job, process.exitValue());
            if (folder.isBusy(job)) {
                waiting.addFirst(job); // somebody else was faster
            } else {
                ended(job);
            }
        }
    }

    private void record(CampaignJob job, int exitCode) {
        folder.record(job, folder.attempt(job).orElseThrow().end(exitCode, exitCode == 0 ? "" : folder.reason(job, exitCode)));
    }

    private void ended(CampaignJob job) {
        JobState state = folder.state(job);
        if (!(state instanceof JobState.Done)) {
            listener.ended(job, state, left());
        } else if (take(job)) {
            results.writeNowAndThen();
            listener.ended(job, state, left());
        }
    }

    /** Reads the results of a job; those that cannot be read are none. */
    private boolean take(CampaignJob job) {
        try {
            results.add(job);
            return true;
        } catch (InputException e) {
            listener.ended(job, new JobState.Failed(e.getMessage()), left());
            return false;
        }
    }

    private int left() {
        return waiting.size() + running.size();
    }

    /** Starts as many jobs as may run beside those that do already. */
    private void start() {
        int free = processes - running.size();
        for (CampaignJob job : List.copyOf(waiting)) {
            if (free <= 0) {
                return;
            }
            if (folder.isBusy(job)) {
                free--;
                continue;
            }
            waiting.remove(job);
            if (folder.conflict(job).isPresent() || folder.state(job) instanceof JobState.Done) {
                ended(job);
            } else {
                start(job);
                free--;
            }
        }
    }

    private void start(CampaignJob job) {
        folder.prepare(job);
        try {
            Optional<Attempt> before = folder.attempt(job);
            Process process = new ProcessBuilder(command.of(folder.configuration(job), job.run().folder())).redirectErrorStream(true)
                    .redirectOutput(folder.said(job).toFile()).start();
            process.getOutputStream().close();
            running.put(job, process);
            folder.record(job, Attempt.begin(process.toHandle(), before));
        } catch (IOException e) {
            throw new WriteException(folder.said(job), e);
        }
    }
}
