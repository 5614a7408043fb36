package dev.itprompt.campaign;

import dev.itprompt.FolderLock;
import dev.itprompt.InputException;
import dev.itprompt.train.StopRequest;
import dev.itprompt.train.StoppedException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Runs the jobs of a campaign that are not done, those that take longest first. A job that fails leaves the others as they are.
 * Processes that a killed campaign has left are waited for. Used by one thread.
 */
public final class CampaignRun {

    private static final long PAUSE_MILLIS = 50;

    /** Hears of each job that comes to its end. */
    @FunctionalInterface
    public interface Listener {
        /**
         * A job is done or has failed.
         *
         * @param left how many are left
         */
        void ended(CampaignJob job, JobState state, int left);

        /**
         * The process was asked to stop and waits for its jobs; called once more for each that has saved its state.
         *
         * @param jobs that have not yet, at least one
         */
        default void stopping(List<CampaignJob> jobs) {}
    }

    private final Campaign campaign;
    private final CampaignFolder folder;
    private final Workplace workplace;
    private final Listener listener;
    private final List<CampaignJob> waiting = new ArrayList<>();
    private final Map<CampaignJob, Workplace.Begun> running = new LinkedHashMap<>();
    private final CampaignResults results;

    /** @param workplace where the jobs are done */
    public CampaignRun(Campaign campaign, Workplace workplace, Listener listener) {
        this.campaign = campaign;
        this.folder = new CampaignFolder(campaign.folder());
        this.workplace = workplace;
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
                    stop();
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

    /** Has the jobs save their states. */
    private void stop() {
        running.values().forEach(begun -> begun.stop().run());
        while (!running.isEmpty()) {
            listener.stopping(List.copyOf(running.keySet()));
            CompletableFuture.anyOf(running.values().stream().map(Workplace.Begun::exitCode).toArray(CompletableFuture[]::new)).join();
            CampaignJob job = running.keySet().stream().filter(j -> running.get(j).exitCode().isDone()).findFirst().orElseThrow();
            record(job, running.remove(job).exitCode().join());
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

    /** Sees whether a job has ended. */
    private void look(CampaignJob job) {
        if (running.get(job).exitCode().isDone()) {
            record(job, running.remove(job).exitCode().join());
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
        int free = workplace.width() - running.size();
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
        Optional<Attempt> before = folder.attempt(job);
        Workplace.Begun begun = workplace.begin(folder.configuration(job), job.run().folder(), folder.said(job));
        running.put(job, begun);
        folder.record(job, Attempt.begin(begun, before));
    }
}
