package dev.itprompt.campaign;

import dev.itprompt.AtomicFile;
import dev.itprompt.Excerpt;
import dev.itprompt.FolderLock;
import dev.itprompt.InputException;
import dev.itprompt.WriteException;
import dev.itprompt.experiment.RunConfig;
import dev.itprompt.experiment.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a campaign has written: {@code runs} holds a folder for each job, as {@code train} writes it, and {@code jobs} the configuration
 * of each, what its process said, and how that ended. Which jobs are done follows from {@code runs} and the configurations alone.
 */
final class CampaignFolder {

    private static final String JOBS = "jobs";
    /** Exit codes of a process that was asked to stop and has saved its state. */
    private static final List<Integer> STOPPED = List.of(130, 143);

    private final Path folder;

    CampaignFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes the folder and keeps others from running a campaign there.
     *
     * @throws InputException if somebody does
     */
    FolderLock lock() {
        try {
            Files.createDirectories(folder.resolve(JOBS));
            return FolderLock.of(folder);
        } catch (IOException e) {
            throw new WriteException(folder, e);
        }
    }

    /** The configuration that a job's process is given. */
    Path configuration(CampaignJob job) {
        return file(job, ".yaml");
    }

    /** All that the last process of a job has said. */
    Path said(CampaignJob job) {
        return file(job, ".log");
    }

    private Path file(CampaignJob job, String ending) {
        Path file = folder.resolve(JOBS).resolve(job.path());
        return file.resolveSibling(file.getFileName() + ending);
    }

    /** The last process that worked on a job, if there was one. */
    Optional<Attempt> attempt(CampaignJob job) {
        return Attempt.read(file(job, ".json"));
    }

    /** How far a job is; nobody is kept from working on it. */
    JobState state(CampaignJob job) {
        Optional<String> conflict = conflict(job);
        if (conflict.isPresent()) {
            return new JobState.Failed(conflict.get());
        }
        try {
            if (Files.exists(configuration(job)) && RunFolder.isFinished(job.run().folder(), job.methods())) {
                return new JobState.Done();
            }
        } catch (InputException e) {
            return new JobState.Failed(e.getMessage());
        }
        Optional<Attempt> attempt = attempt(job);
        if (attempt.filter(Attempt::isAlive).isPresent()) {
            return new JobState.Running(attempt.get().age());
        }
        return attempt.flatMap(Attempt::ended).filter(end -> end.exitCode() != 0 && !STOPPED.contains(end.exitCode()))
                .<JobState>map(end -> new JobState.Failed(end.reason())).orElseGet(JobState.Waiting::new);
    }

    /** Results of other settings that lie where a job's are to be. */
    Optional<String> conflict(CampaignJob job) {
        Path before = configuration(job);
        if (!Files.exists(before) || !Files.isDirectory(job.run().folder())) {
            return Optional.empty();
        }
        String difference = new RunConfig(Map.of(), text(before)).difference(new RunConfig(Map.of(), job.run().configuration().toYaml()));
        return difference.isEmpty() ? Optional.empty() : Optional.of(Excerpt.of(job.run().folder()) + ": holds a run " + difference
                + "; delete it, or choose another folder by --output");
    }

    /** Whether a process of somebody else works in the folder of a job's run, such as one whose campaign was killed. */
    boolean isBusy(CampaignJob job) {
        if (attempt(job).filter(Attempt::isAlive).isPresent()) {
            return true;
        }
        return Files.isDirectory(job.run().folder()) && FolderLock.isHeld(job.run().folder());
    }

    /** Writes the configuration of a job. */
    void prepare(CampaignJob job) {
        Path file = configuration(job);
        try {
            Files.createDirectories(file.getParent());
        } catch (IOException e) {
            throw new WriteException(file, e);
        }
        AtomicFile.write(file, job.run().configuration().toYaml().getBytes(StandardCharsets.UTF_8));
    }

    /** Writes down what is known of a job's process. */
    void record(CampaignJob job, Attempt attempt) {
        attempt.write(file(job, ".json"));
    }

    /** Why a process failed: what it said last for itself, else its exit code. */
    String reason(CampaignJob job, int exitCode) {
        String mark = "itprompt: ";
        List<String> lines = text(said(job)).lines().filter(line -> line.startsWith(mark) && !line.startsWith(mark + "warning: ")).toList();
        return lines.isEmpty() ? exitCode > 128 ? "killed by signal " + (exitCode - 128) : "ended with exit code " + exitCode
                + "; see " + said(job) : Excerpt.line(lines.getLast().substring(mark.length()));
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InputException(Excerpt.of(file) + ": cannot be read (" + WriteException.reason(e) + ")", e);
        }
    }
}
