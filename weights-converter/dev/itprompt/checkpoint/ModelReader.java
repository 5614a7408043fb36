package dev.itprompt.checkpoint;

import dev.itprompt.InputException;
import dev.itprompt.data.Preprocess;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Op.Activation;
import dev.itprompt.model.Clip;
import dev.itprompt.model.PretrainedModel;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.model.VisionTransformer.Pooling;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads a model from a converted folder or from any checkpoint of a known family. Sizes follow from the tensors (method
 * specification, section 1.1); what tensors do not tell comes from the configuration beside them, the family or the options.
 */
public final class ModelReader {

    private ModelReader() {}

    /**
     * Reads a model; every tensor it needs must be there.
     *
     * @param path a checkpoint file, or a folder with one
     * @throws InputException if the checkpoint is damaged, of no known family or incomplete, or an option does not fit
     */
    public static LoadedModel read(Path path, LoadOptions options) {
        LoadedModel loaded = ModelFolder.accepts(path) ? ModelFolder.load(path, options) : convert(path, options);
        requireWeights(loaded);
        return loaded;
    }

    private static LoadedModel convert(Path path, LoadOptions options) {
        Checkpoint checkpoint = Checkpoint.open(path);
        KeyMatch match = KeyMatch.of(checkpoint, options.branch().isEmpty() ? null : options.branch());
        Path folder = checkpoint.folder();
        ModelConfig config = ModelConfig.beside(folder, match.map());
        Activation activation = activation(match, config, options);
        VisionTransformer vision = vision(match, config, activation);
        Map<String, Tensor> weights = new TreeMap<>(match.load());
        String positions = "visual.positional_embedding";
        if (options.imageSize() > 0) {
            vision = resized(vision, options.imageSize());
            weights.put(positions, PositionEmbedding.resize(weights.get(positions), vision.imageSize() / vision.patchSize()));
        }
        LoadedModel.Towers towers = LoadedModel.Towers.of(vision, text(match, config, activation), weights, options, folder);
        Preprocess preprocess = ModelConfig.preprocess(folder, vision.imageSize())
                .orElse(Preprocess.named(match.map().preprocessing(), vision.imageSize()));
        return new LoadedModel(towers.model(), preprocess, match.map().title(), checkpoint, match.prefix(), match.dropped(),
                towers.merges());
    }

    private static Activation activation(KeyMatch match, ModelConfig config, LoadOptions options) {
        String found = options.activation() != LoadOptions.Nonlinearity.AUTO
                ? options.activation().name().toLowerCase(Locale.ROOT)
                : config.activation().orElse(match.map().activation());
        return switch (found) {
            case "gelu" -> Activation.GELU;
            case "quick_gelu" -> Activation.QUICK_GELU;
            case null -> throw new CheckpointException(match.checkpoint().file(), null, match.map().config()
                    + " beside the file, which names the activation", "none", "give it: quick-gelu for OpenAI's weights and models "
                    + "called -quickgelu, gelu for other OpenCLIP models (--activation, or load.activation in a configuration)");
            default -> throw new CheckpointException(match.checkpoint().file(), null, "gelu or quick_gelu as activation", found,
                    "the model has another architecture");
        };
    }

    /** The image tower that the tensors make. */
    static VisionTransformer vision(KeyMatch match, ModelConfig config, Activation activation) {
        List<Long> kernel = extents(match, "visual.conv1.weight", 4);
        List<Long> positions = extents(match, "visual.positional_embedding", 2);
        int width = Math.toIntExact(kernel.getFirst());
        int patch = Math.toIntExact(kernel.getLast());
        int grid = PositionEmbedding.grid(positions.getFirst());
        if (grid == 0 || (long) grid * patch > Integer.MAX_VALUE || kernel.get(1) != 3 || !kernel.get(2).equals(kernel.get(3))) {
            throw new CheckpointException(match.checkpoint().file(), null, "square patches of three colours on a square grid with a class "
                    + "token", "kernel " + kernel + " and position embeddings " + positions, "the model has another architecture");
        }
        boolean projected = match.sources().containsKey("visual.proj");
        return new VisionTransformer(grid * patch, patch, width, blocks(match, "visual.transformer."),
                heads(match, config.visionHeads(), width), projected ? Math.toIntExact(extents(match, "visual.proj", 2).get(1)) : 0,
                activation, config.epsilon().orElse(match.map().epsilon()), match.sources().containsKey("visual.conv1.bias"),
                match.sources().containsKey("visual.ln_pre.weight"), Pooling.CLASS_TOKEN);
    }

    /** The text tower that the tensors make, if there are any. */
    static Optional<TextTransformer> text(KeyMatch match, ModelConfig config, Activation activation) {
        if (!match.sources().containsKey("token_embedding.weight")) {
            return Optional.empty();
        }
        List<Long> tokens = extents(match, "token_embedding.weight", 2);
        int width = Math.toIntExact(tokens.get(1));
        return Optional.of(new TextTransformer(Math.toIntExact(extents(match, "positional_embedding", 2).getFirst()),
                Math.toIntExact(tokens.getFirst()), width, blocks(match, "transformer."), heads(match, config.textHeads(), width),
                Math.toIntExact(extents(match, "text_projection", 2).get(1)), activation,
                config.epsilon().orElse(match.map().epsilon())));
    }

    private static List<Long> extents(KeyMatch match, String name, int rank) {
        List<Long> shape = match.shape(name);
        if (shape.size() != rank || shape.stream().anyMatch(extent -> extent < 1 || extent > Integer.MAX_VALUE)) {
            throw new CheckpointException(match.checkpoint().file(), match.sources().get(name).parts().getFirst().name(),
                    rank + " axes", "shape " + shape, "the model has another architecture");
        }
        return shape;
    }

    private static int blocks(KeyMatch match, String tower) {
        return (int) match.sources().keySet().stream().filter(name -> name.startsWith(tower) && name.endsWith(".ln_1.weight")).count();
    }

    /** Published models have heads of 64 columns. */
    private static int heads(KeyMatch match, Optional<Integer> configured, int width) {
        int heads = configured.orElse(Math.max(1, width / 64));
        if (heads < 1 || width % heads != 0) {
            throw new CheckpointException(match.checkpoint().file(), null, "attention heads that divide the width " + width,
                    String.valueOf(heads), "correct the configuration beside the checkpoint");
        }
        return heads;
    }

    /** The same tower for images of another size. */
    static VisionTransformer resized(VisionTransformer v, int side) {
        if (side % v.patchSize() != 0) {
            throw new InputException("image size: expected a multiple of the patch size " + v.patchSize() + ", found " + side);
        }
        return new VisionTransformer(side, v.patchSize(), v.width(), v.layers(), v.heads(), v.embedding(), v.activation(), v.epsilon(),
                v.patchBias(), v.preNorm(), v.pooling());
    }

    /** Builds the towers, which asks for every tensor with its shape, and throws them away. */
    private static void requireWeights(LoadedModel loaded) {
        PretrainedModel model = loaded.model();
        Graph g = new Graph();
        Parameters parameters = Parameters.frozen(g, model.weights());
        int side = model.vision().imageSize();
        try {
            model.vision().apply(parameters, g.input("images", Shape.of(1, 3, side, side)), Map.of());
            if (model instanceof Clip clip) {
                clip.text().apply(parameters, g.input("tokens", Shape.of(1, clip.text().context())), g.input("ends", Shape.of(1)));
                parameters.get("logit_scale");
            }
        } catch (InputException e) {
            throw new InputException(loaded.checkpoint().file() + ": does not fit its configuration: " + e.getMessage(), e);
        }
    }
}
