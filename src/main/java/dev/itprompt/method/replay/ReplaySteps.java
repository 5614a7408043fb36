package dev.itprompt.method.replay;

import dev.itprompt.Setting;

/** How many pseudo-features are replayed. */
public record ReplaySteps(
        @Setting(meaning = "epochs of replay, cosine-annealed to 0", byDefault = "30", min = 0) int epochs,
        @Setting(meaning = "pseudo-features per class and per mini-batch", byDefault = "128", min = 1) int samples,
        @Setting(meaning = "mini-batches per epoch and class; 1 is HiDe-Prompt's rule", byDefault = "1", min = 1) int batches,
        @Setting(meaning = "least mini-batches in all: epochs have more where there are few classes", byDefault = "300", min = 0)
        int leastSteps,
        @Setting(meaning = "one mini-batch in all, at least, for so many images of a task, up to 6000 mini-batches: statistics of many "
                + "images are exact enough to learn more from; 0 for none", byDefault = "2", min = 0)
        int imagesPerStep,
        @Setting(meaning = "most mini-batches in all, where there are many classes; 0 for no limit", byDefault = "1000", min = 0)
        int mostSteps) {

    /** Most mini-batches because of many images. */
    private static final int MOST_FOR_IMAGES = 6000;

    /**
     * Mini-batches of an epoch.
     *
     * @param oldClasses that set their number, at least 1
     * @param images     of the task
     */
    public int perEpoch(int oldClasses, int images) {
        int forImages = imagesPerStep == 0 ? 0 : Math.min(images / imagesPerStep, MOST_FOR_IMAGES);
        int least = Math.ceilDiv(Math.max(leastSteps, forImages), Math.max(1, epochs));
        int most = mostSteps == 0 ? Integer.MAX_VALUE : Math.ceilDiv(mostSteps, Math.max(1, epochs));
        return Math.min(Math.max(oldClasses * batches, least), Math.max(most, least));
    }
}
