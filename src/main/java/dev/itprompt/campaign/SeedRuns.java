package dev.itprompt.campaign;

import dev.itprompt.AtomicFile;
import dev.itprompt.DivergenceException;
import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.WriteException;
import dev.itprompt.experiment.Experiment;
import dev.itprompt.experiment.Inputs;
import dev.itprompt.experiment.MethodResult;
import dev.itprompt.experiment.SeedSummary;
import dev.itprompt.experiment.StepPlans;
import dev.itprompt.report.ReportFiles;
import dev.itprompt.report.RunSet;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Runs of one experiment with different seeds, one after the other in this process, which reads model and images once.
 *
 * @param jobs one a seed, at least one
 */
public record SeedRuns(List<RunJob> jobs) {

    /** Hears of each run. */
    public interface Listener {
        /**
         * A run begins.
         *
         * @param within whether some blocks are computed again to stay within the memory
         */
        void begins(Experiment experiment, boolean within);

        /** Memory of a run has been planned. */
        void planned(StepPlans plans);

        /** A run has ended. */
        void ended(RunJob job, RunJob.Result result);
    }

    /**
     * Plans the memory of each, and runs nothing.
     *
     * @throws InputException if Java's heap has no room for a method
     */
    public void plan(Inputs inputs, RunJob.Manner manner, Listener listener) {
        for (RunJob job : jobs) {
            Experiment experiment = begin(job.fit(inputs), inputs, manner, listener);
            listener.planned(experiment.plans());
            experiment.requireHeap(Runtime.getRuntime().maxMemory());
        }
    }

    /**
     * Runs what is missing of each.
     *
     * @param device kind of the device, as results name it
     * @throws DivergenceException if a training diverges; says with which seed if there are several
     */
    public void run(Inputs inputs, String device, RunJob.Manner manner, Progress progress, Listener listener) {
        for (RunJob given : jobs) {
            RunJob job = given.fit(inputs);
            Experiment experiment = begin(job, inputs, manner, listener);
            experiment.requireHeap(Runtime.getRuntime().maxMemory());
            try {
                listener.ended(job, job.run(experiment, inputs, device, manner, progress));
            } catch (DivergenceException e) {
                throw jobs.size() == 1 ? e : e.in("seed " + experiment.settings().seed());
            }
            System.gc(); // what a run learned lies off the heap, where the collector does not see it fill up memory
        }
    }

    private static Experiment begin(RunJob job, Inputs inputs, RunJob.Manner manner, Listener listener) {
        Experiment experiment = job.experiment(inputs, manner);
        listener.begins(experiment, !experiment.settings().equals(job.configuration().settings()));
        return experiment;
    }

    /**
     * Writes {@code summary.json} over the seeds and all files that show the results.
     *
     * @param folder  where to
     * @param results of each run
     * @return what could not be made here, if so
     */
    public Optional<String> summarize(Path folder, List<List<MethodResult>> results) {
        Path file = folder.resolve("summary.json");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new WriteException(file, e);
        }
        List<String> folders = jobs.stream().map(job -> folder.toAbsolutePath().relativize(job.folder().toAbsolutePath()).toString()
                .replace(File.separatorChar, '/')).toList();
        AtomicFile.write(file, summary(results).json(folders).getBytes(StandardCharsets.UTF_8));
        return ReportFiles.writeAll(RunSet.read(List.of(folder)), folder);
    }

    /** Mean and deviation over the seeds. */
    public SeedSummary summary(List<List<MethodResult>> results) {
        return new SeedSummary(seeds(), results);
    }

    /** The seed of each run. */
    public List<Integer> seeds() {
        return jobs.stream().map(job -> job.configuration().settings().seed()).toList();
    }
}
