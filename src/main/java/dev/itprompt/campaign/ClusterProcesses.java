package dev.itprompt.campaign;

import dev.itprompt.AtomicFile;
import dev.itprompt.FailureException;
import dev.itprompt.InputException;
import dev.itprompt.cluster.Cluster;
import dev.itprompt.train.StopRequest;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Processes of a cluster, which all see the campaign's folder and do several jobs one after the other. A job that the cluster gives up
 * leaves the others as they are.
 *
 * @param cluster where
 * @param command that does a job
 * @param work    does the command in a process that goes on afterwards
 * @param width   most jobs at a time
 */
public record ClusterProcesses(Cluster cluster, Processes.Command command, Cluster.Work<List<String>, Ended> work, int width) implements Workplace {

    /** Exit codes of a job that the cluster gave up, and of one that was stopped. */
    private static final int FAILED = 1;
    private static final int STOPPED = 130;

    /**
     * How a command ended.
     *
     * @param exitCode what it is in a process of its own
     * @param said     all that it printed
     */
    public record Ended(int exitCode, String said) implements Serializable {}

    @Override
    public Begun begin(Path configuration, Path folder, Path said) {
        List<String> words = List.copyOf(command.of(configuration, folder));
        CompletableFuture<Integer> exitCode = CompletableFuture.supplyAsync(() -> {
            Ended ended = run(words);
            AtomicFile.write(said, ended.said().getBytes(StandardCharsets.UTF_8));
            return ended.exitCode();
        }, task -> Thread.ofPlatform().daemon().start(task));
        return new Begun(ProcessHandle.current(), Instant.now(), exitCode, () -> exitCode.complete(STOPPED));
    }

    private Ended run(List<String> words) {
        try {
            return cluster.map(List.of(words), work).getFirst();
        } catch (InputException | FailureException e) {
            return new Ended(StopRequest.isMade() ? STOPPED : FAILED, "itprompt: " + e.getMessage() + "\n");
        }
    }
}
