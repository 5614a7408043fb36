package dev.itprompt.prompt;

import dev.itprompt.tensor.Tensor;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What enters a frozen image tower beside the image. A prompting is a description without state: its values are tensors by name,
 * which a learner keeps, trains and stores. Two promptings that are equal do the same.
 */
public interface Prompting {

    /**
     * The values with which a task begins: drawn for the first one, then what the last task left, with entries added, copied or
     * drawn anew as the method has it.
     *
     * @param task   from 0
     * @param values what {@link #endTask} gave for the task before; empty for the first one; not changed
     * @param random source of everything that is drawn
     * @return tensors by name, in a fixed order
     */
    Map<String, Tensor> beginTask(int task, Map<String, Tensor> values, RandomGenerator random);

    /**
     * The values that are kept once a task has been trained.
     *
     * @param values what training has made of those of {@link #beginTask}; not changed
     */
    default Map<String, Tensor> endTask(int task, Map<String, Tensor> values) {
        return values;
    }

    /** Whether all values of a task are copies of those before it, so that random numbers are drawn once, for the first task. */
    default boolean copies() {
        return false;
    }

    /**
     * Whether {@link #enter} reads the prompt-free features of the images.
     *
     * @param training whether for a pass in training
     */
    boolean needsQueries(boolean training);

    /** Whether a value is trained; the others are drawn and stay. */
    default boolean isTrained(String name) {
        return true;
    }

    /**
     * Whether what an image gets depends on the others of its batch, which only happens to repeat published code: then batches may not
     * be filled up.
     */
    default boolean mixesBatch() {
        return false;
    }

    /**
     * The values that an image gets whose task is told, if no later task changes them and they are all that it gets.
     *
     * @param task   one that has been learned
     * @param values of {@link #endTask}
     * @return empty where it gets others as well, or what changes
     */
    default Map<String, Tensor> finished(int task, Map<String, Tensor> values) {
        return Map.of();
    }

    /** Adds the prompts to a graph. */
    Entered enter(Pass pass);

    /**
     * A key under which passes at test may be shared: promptings and values of equal kinds enter by the same graph, into which
     * other values can be written.
     */
    default Object kind(Map<String, Tensor> values) {
        return Kind.of(this, values);
    }
}
