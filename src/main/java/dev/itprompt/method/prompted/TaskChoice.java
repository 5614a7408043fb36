package dev.itprompt.method.prompted;

import dev.itprompt.Progress;
import dev.itprompt.method.Learner;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Stateful;
import java.util.Map;

/** Finds the task of an image by its prompt-free features, for methods with a prompt for every task. */
public interface TaskChoice extends Stateful {

    /**
     * Learns one task, in stages of its own.
     *
     * @param plain prompt-free features of the task's images
     */
    void learn(Learner.Task task, float[][] plain, Checkpoints at, Progress progress);

    /** The task of each row of prompt-free features, among those learned so far. */
    int[] tasks(float[][] plain);

    /**
     * What becomes of the logits of an image once its task is inferred: the same, unless a task's classes are told apart by that task's
     * part of the classifier alone. Then a softmax leaves nothing to the others.
     *
     * @param logits of the classes that compete, changed or not
     * @param task   inferred
     */
    default double[] within(double[] logits, int task) {
        return logits;
    }

    /** Number of trainable numbers by part. */
    default Map<String, Long> trainable() {
        return Map.of();
    }
}
