package dev.itprompt.parallel;

import dev.itprompt.data.Images;
import dev.itprompt.device.Device;
import dev.itprompt.tensor.Tensor;
import java.io.Serializable;
import java.util.Map;

/** How a process comes to model, images and device. Equal ones open the same. */
public interface Opening extends Serializable {

    /**
     * What the gradients of parts are computed with.
     *
     * @param weights of the frozen model, by name
     * @param images  all training images by their identity
     * @param pixels  numbers of one image
     */
    record Opened(Device device, Map<String, Tensor> weights, Images images, int pixels) {}

    /**
     * Reads everything.
     *
     * @throws dev.itprompt.InputException if something is missing or another than that of the process which trains
     */
    Opened open();
}
