package dev.itprompt.data;

import java.util.random.RandomGenerator;

/**
 * How images become a model's input.
 *
 * @param test        the transform without chance
 * @param cropArea    least share of the area that a random crop keeps
 * @param trainFilter of the resizing of a random crop
 * @param flip        whether training images are mirrored at random
 * @param jitter      by how much training images are made brighter or darker at random, as a share
 * @param views       augmented versions that a training image has where its features are to be kept; 0 for new ones each time
 */
public record Transforms(Preprocess test, double cropArea, ImageResize.Filter trainFilter, boolean flip, double jitter, int views) {

    /** What chance does to an image, in words that differ where that does. */
    public String augmentation() {
        return "area " + cropArea + ", " + trainFilter + ", flip " + flip + ", jitter " + jitter;
    }

    /**
     * The square that is normalised then.
     *
     * @param random source of chance; null for the transform without it
     */
    public RgbImage square(RgbImage image, RandomGenerator random) {
        if (random == null) {
            return test.square(image);
        }
        RgbImage whole = test.fit() == Preprocess.Fit.PAD ? test.square(image) : image;
        RgbImage part = Augment.randomResizedCrop(whole, test.side(), cropArea, 1, trainFilter, random);
        return Augment.randomBrightness(flip ? Augment.randomFlip(part, random) : part, jitter, random);
    }
}
