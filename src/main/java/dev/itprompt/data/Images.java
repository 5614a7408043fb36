package dev.itprompt.data;

import java.util.random.RandomGenerator;

/** Images without their labels, preprocessed on demand; may be asked for by several threads at once. */
public interface Images {

    /** Number of images. */
    int size();

    /** A number that stays the same for the same picture in the whole experiment. */
    int identity(int index);

    /** What tells the picture that the model sees from all others, in this experiment or not; null if that is not known. */
    default ImageKey key(int index) {
        return null;
    }

    /** How many augmented versions a training image has, each an {@link ImageView}; 0 where every one is new. */
    default int views() {
        return 0;
    }

    /** How training images are augmented, in words that differ where that does. */
    default String augmentation() {
        return "";
    }

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
