package dev.itprompt.checkpoint;

import dev.itprompt.AtomicFile;
import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.WriteException;
import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.PreprocessorConfig;
import dev.itprompt.graph.Op.Activation;
import dev.itprompt.model.Clip;
import dev.itprompt.model.PretrainedModel;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.model.VisionTransformer.Pooling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * A converted model as a folder in the style of Hugging Face: {@code model.safetensors} with OpenAI's tensor names, {@code
 * config.json} with the sizes under Hugging Face's keys, {@code preprocessor_config.json} and, for CLIP, {@code merges.txt.gz}
 * with the tokenizer's merges.
 */
public final class ModelFolder {

    /** Key of the weights' header under which {@link #save}'s callers keep the family. */
    public static final String FAMILY = "family";
    /** Key of the weights' header under which they keep the file that the model was converted from. */
    public static final String SOURCE = "source";

    /** Key of the weights' header and of the configuration that says how tokens become the image embedding. */
    static final String POOLING = "pooling";
    private static final String WEIGHTS = "model.safetensors";
    private static final String CONFIG = "config.json";

    private ModelFolder() {}

    /** Whether a path is a folder that {@link #save} wrote; Hugging Face's own say nothing of pooling. */
    public static boolean accepts(Path path) {
        return JsonFile.readIfThere(path.resolve(CONFIG)).filter(json -> json.node().path("vision_config").has(POOLING)).isPresent();
    }

    /** Such a folder, named itself or by the weights in it. */
    static Optional<Path> of(Path path) {
        Path folder = path.endsWith(WEIGHTS) ? path.toAbsolutePath().getParent() : path;
        return accepts(folder) ? Optional.of(folder) : Optional.empty();
    }

