package dev.itprompt.model;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import java.util.Map;

/**
 * A vision transformer (Dosovitskiy et al. 2021) in CLIP's or timm's arrangement; the fields are where the two differ.
 *
 * @param imageSize  side of the square RGB input in pixels
 * @param patchSize  side of a patch in pixels, a divisor of the image size
 * @param width      D
 * @param hidden     width inside the MLPs, 4D in most models
 * @param layers     number of blocks
 * @param heads      attention heads, a divisor of D; of 64 columns in most published models
 * @param embedding  E, columns of the final projection; 0 for none (timm), then E = D
 * @param activation QuickGELU in OpenAI's CLIP, exact GELU in timm's models
 * @param epsilon    of layer norms: 1e-5 in CLIP, 1e-6 in timm's models
 * @param patchBias  whether the patch convolution has a bias (timm)
 * @param preNorm    whether a layer norm stands before the blocks (CLIP's {@code ln_pre})
 * @param pooling    which tokens make the image embedding
 */
public record VisionTransformer(int imageSize, int patchSize, int width, int hidden, int layers, int heads, int embedding,
                                Op.Activation activation, float epsilon, boolean patchBias, boolean preNorm,
                                Pooling pooling) {

    /** From tokens to one vector. */
    public enum Pooling {
        /** The class token after the final layer norm. */
        CLASS_TOKEN,
        /** The mean of all tokens after the final layer norm. */
        MEAN
    }

    /**
     * Tokens that follow each other, of which the image embedding is made.
     *
     * @param from  the first, from 0
     * @param count how many: the embedding is made of their mean
     */
    public record Pooled(int from, int count) {}

    /** Where extra tokens stand in a sequence of class token and patches. */
    public enum Place {
        /** Before the class token, which then follows them. */
        BEFORE_CLASS_TOKEN,
        /** Between the class token and the patches. */
        AFTER_CLASS_TOKEN,
        /** In place of the class token. */
        INSTEAD_OF_CLASS_TOKEN
    }

    /** OpenAI's CLIP: QuickGELU, eps 1e-5, ln_pre, projection, class token; heads of width 64. */
    public static VisionTransformer clip(int imageSize, int patchSize, int width, int layers, int embedding) {
        return new VisionTransformer(imageSize, patchSize, width, 4 * width, layers, Math.max(1, width / 64), embedding,
                Op.Activation.QUICK_GELU, 1e-5f, false, true, Pooling.CLASS_TOKEN);
    }

    /** timm's ViT, as in iBOT, DINO, MoCo v3 and the supervised models: GELU, eps 1e-6, patch bias, no projection. */
    public static VisionTransformer timm(int imageSize, int patchSize, int width, int layers) {
        return new VisionTransformer(imageSize, patchSize, width, 4 * width, layers, Math.max(1, width / 64), 0,
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
        return patch + embeddings + (preNorm ? 2L : 0) * width + Transformer.parameters(width, hidden, layers) + 2L * width
                + (long) width * embedding;
    }

    /** The tokens that make the image embedding where there are no others than the model's own. */
    public Pooled pooled() {
        return switch (pooling) {
            case CLASS_TOKEN -> new Pooled(0, 1);
            case MEAN -> new Pooled(0, tokens());
        };
    }

    /**
     * Adds the whole tower: {@link #embed}, {@link #encode} and {@link #pool}.
     *
     * @param parameters the model's root; names begin with {@code visual.}
     * @param image      [B, 3, imageSize, imageSize], normalised
     * @param prefixes   prefix keys and values by block number, none for a prompt-free pass
     * @return [B, E], not normalised
     */
    public Node apply(Parameters parameters, Node image, Map<Integer, Transformer.Prefix> prefixes) {
        return pool(parameters, encode(parameters, embed(parameters, image), prefixes, pooled()));
    }

    /**
     * The first part: class token and patches with their positions, after the layer norm before the blocks if there is one.
     *
     * @param parameters the model's root
     * @param image      [B, 3, imageSize, imageSize], normalised
     * @return [B, N, D], the class token first
     */
    public Node embed(Parameters parameters, Node image) {
        Graph g = parameters.graph();
        Parameters p = parameters.in("visual");
        int patchColumns = 3 * patchSize * patchSize;
        Node kernel = g.reshape(p.get("conv1.weight", width, 3, patchSize, patchSize), width, patchColumns);
        Node patches = g.linear(g.patches(image, patchSize), kernel, patchBias ? p.get("conv1.bias", width) : null);
        Node classToken = g.reshape(p.get("class_embedding", width), 1, width);
        Node x = g.add(g.concat(1, g.repeat(classToken, 0, image.shape().dim(0)), patches), positions(parameters));
        return preNorm ? Transformer.layerNorm(p.in("ln_pre"), x, width, epsilon) : x;
    }

    /** The position embeddings of class token and patches, [N, D]. */
    public Node positions(Parameters parameters) {
        return parameters.in("visual").get("positional_embedding", tokens(), width);
    }

    /**
     * Puts more tokens among those of an image. They enter the blocks as they are: positions and layer norm, if they are to have
     * any, are the caller's.
     *
     * @param tokens [B, n, D] with a class token first
     * @param extra  [P, D] for the whole batch, or [B, P, D]
     * @return [B, n + P, D], one less if the class token is replaced
     */
    public static Node insert(Graph g, Node tokens, Node extra, Place place) {
        Node each = extra.shape().rank() == 3 ? extra : g.repeat(extra, 0, tokens.shape().dim(0));
        Node classToken = g.slice(tokens, 1, 0, 1);
        Node patches = g.slice(tokens, 1, 1, tokens.shape().dim(1) - 1);
        return switch (place) {
            case BEFORE_CLASS_TOKEN -> g.concat(1, each, tokens);
            case AFTER_CLASS_TOKEN -> g.concat(1, classToken, each, patches);
            case INSTEAD_OF_CLASS_TOKEN -> g.concat(1, each, patches);
        };
    }

    /**
     * The second part: the blocks.
     *
     * @param parameters the model's root
     * @param tokens     [B, n, D] for any n
     * @param prefixes   prefix keys and values by block number, none for a prompt-free pass
     * @param pooled     the tokens that are asked for
     * @return [B, count, D], or [B, D] of a single one
     */
    public Node encode(Parameters parameters, Node tokens, Map<Integer, Transformer.Prefix> prefixes, Pooled pooled) {
        Graph g = parameters.graph();
        return blocks().apply(parameters.in("visual").in("transformer"), tokens, prefixes, x -> {
            Node asked = g.slice(x, 1, pooled.from(), pooled.count());
            return pooled.count() == 1 ? g.reshape(asked, x.shape().dim(0), width) : asked;
        });
    }

    /** All blocks, whose weights stand below {@code visual.transformer}. */
    public Transformer blocks() {
        return new Transformer("vision.block", width, hidden, layers, heads, false, activation, epsilon);
    }

    /**
     * The last part: final layer norm, mean and projection.
     *
     * @param parameters the model's root
     * @param encoded    [B, n, D] or [B, D]: tokens after the blocks
     * @return [B, E], not normalised
     */
    public Node pool(Parameters parameters, Node encoded) {
        Graph g = parameters.graph();
        Parameters p = parameters.in("visual");
        Node normed = Transformer.layerNorm(p.in("ln_post"), encoded, width, epsilon);
        Node pooled = normed.shape().rank() == 3 ? g.mean(normed, 1) : normed;
        return embedding == 0 ? pooled : g.matMul(pooled, p.get("proj", width, embedding));
    }
}
