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
import dev.itprompt.tensor.Tensor;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A converted model as a folder in the style of Hugging Face: {@code model.safetensors} with OpenAI's tensor names, {@code
 * config.json} with the sizes under Hugging Face's keys, {@code preprocessor_config.json} and, for CLIP, {@code merges.txt.gz}
 * with the tokenizer's merges.
 */
public final class ModelFolder {

    /** Key of the weights' header under which {@link #save}'s callers keep the family. */
    public static final String FAMILY = "family";

    private static final String WEIGHTS = "model.safetensors";
    private static final String CONFIG = "config.json";
    private static final String POSITIONS = "visual.positional_embedding";

    private ModelFolder() {}

    /** Whether a path is a folder that {@link #save} wrote; Hugging Face's own say nothing of pooling. */
    public static boolean accepts(Path path) {
        Path config = path.resolve(CONFIG);
        return Files.isRegularFile(config) && ModelConfig.read(config).path("vision_config").has("pooling");
    }

    /** Reads such a folder. */
    static LoadedModel load(Path folder, LoadOptions options) {
        if (!options.branch().isEmpty() || options.activation() != LoadOptions.Nonlinearity.AUTO) {
            throw new InputException(folder + ": a converted model has one copy and says its activation; branch and activation are for "
                    + "other checkpoints");
        }
        Path config = folder.resolve(CONFIG);
        JsonNode root = ModelConfig.read(config);
        Checkpoint checkpoint = Checkpoint.open(folder.resolve(WEIGHTS));
        Map<String, Tensor> weights = new TreeMap<>();
        checkpoint.tensors().forEach((name, tensor) -> weights.put(name, tensor.load()));
        VisionTransformer vision = visionSide(config, root);
        if (options.imageSize() > 0 && weights.containsKey(POSITIONS)) {
            vision = ModelReader.resized(vision, options.imageSize());
            weights.put(POSITIONS, PositionEmbedding.resize(weights.get(POSITIONS), vision.imageSize() / vision.patchSize()));
        }
        LoadedModel.Towers towers = LoadedModel.Towers.of(vision, textSide(config, root), weights, options, folder);
        Preprocess preprocess = ModelConfig.preprocess(folder, vision.imageSize())
                .orElse(Preprocess.named(Normalization.Name.CLIP, vision.imageSize()));
        return new LoadedModel(towers.model(), preprocess, family(checkpoint), checkpoint, "", List.of(), towers.merges());
    }

    /** What such a folder holds, without reading a tensor. */
    static Inspection inspect(Path folder) {
        Path config = folder.resolve(CONFIG);
        JsonNode root = ModelConfig.read(config);
        Checkpoint checkpoint = Checkpoint.open(folder.resolve(WEIGHTS));
        return new Inspection(checkpoint, Optional.of(family(checkpoint)), Optional.empty(), Optional.of(visionSide(config, root)),
                textSide(config, root), "", List.of(""), checkpoint.tensors().keySet());
    }

    private static String family(Checkpoint checkpoint) {
        return checkpoint.metadata().getOrDefault(FAMILY, "converted model");
    }

    private static VisionTransformer visionSide(Path config, JsonNode root) {
        return vision(config, root.path("vision_config"), root.path("projection_dim").asInt(0));
    }

    private static Optional<TextTransformer> textSide(Path config, JsonNode root) {
        return root.has("text_config") ? Optional.of(text(config, root.path("text_config"), number(config, root, "projection_dim")))
                : Optional.empty();
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
        SafeTensors.write(folder.resolve(WEIGHTS), new LinkedHashMap<>(model.weights()), header, storage);
        writeJson(folder.resolve(ModelConfig.PREPROCESSING), PreprocessorConfig.write(preprocess));
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
                .put("intermediate_size", 4 * v.width()).put("hidden_act", name(v.activation()))
                .put("layer_norm_eps", decimal(v.epsilon())).put("patch_bias", v.patchBias()).put("pre_norm", v.preNorm())
                .put("pooling", v.pooling().name().toLowerCase(Locale.ROOT));
        if (model instanceof Clip clip) {
            TextTransformer t = clip.text();
            root.putObject("text_config").put("max_position_embeddings", t.context()).put("vocab_size", t.vocabulary())
                    .put("hidden_size", t.width()).put("num_hidden_layers", t.layers()).put("num_attention_heads", t.heads())
                    .put("intermediate_size", 4 * t.width()).put("hidden_act", name(t.activation()))
                    .put("layer_norm_eps", decimal(t.epsilon()));
        }
        return root;
    }

    /** The number as it is written, 1e-5 and not its nearest float. */
    private static double decimal(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    private static VisionTransformer vision(Path file, JsonNode v, int embedding) {
        return new VisionTransformer(number(file, v, "image_size"), number(file, v, "patch_size"), number(file, v, "hidden_size"),
                number(file, v, "num_hidden_layers"), number(file, v, "num_attention_heads"), embedding,
                activation(file, v), epsilon(v), v.path("patch_bias").asBoolean(false), v.path("pre_norm").asBoolean(true),
                pooling(file, v));
    }

    private static TextTransformer text(Path file, JsonNode t, int embedding) {
        return new TextTransformer(number(file, t, "max_position_embeddings"), number(file, t, "vocab_size"),
                number(file, t, "hidden_size"), number(file, t, "num_hidden_layers"), number(file, t, "num_attention_heads"),
                embedding, activation(file, t), epsilon(t));
    }

    private static String name(Activation activation) {
        return activation == Activation.GELU ? "gelu" : "quick_gelu";
    }

    private static Activation activation(Path file, JsonNode node) {
        return switch (node.path("hidden_act").asString("quick_gelu")) {
            case "gelu" -> Activation.GELU;
            case "quick_gelu" -> Activation.QUICK_GELU;
            case String other -> throw new CheckpointException(file, "hidden_act", "gelu or quick_gelu", other,
                    "correct the configuration");
        };
    }

    private static Pooling pooling(Path file, JsonNode node) {
        return switch (node.path("pooling").asString("class_token")) {
            case "class_token" -> Pooling.CLASS_TOKEN;
            case "mean" -> Pooling.MEAN;
            case String other -> throw new CheckpointException(file, "pooling", "class_token or mean", other,
                    "correct the configuration");
        };
    }

    private static float epsilon(JsonNode node) {
        return (float) node.path("layer_norm_eps").asDouble(1e-5);
    }

    private static int number(Path file, JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < 1) {
            throw new CheckpointException(file, key, "a whole number of at least 1",
                    value.isMissingNode() ? "nothing" : value.toString(), "correct the configuration");
        }
        return value.asInt();
    }
}
