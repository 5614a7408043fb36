package dev.itprompt.parallel;

import dev.itprompt.train.PartImages;
import java.io.Serializable;
import java.util.Map;

/**
 * A part of a batch whose gradients are to be computed. Inputs go by the numbers of their nodes.
 *
 * @param inputs values
 * @param images to be loaded
 */
record PartJob(Map<Integer, float[]> inputs, Map<Integer, PartImages> images) implements Serializable {

    /**
     * What comes of it.
     *
     * @param values  gradients and losses, in the order in which they are read
     * @param seconds that it took, without what is done once a step is new to a process
     */
    record Result(float[][] values, double seconds) implements Serializable {}
}
