package dev.itprompt.campaign;

import dev.itprompt.WriteException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * Processes of this machine, one for each job.
 *
 * @param command that does a job
 * @param width   most processes at a time
 */
public record Processes(Command command, int width) implements Workplace {

    /** The command line that does a job. */
    @FunctionalInterface
    public interface Command {
        /**
         * @param configuration the job's, in a file
         * @param folder        of the results
         * @return the words
         */
        List<String> of(Path configuration, Path folder);
    }

    @Override
    public Begun begin(Path configuration, Path folder, Path said) {
        try {
            Process process = new ProcessBuilder(command.of(configuration, folder)).redirectErrorStream(true).redirectOutput(said.toFile()).start();
            process.getOutputStream().close();
            return new Begun(process.toHandle(), process.info().startInstant().orElseGet(Instant::now),
                    process.onExit().thenApply(Process::exitValue), process::destroy);
        } catch (IOException e) {
            throw new WriteException(said, e);
        }
    }
}
