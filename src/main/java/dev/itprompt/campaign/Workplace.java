package dev.itprompt.campaign;

import dev.itprompt.WriteException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** Where the jobs of a campaign are done, several at a time. */
public interface Workplace {

    /**
     * A job that has been begun.
     *
     * @param process  that does it, or sees to it: when it ends, nobody does any longer
     * @param begun    when
     * @param exitCode of the command that does the job, once that has ended
     * @param stop     asks the command to save its state and to end
     */
    record Begun(ProcessHandle process, Instant begun, CompletableFuture<Integer> exitCode, Runnable stop) {}

    /**
     * Begins a job.
     *
     * @param configuration the job's, in a file
     * @param folder        of the results
     * @param said          file for all that the command says
     * @throws WriteException if that cannot be written
     */
    Begun begin(Path configuration, Path folder, Path said);

    /** How many jobs are done at a time. */
    int width();
}
