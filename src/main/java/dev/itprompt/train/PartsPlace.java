package dev.itprompt.train;

import dev.itprompt.device.Device;
import dev.itprompt.tensor.Tensor;
import java.util.Map;

/** Where the gradients of the parts of batches are computed. */
@FunctionalInterface
public interface PartsPlace {

    /**
     * Prepares a step.
     *
     * @param device that the updates are computed on
     * @param frozen weights of the model that the step's graph has as constants, by name
     */
    PartGradients open(Device device, TrainingStep step, Map<String, Tensor> frozen);

    /** In this process, one part after the other. */
    PartsPlace HERE = (device, step, _) -> new PartsHere(device, step);
}