    /**
     * Asks for a folder that a model can be put into without replacing anything, its own source least of all.
     *
     * @throws InputException if there is anything in it
     */
    public static void requireNew(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            files.findFirst().ifPresent(file -> {
                throw new InputException("folder " + folder + ": expected none or an empty one, found " + file.getFileName()
                        + " in it; choose another, or move away what is there");
            });
        } catch (IOException e) {
            throw new InputException("folder " + folder + ": expected none or an empty one, found one that cannot be read (" + e
                    + "); choose another", e);
        }
    }

    /** Reads such a folder. */
    static LoadedModel load(Path folder, LoadOptions options) {
        LoadOptions allowed = new LoadOptions("", LoadOptions.Nonlinearity.AUTO, 0, 0, options.merges(), options.imageSize());
        if (!options.equals(allowed)) {
            throw new InputException(folder + ": a converted model has one copy and says its heads and activation; branch, heads, text "
                    + "heads and activation are for other checkpoints");
        }
        Inspection found = inspect(folder);
        return ModelReader.build(ModelTensors.asStored(found.checkpoint()), found.sizes().orElseThrow(), found.facts().orElseThrow(),
                options, new LoadedModel.Origin(found.family().orElseThrow(), found.checkpoint(), "", List.of()));
    }

    /** What such a folder holds, without reading a tensor. */
    static Inspection inspect(Path folder) {
        Checkpoint checkpoint = Checkpoint.open(folder.resolve(WEIGHTS));
        ModelSizes sizes = ModelSizes.of(ModelTensors.asStored(checkpoint));
        ModelFacts facts = facts(JsonFile.read(folder.resolve(CONFIG)), sizes, preprocess(folder, checkpoint, sizes.image().side()));
        return new Inspection(checkpoint, Optional.of(checkpoint.metadata().getOrDefault(FAMILY, "converted model")), Optional.empty(),
                Optional.of(sizes), Optional.of(facts), "", List.of(""), checkpoint.tensors().keySet());
    }

    /** What the configuration says, after a look whether it says the sizes that the tensors have. */
    private static ModelFacts facts(JsonFile json, ModelSizes sizes, Fact<Preprocess> preprocess) {
        JsonFile v = json.in("vision_config");
        ModelSizes.Image image = sizes.image();
        v.requireExactly("image_size", image.side());
        v.requireExactly("patch_size", image.patch());
        json.requireExactly("projection_dim", image.embedding());
        requireFlag(v, "patch_bias", image.patchBias());
        requireFlag(v, "pre_norm", image.preNorm());
        Pooling pooling = pooling(v.text(POOLING).orElse("")).orElseThrow(() -> v.wrong(POOLING, "class_token or mean"));
        ModelFacts.Tower vision = tower(v, image.width(), image.hidden(), image.layers());
        if (json.has("text_config") != sizes.text().isPresent()) {
            throw json.wrong("text_config", (sizes.text().isPresent() ? "an object" : "nothing") + ", as the tensors tell");
        }
        JsonFile t = json.in("text_config");
        return new ModelFacts(vision, sizes.text().map(text -> {
            t.requireExactly("max_position_embeddings", text.context());
            t.requireExactly("vocab_size", text.vocabulary());
            return tower(t, text.width(), text.hidden(), text.layers());
        }), new Fact<>(pooling, CONFIG), preprocess);
    }

    /** What lies beside the weights; of those that no other file is the source of, how pretraining prepares images. */
    private static Fact<Preprocess> preprocess(Path folder, Checkpoint checkpoint, int side) {
        return ModelFacts.preprocessorConfig(folder, side).orElse(checkpoint.metadata().containsKey(SOURCE) ? ModelFacts.UNKNOWN_PREPROCESS
                : new Fact<>(Preprocess.named(Normalization.Name.CLIP, side), "as pretrain prepares images"));
    }

    private static ModelFacts.Tower tower(JsonFile json, int width, int hidden, int layers) {
        json.requireExactly("hidden_size", width);
        json.requireExactly("intermediate_size", hidden);
        json.requireExactly("num_hidden_layers", layers);
        int heads = json.number("num_attention_heads").orElseThrow(() -> json.wrong("num_attention_heads", "a whole number of at least 1"));
        String activation = json.text("hidden_act").orElseThrow(() -> json.wrong("hidden_act", "gelu or quick_gelu"));
        double epsilon = json.positive("layer_norm_eps", HuggingFaceConfig.MAX_EPSILON)
                .orElseThrow(() -> json.wrong("layer_norm_eps", "a number above 0"));
        return new ModelFacts.Tower(new Fact<>(ModelConfig.heads(json, "num_attention_heads", heads, width), CONFIG),
                new Fact<>(ModelConfig.activation(json, "hidden_act", activation), CONFIG), new Fact<>((float) epsilon, CONFIG));
    }

    private static void requireFlag(JsonFile json, String key, boolean measured) {
        if (json.flag(key).orElse(!measured) != measured) {
            throw json.wrong(key, measured + ", as the tensors tell");
        }
    }

    /**
     * Writes a model; each file appears only when it is complete, {@code config.json} last.
     *
     * @param folder     created when it is not there
     * @param preprocess how images are prepared for it
     * @param merges     file of the tokenizer's merges, if there is one
     * @param storage    precision of the stored weights
     * @param metadata   text pairs for the header of the weights, such as where they come from
     */
    public static void save(PretrainedModel model, Path folder, Preprocess preprocess, Optional<Path> merges, StorageType storage,
            Map<String, String> metadata) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new WriteException(folder, e);
        }
        merges.ifPresent(file -> AtomicFile.write(folder.resolve(MergesFile.NAME), MergesFile.gzipped(file)));
        Map<String, String> header = new TreeMap<>(metadata);
        header.put("format", "pt");
        header.put(POOLING, name(model.vision().pooling()));
        SafeTensors.write(folder.resolve(WEIGHTS), new LinkedHashMap<>(model.weights()), header, storage);
        writeJson(folder.resolve(ModelFacts.PREPROCESSING), PreprocessorConfig.write(preprocess));
        writeJson(folder.resolve(CONFIG), config(model));
    }

    private static void writeJson(Path file, ObjectNode node) {
        AtomicFile.write(file, (JsonText.MAPPER.writeValueAsString(node) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode config(PretrainedModel model) {
        VisionTransformer v = model.vision();
        ObjectNode root = JsonText.MAPPER.createObjectNode();
        root.put("model_type", model instanceof Clip ? "clip" : "vit").put("projection_dim", v.embedding());
        root.putObject("vision_config").put("image_size", v.imageSize()).put("patch_size", v.patchSize())
                .put("hidden_size", v.width()).put("num_hidden_layers", v.layers()).put("num_attention_heads", v.heads())
                .put("intermediate_size", v.hidden()).put("hidden_act", name(v.activation()))
                .put("layer_norm_eps", decimal(v.epsilon())).put("patch_bias", v.patchBias()).put("pre_norm", v.preNorm())
                .put(POOLING, name(v.pooling()));
        if (model instanceof Clip clip) {
            TextTransformer t = clip.text();
            root.putObject("text_config").put("max_position_embeddings", t.context()).put("vocab_size", t.vocabulary())
                    .put("hidden_size", t.width()).put("num_hidden_layers", t.layers()).put("num_attention_heads", t.heads())
                    .put("intermediate_size", t.hidden()).put("hidden_act", name(t.activation()))
                    .put("layer_norm_eps", decimal(t.epsilon()));
        }
        return root;
    }

    /** The number as it is written, 1e-5 and not its nearest float. */
    private static double decimal(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    private static String name(Activation activation) {
        return activation == Activation.GELU ? "gelu" : "quick_gelu";
    }

    /** The pooling that a text names. */
    static Optional<Pooling> pooling(String text) {
        return Stream.of(Pooling.values()).filter(pooling -> name(pooling).equals(text)).findFirst();
    }

    private static String name(Pooling pooling) {
        return pooling.name().toLowerCase(Locale.ROOT);
    }
}
