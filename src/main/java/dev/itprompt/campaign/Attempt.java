package dev.itprompt.campaign;

import dev.itprompt.AtomicFile;
import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.WriteException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The last process that worked on a job, as a file beside the job's configuration tells it. No result depends on it.
 *
 * @param pid     of the process
 * @param started when it began to work on the job
 * @param earlier seconds that earlier processes worked on the job
 * @param ended   how it ended; empty if it has not, or nobody was there to see it
 */
record Attempt(long pid, Instant started, double earlier, Optional<End> ended) {

    /**
     * How a process ended.
     *
     * @param seconds  after it was started
     * @param exitCode 0 for a job that is done
     * @param reason   why it is not 0, in a line
     */
    record End(double seconds, int exitCode, String reason) {}

    /** A job that has just been begun. */
    static Attempt begin(Workplace.Begun begun, Optional<Attempt> before) {
        return new Attempt(begun.process().pid(), begun.begun(), before.map(Attempt::seconds).orElse(0.0), Optional.empty());
    }

    /** Now that it has ended. */
    Attempt end(int exitCode, String reason) {
        return new Attempt(pid, started, earlier, Optional.of(new End(age(), exitCode, reason)));
    }

    /** Seconds since it began. */
    double age() {
        return Duration.between(started, Instant.now()).toMillis() / 1000.0;
    }

    /** Seconds that all processes worked on the job, of those that were seen to end. */
    double seconds() {
        return earlier + ended.map(End::seconds).orElse(0.0);
    }

    /** Whether the process still works: a number may belong to another one by now, which was started later. */
    boolean isAlive() {
        return ended.isEmpty() && ProcessHandle.of(pid).filter(ProcessHandle::isAlive)
                .flatMap(process -> process.info().startInstant().or(() -> Optional.of(started)))
                .filter(then -> Duration.between(started, then).toSeconds() <= 1).isPresent();
    }

    /**
     * What a file tells; empty without one.
     *
     * @throws InputException if it cannot be read or is damaged
     */
    static Optional<Attempt> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            JsonNode root = JsonText.MAPPER.readTree(Files.readAllBytes(file));
            JsonNode end = root.path("ended");
            return Optional.of(new Attempt(root.required("pid").asLong(), Instant.parse(root.required("started").asString()),
                    root.required("earlier").asDouble(), end.isObject() ? Optional.of(new End(end.required("seconds").asDouble(),
                    end.required("exitCode").asInt(), end.required("reason").asString())) : Optional.empty()));
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + WriteException.reason(e) + ")", e);
        } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
            throw new InputException(file + ": expected what is known of a job, found a damaged file; delete it", e);
        }
    }

    /** Writes it down. */
    void write(Path file) {
        ObjectNode root = JsonText.MAPPER.createObjectNode().put("pid", pid).put("started", started.toString()).put("earlier", earlier);
        ended.ifPresent(end -> root.putObject("ended").put("seconds", end.seconds()).put("exitCode", end.exitCode()).put("reason", end.reason()));
        AtomicFile.write(file, (JsonText.MAPPER.writeValueAsString(root) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
