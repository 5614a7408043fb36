package dev.itprompt.model;

import dev.itprompt.tensor.Tensor;
import java.util.Map;

/** A model with its weights, which carry the names of OpenAI's CLIP: a CLIP, or a vision transformer alone. */
public sealed interface PretrainedModel permits Clip, VisionModel {

    /** The image tower. */
    VisionTransformer vision();

    /** Tensors by name; not to be changed. */
    Map<String, Tensor> weights();

    /** Number of weights. */
    default long parameterCount() {
        return weights().values().stream().mapToLong(tensor -> tensor.shape().size()).sum();
    }
}
