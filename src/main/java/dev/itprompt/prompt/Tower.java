package dev.itprompt.prompt;

import dev.itprompt.graph.Node;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Parameters;
import java.util.Map;

/**
 * A frozen image tower in a graph.
 *
 * @param model   what it is made of
 * @param weights the model's root: constants
 */
public record Tower(VisionTransformer model, Parameters weights) {

    /** The prompt-free features u(x), [B, E]. */
    public Node features(Node images) {
        return model.apply(weights, images, Map.of());
    }
}
