package dev.itprompt.checkpoint;

import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.PreprocessorConfig;
import dev.itprompt.graph.Op.Activation;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.model.VisionTransformer.Pooling;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * What the shapes of a model's tensors do not tell, each with where it comes from: an option, the file, the configuration beside it,
 * or what is published of its family. What none of them tells is unknown, and asked for when the model is to be built.
 *
 * @param image      of the image tower
 * @param text       of the text tower, if there is one
 * @param pooling    from tokens to the image embedding
 * @param preprocess how images are prepared, for the size the model has in its file
 */
public record ModelFacts(Tower image, Optional<Tower> text, Fact<Pooling> pooling, Fact<Preprocess> preprocess) {

    /** Hugging Face's name for the file that says how images are prepared. */
    static final String PREPROCESSING = "preprocessor_config.json";
    /** Rows of the classifier of models trained on ImageNet-21k by Google. */
    private static final long GOOGLES_CLASSES = 21843;
    private static final String ASK_HEADS = "--heads (load.heads)";
    private static final String ASK_TEXT_HEADS = "--text-heads (load.textHeads)";
    private static final String ASK_ACTIVATION = "--activation (load.activation; quick_gelu for OpenAI's weights and models called "
            + "-quickgelu, else gelu)";
    /** How images are prepared where nothing tells. */
    static final Fact<Preprocess> UNKNOWN_PREPROCESS = Fact.unknown("--preprocess (image.normalization)");

    /**
     * Of one tower.
     *
     * @param heads      attention heads
     * @param activation of the MLPs
     * @param epsilon    of layer norms
     */
    public record Tower(Fact<Integer> heads, Fact<Activation> activation, Fact<Float> epsilon) {}

    /**
     * Finds what can be known.
     *
     * @throws CheckpointException if sources contradict the tensors, or name an architecture that is not read
     */
    static ModelFacts of(KeyMatch match, ModelSizes sizes, LoadOptions options) {
        ModelConfig config = ModelConfig.beside(match, sizes);
        Fact<Integer> imageHeads = imageHeads(match, sizes.image(), config, options);
        requireDivisor(match, "image", imageHeads, sizes.image().width());
        Optional<Tower> text = sizes.text().map(t -> {
            Fact<Integer> heads = textHeads(match, t, config, options);
            requireDivisor(match, "text", heads, t.width());
            return tower(heads, config.text(), match.map(), options);
        });
        return new ModelFacts(tower(imageHeads, config.image(), match.map(), options), text, pooling(match),
                preprocess(match, sizes.image(), config));
    }

    /** The weights of a converted folder say it themselves, should their configuration get lost. */
    private static Fact<Pooling> pooling(KeyMatch match) {
        String text = match.checkpoint().metadata().get(ModelFolder.POOLING);
        return text == null ? new Fact<>(Pooling.CLASS_TOKEN, match.map().convention()) : new Fact<>(ModelFolder.pooling(text)
                .orElseThrow(() -> new CheckpointException(match.checkpoint().file(), null, "class_token or mean as pooling in its metadata",
                        text, "fetch or convert it again")), "the file's metadata");
    }

    private static Tower tower(Fact<Integer> heads, ModelConfig.Tower config, KeyMap map, LoadOptions options) {
        Optional<Fact<Activation>> given = switch (options.activation()) {
            case AUTO -> Optional.empty();
            case GELU -> Optional.of(new Fact<>(Activation.GELU, "--activation"));
            case QUICK_GELU -> Optional.of(new Fact<>(Activation.QUICK_GELU, "--activation"));
        };
        Optional<Fact<Activation>> conventional = Optional.ofNullable(map.activation()).map(kind -> new Fact<>(kind, map.convention()));
        return new Tower(heads, given.or(config::activation).or(() -> conventional).orElse(Fact.unknown(ASK_ACTIVATION)),
                config.epsilon().orElse(new Fact<>(map.epsilon(), map.convention())));
    }

