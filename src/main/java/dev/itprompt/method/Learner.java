package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.data.Images;
import dev.itprompt.data.TaskImages;
import dev.itprompt.prompt.PoolUse;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Stateful;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A method of continual learning. Tasks come one after another; a task's training images are seen while it is learned and
 * never again. Classes are numbered by their position in the scenario's class order, so the classes seen so far are always
 * {@code 0 … seen−1}.
 */
public interface Learner extends Stateful, AutoCloseable {

    /**
     * What is known of one task while it is learned.
     *
     * @param index      number of the task, from 0
     * @param firstClass the task's first class
     * @param endClass   one past the task's last class: the number of classes seen once it is learned
     * @param images     its training images with labels {@code firstClass … endClass−1}
     */
    record Task(int index, int firstClass, int endClass, TaskImages images) {

        /** A piece of its training as progress calls it, such as {@code task 2 features}. */
        public String piece(String what) {
            return "task " + (index + 1) + " " + what;
        }

        /** The rows of one class among features of the task's images, in their order. */
        public float[][] ofClass(float[][] features, int label) {
            return IntStream.range(0, features.length).filter(i -> images.label(i) == label).mapToObj(i -> features[i])
                    .toArray(float[][]::new);
        }
    }

    /**
     * Answers for a list of test images.
     *
     * @param values scores of the classes seen so far, or of all of the run, [images][classes]; a higher one is more likely, and those of one image can be
     *               compared
     * @param tasks  inferred task of each image; empty when the method infers none
     * @param logits whether a softmax makes probabilities of scores; others rank classes and no more
     * @param pools  how the images used prompt pools whose entries are no tasks', by name
     */
    record Scores(double[][] values, int[] tasks, boolean logits, Map<String, PoolUse> pools) {

        /** Without prompt pools. */
        public Scores(double[][] values, int[] tasks, boolean logits) {
            this(values, tasks, logits, Map.of());
        }

        /** The class of the highest score of each image, the first of equals. */
        public int[] classes() {
            return Arrays.stream(values).mapToInt(row -> FeatureMatrix.argmax(row, row.length)).toArray();
        }

        /** The same among some classes, those of one task. */
        public int[] classes(int from, int end) {
            return Arrays.stream(values).mapToInt(row -> FeatureMatrix.argmax(row, from, end)).toArray();
        }

        /** Probabilities of an image's classes, where scores are logits. */
        public double[] probabilities(int image) {
            if (!logits) {
                throw new IllegalStateException("scores that are no logits have no probabilities");
            }
            return FeatureMatrix.softmax(values[image]);
        }
    }

    /**
     * Learns one task. Loops of steps tell the checkpoints how far they are, and what is known changes at the ends of stages only.
     *
     * @param at where an interrupted training goes on
     */
    void learn(Task task, Checkpoints at, Progress progress);

    /** Answers by each of the method's classifiers, by the name under which results are reported. */
    Map<String, Scores> predict(Images images);

    /**
     * Answers for images of any task, learned or not, before and after tasks are learned, with scores of all classes of the run; by the
     * classifiers, under the names of {@link #predict}, that know classes that they have not learned. Tasks are not inferred.
     */
    default Map<String, Scores> predictAhead(Images images) {
        return Map.of();
    }

    /** Whether its answers may be classes of the run that it has not learned, as those of {@link Need#UNMASKED_LOGITS}. */
    default boolean answersUnseen() {
        return false;
    }

    /** Forward passes through the image tower that a test image takes before the one whose features are classified. */
    default int queryPasses() {
        return 0;
    }

    /** Number of trainable numbers by part. */
    Map<String, Long> trainable();

    @Override
    void close();
}
