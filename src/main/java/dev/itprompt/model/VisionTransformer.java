package dev.itprompt.model;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.Map;

/**
 * A vision transformer (Dosovitskiy et al. 2021) in CLIP's or timm's arrangement; the fields are where the two differ.
 *
 * @param imageSize  side of the square RGB input in pixels
 * @param patchSize  side of a patch in pixels, a divisor of the image size
 * @param width      D
 * @param layers     number of blocks
 * @param heads      attention heads; 64 columns each in all published models
 * @param embedding  E, columns of the final projection; 0 for none (timm), then E = D
 * @param activation QuickGELU in OpenAI's CLIP, exact GELU in timm's models
 * @param epsilon    of layer norms: 1e-5 in CLIP, 1e-6 in timm's models
 * @param patchBias  whether the patch convolution has a bias (timm)
 * @param preNorm    whether a layer norm stands before the blocks (CLIP's {@code ln_pre})
 * @param pooling    which tokens make the image embedding
 */
public record VisionTransformer(int imageSize, int patchSize, int width, int layers, int heads, int embedding,
                                Op.Activation activation, float epsilon, boolean patchBias, boolean preNorm,
                                Pooling pooling) {

    /** From tokens to one vector. */
    public enum Pooling {
        /** The class token after the final layer norm. */
        CLASS_TOKEN,
        /** The mean of all tokens after the final layer norm. */
        MEAN
    }

    /** OpenAI's CLIP: QuickGELU, eps 1e-5, ln_pre, projection, class token; heads of width 64. */
    public static VisionTransformer clip(int imageSize, int patchSize, int width, int layers, int embedding) {
        return new VisionTransformer(imageSize, patchSize, width, layers, Math.max(1, width / 64), embedding,
                Op.Activation.QUICK_GELU, 1e-5f, false, true, Pooling.CLASS_TOKEN);
    }

    /** timm's ViT, as in iBOT, DINO, MoCo v3 and the supervised models: GELU, eps 1e-6, patch bias, no projection. */
    public static VisionTransformer timm(int imageSize, int patchSize, int width, int layers) {
        return new VisionTransformer(imageSize, patchSize, width, layers, Math.max(1, width / 64), 0,
                Op.Activation.GELU, 1e-6f, true, false, Pooling.CLASS_TOKEN);
    }

    /** N: patches and the class token. */
    public int tokens() {
        int side = imageSize / patchSize;
        return side * side + 1;
    }

    /** E: columns of the result. */
    public int features() {
        return embedding == 0 ? width : embedding;
    }

    /** Number of weights. */
    public long parameters() {
        long patch = 3L * patchSize * patchSize * width + (patchBias ? width : 0);
        long embeddings = width + (long) tokens() * width;
        return patch + embeddings + (preNorm ? 2L : 0) * width + Transformer.parameters(width, layers) + 2L * width
                + (long) width * embedding;
    }

    /**
     * Adds the whole tower.
     *
     * @param parameters the model's root; names begin with {@code visual.}
     * @param image      [B, 3, imageSize, imageSize], normalised
     * @param prefixes   prefix keys and values by block number, none for a prompt-free pass
     * @return [B, E], not normalised
     */
    public Node apply(Parameters parameters, Node image, Map<Integer, Transformer.Prefix> prefixes) {
        Graph g = parameters.graph();
        Parameters p = parameters.in("visual");
        int patchColumns = 3 * patchSize * patchSize;
        Node kernel = g.reshape(p.get("conv1.weight", width, 3, patchSize, patchSize), width, patchColumns);
        Node patches = g.linear(g.patches(image, patchSize), kernel, patchBias ? p.get("conv1.bias", width) : null);
        Node classToken = g.reshape(p.get("class_embedding", width), 1, width);
        Node x = g.concat(1, g.repeat(classToken, 0, image.shape().dim(0)), patches);
        x = g.add(x, p.get("positional_embedding", tokens(), width));
        if (preNorm) {
            x = Transformer.layerNorm(p.in("ln_pre"), x, width, epsilon);
        }
        Transformer blocks = new Transformer("vision.block", width, layers, heads, false, activation, epsilon);
        Node pooledToken = switch (pooling) {
            case CLASS_TOKEN -> g.constant(Tensor.zeros(Shape.of(image.shape().dim(0))));
            case MEAN -> null;
        };
        x = Transformer.layerNorm(p.in("ln_post"), blocks.apply(p.in("transformer"), x, prefixes, pooledToken), width, epsilon);
        Node pooled = pooling == Pooling.MEAN ? g.mean(x, 1) : x;
        return embedding == 0 ? pooled : g.matMul(pooled, p.get("proj", width, embedding));
    }
}
