package dev.itprompt.train;

import dev.itprompt.data.Images;
import java.io.Serializable;
import java.util.stream.IntStream;

/**
 * Which images a part of a batch has, for the process that computes its gradients to load them.
 *
 * @param identities of the images in the experiment
 * @param step       from 0
 * @param first      position in the whole batch of the first of them
 * @param chance     random numbers of the augmentation
 */
public record PartImages(int[] identities, long step, int first, ImageBatches.Chance chance) implements Serializable {

    /**
     * Loads the images.
     *
     * @param all    images by their identity
     * @param pixels numbers of one image
     * @return [identities.length, pixels], the same numbers in every process
     */
    public float[] load(Images all, int pixels) {
        float[] values = new float[identities.length * pixels];
        IntStream.range(0, identities.length).parallel().forEach(i -> all.load(identities[i], values, i * pixels, chance.at(step, first + i)));
        return values;
    }
}
