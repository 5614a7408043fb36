package dev.itprompt.model;

import dev.itprompt.tensor.Tensor;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * CLIP (Radford et al. 2021): a vision and a text transformer with a common embedding space, their weights by OpenAI's names,
 * and the tokenizer the text side was trained with, which some checkpoints come without.
 *
 * @param vision    the image tower
 * @param text      the text tower
 * @param weights   tensors by name, {@code logit_scale} included; not copied, not to be changed
 * @param tokenizer turns text into ids; without it only images can be embedded
 */
public record Clip(VisionTransformer vision, TextTransformer text, Map<String, Tensor> weights, Optional<Tokenizer> tokenizer)
        implements PretrainedModel {

    public Clip {
        weights = Collections.unmodifiableMap(weights);
    }

    /** A model with random weights, ready to be trained from scratch. */
    public static Clip random(VisionTransformer vision, TextTransformer text, Optional<Tokenizer> tokenizer,
            RandomGenerator random) {
        return new Clip(vision, text, ClipInitializer.initialize(vision, text, random), tokenizer);
    }

    /** The factor between cosines and logits, {@code exp(logit_scale)}; 100 in the released models. */
    public double logitFactor() {
        return Math.exp(weights.get("logit_scale").get(0));
    }
}
