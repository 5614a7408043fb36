package dev.itprompt.checkpoint;

import dev.itprompt.InputException;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Op.Activation;
import dev.itprompt.model.Clip;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.Tokenizer;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.model.VisionTransformer.Pooling;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A CLIP as a folder in the style of Hugging Face: {@code model.safetensors} with OpenAI's tensor names, {@code config.json}
 * with the sizes under Hugging Face's keys, {@code merges.txt.gz} with the tokenizer's merges.
 */
public final class ModelFolder {

    private static final String WEIGHTS = "model.safetensors";
    private static final String CONFIG = "config.json";
    private static final String MERGES = "merges.txt.gz";
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ModelFolder() {}

    /**
     * Reads a model; every tensor its sizes ask for must be there.
     *
     * @throws InputException      if a tensor is missing or has another shape
     * @throws CheckpointException if a file is missing or damaged, or a key of the configuration is missing or no number
     */
    public static Clip load(Path folder) {
        Path config = require(folder.resolve(CONFIG));
        Path weights = require(folder.resolve(WEIGHTS));
        Path merges = require(folder.resolve(MERGES));
        JsonNode root;
        try {
            root = JSON.readTree(Files.readString(config));
        } catch (IOException | JacksonException e) {
            throw new CheckpointException(config, null, "JSON", "an unreadable file (" + firstLine(e) + ")",
                    "convert the checkpoint again", e);
        }
        int embedding = number(config, root, "projection_dim");
        TextTransformer text = text(config, root.path("text_config"), embedding);
        Map<String, Tensor> tensors = new TreeMap<>();
        try (SafeTensors file = SafeTensors.open(weights)) {
            for (String name : file.names()) {
                tensors.put(name, file.load(name).copy());
            }
        }
        Tokenizer tokenizer = Tokenizer.load(merges, text.context());
        Clip clip = new Clip(vision(config, root.path("vision_config"), embedding), text, tensors, tokenizer);
        requireWeights(weights, clip);
        return clip;
    }

    /** Builds both towers, which asks for every tensor with its shape, and throws them away. */
    private static void requireWeights(Path file, Clip clip) {
        Graph g = new Graph();
        Parameters parameters = Parameters.frozen(g, clip.weights());
        int side = clip.vision().imageSize();
        try {
            clip.vision().apply(parameters, g.input("images", Shape.of(1, 3, side, side)), Map.of());
            clip.text().apply(parameters, g.input("tokens", Shape.of(1, clip.text().context())), g.input("ends", Shape.of(1)));
            parameters.get("logit_scale");
        } catch (InputException e) {
            throw new InputException(file + ": does not fit " + CONFIG + ": " + e.getMessage(), e);
        }
    }

    /**
     * Writes a model; each file appears only when it is complete.
     *
     * @param folder  created when it is not there
     * @param merges  the tokenizer's gzipped merges, copied
     * @param storage precision of the stored weights
     */
    public static void save(Clip clip, Path folder, Path merges, StorageType storage) {
        try {
            Files.createDirectories(folder);
            Path target = folder.resolve(MERGES);
            if (!Files.exists(target) || !Files.isSameFile(merges, target)) {
                Files.copy(merges, target, StandardCopyOption.REPLACE_EXISTING);
            }
            Path temporary = folder.resolve(CONFIG + ".tmp");
            Files.writeString(temporary, JSON.writeValueAsString(config(clip)) + "\n");
            Files.move(temporary, folder.resolve(CONFIG), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SafeTensors.write(folder.resolve(WEIGHTS), new LinkedHashMap<>(clip.weights()), Map.of("format", "pt"), storage);
    }

    private static ObjectNode config(Clip clip) {
        VisionTransformer v = clip.vision();
        TextTransformer t = clip.text();
        ObjectNode root = JSON.createObjectNode();
        root.put("model_type", "clip").put("projection_dim", t.embedding());
        root.putObject("vision_config").put("image_size", v.imageSize()).put("patch_size", v.patchSize())
                .put("hidden_size", v.width()).put("num_hidden_layers", v.layers()).put("num_attention_heads", v.heads())
                .put("intermediate_size", 4 * v.width()).put("hidden_act", name(v.activation()))
                .put("layer_norm_eps", v.epsilon()).put("patch_bias", v.patchBias()).put("pre_norm", v.preNorm())
                .put("pooling", v.pooling().name().toLowerCase(Locale.ROOT));
        root.putObject("text_config").put("max_position_embeddings", t.context()).put("vocab_size", t.vocabulary())
                .put("hidden_size", t.width()).put("num_hidden_layers", t.layers()).put("num_attention_heads", t.heads())
                .put("intermediate_size", 4 * t.width()).put("hidden_act", name(t.activation()))
                .put("layer_norm_eps", t.epsilon());
        return root;
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
        if (!value.isIntegralNumber() || value.asInt() < 1) {
            throw new CheckpointException(file, key, "a whole number of at least 1",
                    value.isMissingNode() ? "nothing" : value.toString(), "correct the configuration");
        }
        return value.asInt();
    }

    private static Path require(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file, null, "a file", "none", "a model folder holds " + CONFIG + ", " + WEIGHTS + " and "
                    + MERGES);
        }
        return file;
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
