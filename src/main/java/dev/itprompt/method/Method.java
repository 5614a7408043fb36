package dev.itprompt.method;

import dev.itprompt.config.Kind;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.model.VisionTransformer;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A method that can be run and compared. Learners are made under a name, that of the method or of a variant with other settings, and
 * answer under that name and under those of {@link #answers}.
 *
 * @param <S> its settings
 */
public interface Method<S extends Record> extends Kind<S> {

    /** What it asks for with some settings. */
    default Set<Need> needs(S settings) {
        return Set.of();
    }

    /**
     * What to set so that it can do without something, as {@code key=value} below its section; empty if it cannot.
     *
     * @param need one of {@link #needs} with these settings
     */
    default List<String> without(Need need, S settings) {
        return List.of();
    }

    /**
     * A learner that has learned nothing.
     *
     * @param name under which it answers
     */
    Learner create(String name, Run run, S settings);

    /**
     * Memory of its largest training step through the model, as planned before anything is run; empty if it trains nothing there.
     *
     * @param last the last task
     */
    default Optional<MemoryPlan> largestStep(Run run, S settings, LastTask last) {
        return Optional.empty();
    }

    /**
     * The task that is learned last, whose last class is the run's.
     *
     * @param index      its number, from 0
     * @param firstClass its first class
     */
    record LastTask(int index, int firstClass) {

        /** All tasks as one. */
        public static final LastTask ALL = new LastTask(0, 0);
    }

    /**
     * Passes through the image tower that a run takes.
     *
     * @param model that prompts enter
     * @param tasks in their order; a single one where all are learned at once
     */
    default Passes passes(VisionTransformer model, S settings, List<Passes.TaskSize> tasks) {
        return Passes.NONE;
    }

    /** Bytes at most, in Java's heap, that it needs beside the model and the features of images; 0 where that is little. */
    default long hostBytes(Run run, S settings) {
        return 0;
    }

    /**
     * What to set so that {@link #hostBytes} are fewer; empty if nothing helps.
     *
     * @param name below whose section
     */
    default String forFewerHostBytes(String name) {
        return "a smaller " + key(name, "projection");
    }

    /** The same settings with blocks computed again in the backward pass: less memory, the same result. */
    default S recomputing(S settings) {
        return settings;
    }

    /** The full key of a setting, for messages. */
    static String key(String name, String setting) {
        return "methods." + name + "." + setting;
    }
}
