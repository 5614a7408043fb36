package dev.itprompt.checkpoint;

import dev.itprompt.InputException;
import dev.itprompt.data.Preprocess;
import dev.itprompt.graph.Graph;
import dev.itprompt.model.Clip;
import dev.itprompt.model.PretrainedModel;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.VisionModel;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a model from a converted folder or from any checkpoint of a known family. Sizes follow from the tensors' shapes ({@link
 * ModelSizes}), everything else from the file, what lies beside it, the family or the options ({@link ModelFacts}).
 */
public final class ModelReader {

    private static final String POSITIONS = "visual.positional_embedding";

    private ModelReader() {}

    /**
     * Reads a model; every tensor it needs must be there and finite.
     *
     * @param path a checkpoint file, or a folder with one
     * @throws InputException if the checkpoint is damaged, of no known family or incomplete, something about it is told nowhere, or
     *                        an option does not fit
     */
    public static LoadedModel read(Path path, LoadOptions options) {
        Optional<Path> converted = ModelFolder.of(path);
        LoadedModel loaded = converted.isPresent() ? ModelFolder.load(converted.get(), options) : convert(path, options);
        requireWeights(loaded);
        return loaded;
    }

    private static LoadedModel convert(Path path, LoadOptions options) {
        Checkpoint checkpoint = Checkpoint.open(path);
        KeyMatch match = KeyMatch.of(checkpoint, options.branchOrNull());
        ModelSizes sizes = ModelSizes.of(match.tensors());
        ModelFacts facts = ModelFacts.of(match, sizes, options);
        facts.require(checkpoint.file());
        return build(match.tensors(), sizes, facts, options,
                new LoadedModel.Origin(match.map().title(), checkpoint, match.prefix(), match.dropped()));
    }

    /**
     * Reads the weights and puts the model together.
     *
     * @param facts everything but the preparation of images must be known
     */
    static LoadedModel build(ModelTensors tensors, ModelSizes sizes, ModelFacts facts, LoadOptions options, LoadedModel.Origin origin) {
        VisionTransformer vision = facts.vision(sizes.image());
        Fact<Preprocess> preprocess = facts.preprocess();
        int side = options.imageSize() > 0 ? options.imageSize() : vision.imageSize();
        requireMultiple(side, vision.patchSize());
        Map<String, Tensor> weights = tensors.load();
        if (side != vision.imageSize()) {
            vision = resized(vision, side);
            weights.put(POSITIONS, PositionEmbedding.resize(weights.get(POSITIONS), side / vision.patchSize()));
            preprocess = preprocess.known() ? new Fact<>(preprocess.value().scaled(side), preprocess.source()) : preprocess;
        }
        Optional<TextTransformer> text = facts.text(sizes);
        if (text.isEmpty()) {
            return new LoadedModel(new VisionModel(vision, weights), preprocess, origin, Optional.empty());
        }
        Optional<Path> merges = MergesFile.find(options.mergesFile(), origin.checkpoint().folder());
        TextTransformer t = text.get();
        return new LoadedModel(new Clip(vision, t, weights, merges.map(file -> MergesFile.tokenizer(file, t.context(), t.vocabulary()))),
                preprocess, origin, merges);
    }

    private static void requireMultiple(int side, int patch) {
        if (side % patch != 0) {
            throw new InputException("image size: expected a multiple of the patch size " + patch + ", found " + side);
        }
    }

    /** The same tower for images of another size. */
    private static VisionTransformer resized(VisionTransformer v, int side) {
        return new VisionTransformer(side, v.patchSize(), v.width(), v.hidden(), v.layers(), v.heads(), v.embedding(), v.activation(),
                v.epsilon(), v.patchBias(), v.preNorm(), v.pooling());
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
