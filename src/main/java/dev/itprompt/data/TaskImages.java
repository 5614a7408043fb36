package dev.itprompt.data;

import java.util.random.RandomGenerator;

/** Labelled images, preprocessed on demand. */
public interface TaskImages {

    /** Number of images. */
    int size();

    /** The class of an image, by position in the class order. */
    int label(int index);

    /** A number that stays the same for the same picture in the whole experiment: the key of cached features. */
    int identity(int index);

    /** Where an image comes from, for messages and prediction lists. */
    default String source(int index) {
        return Integer.toString(index);
    }

    /**
     * Writes one picture, normalised, as [3, S, S].
     *
     * @param target where to
     * @param offset index of the first of 3·S·S elements
     * @param random source of a random crop and flip; null for the test transform
     */
    void load(int index, float[] target, int offset, RandomGenerator random);
}
