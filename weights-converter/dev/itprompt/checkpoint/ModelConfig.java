package dev.itprompt.checkpoint;

import dev.itprompt.data.Preprocess;
import dev.itprompt.data.PreprocessorConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a configuration beside a checkpoint says that its tensors do not: Hugging Face's {@code config.json} or OpenCLIP's {@code
 * open_clip_config.json}. Every part may be missing.
 *
 * @param activation  gelu or quick_gelu, or whatever it says
 * @param epsilon     of layer norms
 * @param visionHeads attention heads of the image tower
 * @param textHeads   attention heads of the text tower
 */
record ModelConfig(Optional<String> activation, Optional<Float> epsilon, Optional<Integer> visionHeads, Optional<Integer> textHeads) {

    /** Hugging Face's name for the file that says how images are prepared. */
    static final String PREPROCESSING = "preprocessor_config.json";
    private static final String OPEN_CLIP = "open_clip_config.json";

    /** Reads what is there for this family. */
    static ModelConfig beside(Path folder, KeyMap map) {
        JsonNode root = map.config() == null ? JsonMapper.shared().createObjectNode() : readIfThere(folder.resolve(map.config()));
        return OPEN_CLIP.equals(map.config()) ? openClip(root.path("model_cfg")) : huggingFace(root);
    }

    /** OpenCLIP's models use GELU unless their configuration says otherwise. */
    private static ModelConfig openClip(JsonNode model) {
        JsonNode vision = model.path("vision_cfg");
        return new ModelConfig(model.isObject() ? Optional.of(model.path("quick_gelu").asBoolean(false) ? "quick_gelu" : "gelu")
                : Optional.empty(), Optional.empty(), integer(vision, "head_width").filter(width -> width > 0)
                .flatMap(width -> integer(vision, "width").map(all -> all / width)), integer(model.path("text_cfg"), "heads"));
    }

    private static ModelConfig huggingFace(JsonNode root) {
        JsonNode vision = root.path("vision_config");
        return new ModelConfig(Optional.ofNullable(vision.path("hidden_act").asString(null)),
                vision.path("layer_norm_eps").isNumber() ? Optional.of(vision.path("layer_norm_eps").floatValue()) : Optional.empty(),
                integer(vision, "num_attention_heads"), integer(root.path("text_config"), "num_attention_heads"));
    }

    /**
     * What {@code preprocessor_config.json} says; empty if there is none, or for a model of another input size.
     *
     * @param side of the model's input in pixels
     */
    static Optional<Preprocess> preprocess(Path folder, int side) {
        Path file = folder.resolve(PREPROCESSING);
        return Files.isRegularFile(file)
                ? Optional.of(PreprocessorConfig.read(read(file), file)).filter(preprocess -> preprocess.side() == side)
                : Optional.empty();
    }

    private static Optional<Integer> integer(JsonNode node, String key) {
        return node.path(key).isInt() ? Optional.of(node.path(key).intValue()) : Optional.empty();
    }

    private static JsonNode readIfThere(Path file) {
        return Files.isRegularFile(file) ? read(file) : JsonMapper.shared().createObjectNode();
    }

    /** @throws CheckpointException if it is no JSON */
    static JsonNode read(Path file) {
        try {
            return JsonMapper.shared().readTree(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw new CheckpointException(file, null, "JSON", "an unreadable file ("
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse("") + ")", "convert or fetch it again", e);
        }
    }
}
