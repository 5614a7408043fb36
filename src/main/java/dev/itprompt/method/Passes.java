package dev.itprompt.method;

import java.util.List;

/**
 * Passes of images through the image tower that a method takes beside those for prompt-free features, which all methods of a run share.
 *
 * @param embedded images that are embedded, forward alone: at most so many, as features that are known already are not computed again
 * @param trained  images of training steps, forward and backward
 */
public record Passes(long embedded, long trained) {

    /** None: the method works on prompt-free features. */
    public static final Passes NONE = new Passes(0, 0);

    /**
     * Images of a task.
     *
     * @param train training images
     * @param test  test images
     */
    public record TaskSize(int train, int test) {}

    /** Both together. */
    public Passes plus(Passes others) {
        return new Passes(embedded + others.embedded, trained + others.trained);
    }

    /** Images that the tests after the tasks embed once each: those of all tasks so far. */
    static long tested(List<TaskSize> tasks) {
        long sum = 0;
        long seen = 0;
        for (TaskSize task : tasks) {
            seen += task.test();
            sum += seen;
        }
        return sum;
    }

    /**
     * Of prompts that are tuned on each task's images, and of the tests after them.
     *
     * @param training of the prompts
     * @param queries  whether steps on augmented images embed them without prompts first
     * @param kept     whether a task's images are embedded with their prompts afterwards
     * @param answers  that are tested with prompts of their own
     */
    public static Passes ofTuning(TrainingSettings training, List<TaskSize> tasks, boolean queries, boolean kept, int answers) {
        long trained = 0;
        long embedded = answers * tested(tasks);
        for (TaskSize task : tasks) {
            int batch = training.batchOf(task.train());
            int perPass = task.train() / batch;
            trained += (long) batch * perPass * training.epochsOf(perPass);
            embedded += kept ? task.train() : 0;
        }
        return new Passes(embedded + (queries && training.augment() ? trained : 0), trained);
    }
}