    // ---- attention heads ----------------------------------------------------------------------------------------------

    private static Fact<Integer> imageHeads(KeyMatch match, ModelSizes.Image image, ModelConfig config, LoadOptions options) {
        OptionalInt axis = match.tensors().headAxis();
        if (axis.isPresent()) {
            if (options.heads() > 0 && options.heads() != axis.getAsInt()) {
                throw new CheckpointException(match.checkpoint().file(), null, axis.getAsInt() + " heads, an axis of its attention kernels",
                        "--heads " + options.heads(), "leave the option out");
            }
            return new Fact<>(axis.getAsInt(), "an axis of the attention kernels");
        }
        Optional<String> architecture = architecture(match.checkpoint());
        boolean mocoV3 = match.map().name().equals("moco-v3") || isMocoV3(match.checkpoint());
        return option(options.heads(), "--heads").or(config.image()::heads).or(() -> conventional(match.map(), image.width()))
                .or(() -> architecture.flatMap(name -> PublishedHeads.named(name, mocoV3, "the training state", image)))
                .or(() -> architecture.filter(name -> !PublishedHeads.isPlain(name)).isPresent() ? Optional.empty()
                        : published(match, image, mocoV3))
                .orElse(Fact.unknown(ASK_HEADS));
    }

    private static Fact<Integer> textHeads(KeyMatch match, ModelSizes.Text text, ModelConfig config, LoadOptions options) {
        return option(options.textHeads(), "--text-heads").or(config.text()::heads).or(() -> conventional(match.map(), text.width()))
                .or(() -> PublishedHeads.text(text)).orElse(Fact.unknown(ASK_TEXT_HEADS));
    }

    private static Optional<Fact<Integer>> option(int heads, String name) {
        return heads > 0 ? Optional.of(new Fact<>(heads, name)) : Optional.empty();
    }

    private static Optional<Fact<Integer>> conventional(KeyMap map, int width) {
        return map.headWidth() > 0 && width >= map.headWidth()
                ? Optional.of(new Fact<>(width / map.headWidth(), "heads of " + map.headWidth() + " columns, " + map.convention()))
                : Optional.empty();
    }

    /** By the width. MoCo v3's small model has the shapes of others but not their heads; position embeddings of sines betray it. */
    private static Optional<Fact<Integer>> published(KeyMatch match, ModelSizes.Image image, boolean mocoV3) {
        Optional<Fact<Integer>> heads = PublishedHeads.image(image, mocoV3);
        boolean ambiguous = heads.isPresent()
                && PublishedHeads.image(image, true).filter(other -> !other.value().equals(heads.get().value())).isPresent();
        return heads.filter(_ -> !ambiguous || !hasFixedPositions(match));
    }

