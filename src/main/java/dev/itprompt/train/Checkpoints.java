package dev.itprompt.train;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * From where an interrupted training goes on. Work is cut into stages, which may have stages in them and are done in the same order
 * every time; a stage changes what is known only at its end. Between two stages, and between two steps of a loop in a stage, the state
 * is saved when the last time is longer ago than the interval, or when the process has been asked to stop. When the work is begun again,
 * stages that were finished are passed over, and the loop that was interrupted goes on with the step it had come to.
 *
 * <p>Two files are written: what is known at the beginning of the stage, and, beside it, how far the stage's loop has come. Used by one
 * thread.
 */
public final class Checkpoints {

    /** Nothing is ever saved; every stage is done. */
    public static final Checkpoints NONE = new Checkpoints(null, Duration.ZERO, Map.of(), System::nanoTime);

    private static final String POSITION = "position";
    private static final String LOOP = ".loop";

    private final Path file;
    private final long interval;
    private final Map<String, String> metadata;
    private final LongSupplier nanos;
    private final List<Integer> finished = new ArrayList<>(List.of(0));
    private Stateful whole;
    private Stateful loop;
    private List<Integer> target;
    private boolean loopWaits;
    private String savedPosition = "";
    private long lastSaved;

    private Checkpoints(Path file, Duration interval, Map<String, String> metadata, LongSupplier nanos) {
        this.file = file;
        this.interval = interval.toNanos();
        this.metadata = metadata;
        this.nanos = nanos;
        this.lastSaved = nanos.getAsLong();
    }

    /**
     * Checkpoints in a file.
     *
     * @param file     that is written; {@link #restore} reads it
     * @param interval longest time of work that an interruption may lose
     * @param metadata text pairs that stand in the file
     */
    public static Checkpoints in(Path file, Duration interval, Map<String, String> metadata) {
        return new Checkpoints(file, interval, metadata, System::nanoTime);
    }

    /** As {@link #in}, with a clock of its own. */
    static Checkpoints in(Path file, Duration interval, Map<String, String> metadata, LongSupplier nanos) {
        return new Checkpoints(file, interval, metadata, nanos);
    }

    /**
     * Begins the work: takes over what the file holds, if there is one.
     *
     * @param known all that has to be saved but for the loop at hand
     * @return whether work of an earlier process goes on
     * @throws InputException if the file is damaged or does not fit
     */
    public boolean restore(Stateful known) {
        whole = known;
        if (file == null || !Files.exists(file)) {
            return false;
        }
        Map<String, String> stored = StateFile.load(file, known);
        savedPosition = stored.getOrDefault(POSITION, "");
        target = parse(savedPosition);
        loopWaits = Files.exists(loopFile()) && savedPosition.equals(StateFile.metadata(loopFile()).get(POSITION));
        return true;
    }

    private List<Integer> parse(String position) {
        try {
            List<Integer> counts = new ArrayList<>();
            for (String count : position.split("/")) {
                counts.add(Integer.valueOf(count));
            }
            return counts;
        } catch (NumberFormatException e) {
            throw new InputException(file + ": expected a checkpoint with its position, found '" + Excerpt.of(position, 60)
                    + "'; delete the file to start the training over", e);
        }
    }

    /**
     * Does a stage, unless an earlier process has finished it.
     *
     * @param body may have stages in it; changes what is known only at its end, or in stages of its own
     */
    public void stage(Runnable body) {
        int depth = finished.size() - 1;
        boolean passing = target != null && finished.get(depth) < target.get(depth);
        if (!passing) {
            if (target != null && depth == target.size() - 1) {
                target = null;
            }
            finished.add(0);
            body.run();
            finished.removeLast();
            target = null;
            loop = null;
        }
        finished.set(depth, finished.get(depth) + 1);
        if (!passing) {
            tick();
        }
    }

    /**
     * Begins a loop of steps in the stage at hand; takes over how far an earlier process has come.
     *
     * @param state visits the number of steps done and all that the loop has changed
     */
    public void loop(Stateful state) {
        loop = state;
        if (target != null && position().equals(savedPosition)) {
            target = null;
        }
        if (loopWaits && target == null && position().equals(savedPosition)) {
            StateFile.load(loopFile(), state);
        }
        loopWaits = false;
    }

    /**
     * To be called between two steps or stages: saves when it is time.
     *
     * @throws StoppedException once the state is saved, if the process has been asked to stop
     */
    public void tick() {
        boolean stop = StopRequest.isMade();
        if (file != null && whole != null && (stop || nanos.getAsLong() - lastSaved >= interval)) {
            save();
        }
        if (stop) {
            throw new StoppedException(file != null);
        }
    }

    /** Saves now. */
    public void save() {
        if (file == null) {
            return;
        }
        Map<String, String> header = new LinkedHashMap<>(metadata);
        header.put(POSITION, position());
        if (!savedPosition.equals(position())) {
            StateFile.save(file, whole, header);
            savedPosition = position();
        }
        if (loop != null) {
            StateFile.save(loopFile(), loop, header);
        }
        lastSaved = nanos.getAsLong();
    }

    /**
     * Saves the state of a piece of work that was left in the middle of a stage.
     *
     * @return what was thrown, knowing that the state is saved
     */
    public StoppedException saved(StoppedException stopped) {
        if (stopped.isSaved() || file == null) {
            return stopped;
        }
        save();
        return new StoppedException(true);
    }

    /** Removes the files: the work is done and its results are kept elsewhere. */
    public void delete() {
        try {
            if (file != null) {
                Files.deleteIfExists(loopFile());
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file + ": " + e, e);
        }
    }

    private Path loopFile() {
        return file.resolveSibling(file.getFileName() + LOOP);
    }

    /** Stages finished at each depth, such as {@code 3/1/0}: in the fourth task's second stage. */
    private String position() {
        return String.join("/", finished.stream().map(String::valueOf).toList());
    }
}
