package dev.itprompt.model;

import dev.itprompt.tensor.Tensor;
import java.util.Collections;
import java.util.Map;

/**
 * A vision transformer that knows no texts, such as those of DINO, iBOT and MoCo v3.
 *
 * @param vision  the image tower
 * @param weights tensors by name, all below {@code visual.}; not copied, not to be changed
 */
public record VisionModel(VisionTransformer vision, Map<String, Tensor> weights) implements PretrainedModel {

    public VisionModel {
        weights = Collections.unmodifiableMap(weights);
    }
}