    /** Sines and cosines that were never trained leave the class token's row zero. */
    private static boolean hasFixedPositions(KeyMatch match) {
        Tensor positions = match.tensors().load("visual.positional_embedding");
        for (int i = 0; i < positions.shape().dim(1); i++) {
            if (positions.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** What a training state calls its architecture: MoCo v3 and timm beside the weights, DINO, iBOT, MAE and DeiT in the arguments. */
    private static Optional<String> architecture(Checkpoint checkpoint) {
        return checkpoint.text("arch").or(() -> checkpoint.text("args.arch")).or(() -> checkpoint.text("args.model"));
    }

    private static boolean isMocoV3(Checkpoint checkpoint) {
        return checkpoint.text("arch").filter(PublishedHeads::isMocoV3).isPresent();
    }

    private static void requireDivisor(KeyMatch match, String tower, Fact<Integer> heads, int width) {
        if (heads.known() && width % heads.value() != 0) {
            throw new CheckpointException(match.checkpoint().file(), null, "attention heads of the " + tower + " tower that divide its "
                    + "width " + width, heads.value() + " (" + heads.source() + ")", "correct it");
        }
    }

    // ---- preparation of images ----------------------------------------------------------------------------------------

    private static Fact<Preprocess> preprocess(KeyMatch match, ModelSizes.Image image, ModelConfig config) {
        return config.preprocess().or(() -> preprocessorConfig(match.checkpoint().folder(), image.side()))
                .or(() -> trainedAs(match, image)).orElse(UNKNOWN_PREPROCESS);
    }

    /** What {@code preprocessor_config.json} says, if there is one. */
    static Optional<Fact<Preprocess>> preprocessorConfig(Path folder, int side) {
        return JsonFile.readIfThere(folder.resolve(PREPROCESSING)).map(json -> {
            Preprocess preprocess = PreprocessorConfig.read(json.node(), json.file());
            if (preprocess.side() != side) {
                throw json.wrong(json.has("crop_size") ? "crop_size" : "size", side + ", as the tensors' shapes tell");
            }
            return new Fact<>(preprocess, PREPROCESSING);
        });
    }

    /** What is published of the family, where that is the same for all its models. */
    private static Optional<Fact<Preprocess>> trainedAs(KeyMatch match, ModelSizes.Image image) {
        KeyMap map = match.map();
        boolean clipL14 = map.config() != null && map.preprocessing() == Normalization.Name.CLIP && image.width() == 1024
                && image.patch() == 14; // OpenAI's and LAION-2B's, which was trained with mean and deviation 0.5
        if (map.preprocessing() != null && !clipL14) {
            return fact(map.preprocessing(), image, map.prepared());
        }
        StoredTensor head = match.checkpoint().tensors().get(match.prefix() + "head.weight");
        if (head != null && !head.shape().isEmpty() && head.shape().getFirst() == GOOGLES_CLASSES) {
            return fact(Normalization.Name.HALF, image, "as Google's models with " + GOOGLES_CLASSES + " classes were trained");
        }
        if (isMocoV3(match.checkpoint())) {
            return fact(Normalization.Name.IMAGENET, image, "as MoCo v3 was trained, which the training state names");
        }
        return architecture(match.checkpoint()).filter(name -> name.startsWith("deit"))
                .flatMap(_ -> fact(Normalization.Name.IMAGENET, image, "as DeiT was trained, which the training state names"));
    }

    private static Optional<Fact<Preprocess>> fact(Normalization.Name name, ModelSizes.Image image, String source) {
        return Optional.of(new Fact<>(Preprocess.named(name, image.side()), source));
    }

    // ---- the model ----------------------------------------------------------------------------------------------------

    /**
     * Asks for all that must be known to build the model.
     *
     * @throws CheckpointException that names the options
     */
    void require(Path file) {
        Map<String, Fact<?>> needed = new LinkedHashMap<>();
        needed.put("heads", image.heads);
        text.ifPresent(tower -> needed.put("text heads", tower.heads));
        needed.put("activation", image.activation);
        needed.values().removeIf(Fact::known);
        if (!needed.isEmpty()) {
            throw new CheckpointException(file, null, "something that tells " + String.join(", ", needed.keySet()),
                    "nothing in it, beside it or published", "give "
                    + needed.values().stream().map(Fact::source).collect(Collectors.joining(", ")));
        }
    }

    /** The image tower; everything must be known. */
    VisionTransformer vision(ModelSizes.Image s) {
        return new VisionTransformer(s.side(), s.patch(), s.width(), s.hidden(), s.layers(), image.heads.value(), s.embedding(),
                image.activation.value(), image.epsilon.value(), s.patchBias(), s.preNorm(), pooling.value());
    }

    /** The text tower, if there is one; everything must be known. */
    Optional<TextTransformer> text(ModelSizes sizes) {
        return sizes.text().map(s -> {
            Tower tower = text.orElseThrow();
            return new TextTransformer(s.context(), s.vocabulary(), s.width(), s.hidden(), s.layers(), tower.heads.value(), s.embedding(),
                    tower.activation.value(), tower.epsilon.value());
        });
    }
}
