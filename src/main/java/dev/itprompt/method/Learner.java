package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.data.TaskImages;
import dev.itprompt.tensor.Tensor;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A method of continual learning. Tasks come one after another; a task's training images are seen while it is learned and
 * never again. Classes are numbered by their position in the scenario's class order, so the classes seen so far are always
 * {@code 0 … seen−1}.
 */
public interface Learner extends AutoCloseable {

    /**
     * What is known of one task while it is learned.
     *
     * @param index      number of the task, from 0
     * @param firstClass the task's first class
     * @param endClass   one past the task's last class: the number of classes seen once it is learned
     * @param images     its training images with labels {@code firstClass … endClass−1}
     */
    record Task(int index, int firstClass, int endClass, TaskImages images) {

        /** The rows of one class among features of the task's images, in their order. */
        float[][] ofClass(float[][] features, int label) {
            return IntStream.range(0, features.length).filter(i -> images.label(i) == label).mapToObj(i -> features[i])
                    .toArray(float[][]::new);
        }
    }

    /**
     * Answers for a list of test images.
     *
     * @param classes predicted classes
     * @param tasks   inferred task of each image; empty when the method infers none
     */
    record Predictions(int[] classes, int[] tasks) {}

    /** Learns one task. */
    void learn(Task task, Progress progress);

    /**
     * Answers by each of the method's classifiers, by the name under which results are reported; the images' labels are not
     * looked at (but by an oracle, which says so in its name).
     */
    Map<String, Predictions> predict(TaskImages images);

    /** All that was learned, by name: prompts, keys, heads, statistics. */
    Map<String, Tensor> state();

    /** Number of trainable numbers by part. */
    Map<String, Long> trainable();

    @Override
    void close();
}
