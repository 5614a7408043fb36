package dev.itprompt.checkpoint;

import java.util.List;
import java.util.Optional;

/**
 * The sizes of a model as the shapes of its tensors tell them (method specification, section 1.1), without reading any.
 *
 * @param image of the image tower
 * @param text  of the text tower, if there is one
 */
public record ModelSizes(Image image, Optional<Text> text) {

    /**
     * Of an image tower; letters as in {@link dev.itprompt.model.VisionTransformer}.
     *
     * @param grid      patches along a side of the image
     * @param patch     pixels along a side of a patch
     * @param width     D
     * @param hidden    width inside the MLPs
     * @param layers    number of blocks
     * @param embedding E, or 0 without a projection
     * @param patchBias whether the patch convolution has a bias
     * @param preNorm   whether a layer norm stands before the blocks
     */
    public record Image(int grid, int patch, int width, int hidden, int layers, int embedding, boolean patchBias, boolean preNorm) {

        /** Side of the square input in pixels. */
        public int side() {
            return grid * patch;
        }

        /** Columns of the result. */
        public int features() {
            return embedding == 0 ? width : embedding;
        }
    }

    /**
     * Of a text tower; letters as in {@link dev.itprompt.model.TextTransformer}.
     *
     * @param context    tokens of a sequence
     * @param vocabulary number of token ids
     * @param width      D
     * @param hidden     width inside the MLPs
     * @param layers     number of blocks
     * @param embedding  E
     */
    public record Text(int context, int vocabulary, int width, int hidden, int layers, int embedding) {}

    /** @throws CheckpointException if a tensor that tells them is missing or has a shape that no such model has */
    static ModelSizes of(ModelTensors tensors) {
        return new ModelSizes(image(tensors), tensors.has("token_embedding.weight") ? Optional.of(text(tensors)) : Optional.empty());
    }

    private static Image image(ModelTensors tensors) {
        List<Long> kernel = tensors.extents("visual.conv1.weight", 4);
        long positions = tensors.extents("visual.positional_embedding", 2).getFirst();
        int patch = Math.toIntExact(kernel.getLast());
        int grid = PositionEmbedding.grid(positions);
        if (grid == 0 || (long) grid * patch > Integer.MAX_VALUE || kernel.get(1) != 3 || !kernel.get(2).equals(kernel.get(3))) {
            throw new CheckpointException(tensors.checkpoint().file(), null, "square patches of three colours on a square grid with a "
                    + "class token", "a kernel " + kernel + " and " + positions + " positions"
                    + (PositionEmbedding.grid(positions + 1) > 0 ? ", none for a class token" : ""), "the model has another architecture");
        }
        return new Image(grid, patch, Math.toIntExact(kernel.getFirst()), hidden(tensors, "visual.transformer."),
                blocks(tensors, "visual.transformer."),
                tensors.has("visual.proj") ? Math.toIntExact(tensors.extents("visual.proj", 2).get(1)) : 0,
                tensors.has("visual.conv1.bias"), tensors.has("visual.ln_pre.weight"));
    }

    private static Text text(ModelTensors tensors) {
        List<Long> tokens = tensors.extents("token_embedding.weight", 2);
        return new Text(Math.toIntExact(tensors.extents("positional_embedding", 2).getFirst()), Math.toIntExact(tokens.getFirst()),
                Math.toIntExact(tokens.get(1)), hidden(tensors, "transformer."), blocks(tensors, "transformer."),
                Math.toIntExact(tensors.extents("text_projection", 2).get(1)));
    }

    private static int hidden(ModelTensors tensors, String tower) {
        return Math.toIntExact(tensors.extents(tower + "resblocks.0.mlp.c_fc.weight", 2).getFirst());
    }

    private static int blocks(ModelTensors tensors, String tower) {
        return (int) tensors.sources().keySet().stream().filter(name -> name.startsWith(tower) && name.endsWith(".ln_1.weight")).count();
    }
}
