package dev.itprompt.checkpoint;

import dev.itprompt.checkpoint.ModelConfig.Tower;
import dev.itprompt.graph.Op.Activation;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code config.json} of a CLIP by Hugging Face's transformers. Keys whose value is the library's default are often left out;
 * the defaults are those of its {@code CLIPVisionConfig} and {@code CLIPTextConfig}.
 */
final class HuggingFaceConfig {

    static final String NAME = "config.json";
    /** Largest epsilon of a layer norm that is believed. */
    static final double MAX_EPSILON = 0.1;

    private HuggingFaceConfig() {}

    /** What it says; nothing if it is another program's. */
    static ModelConfig read(JsonFile json, ModelSizes sizes) {
        if (!json.has("model_type") && !json.has("vision_config") && !json.has("text_config")) {
            return ModelConfig.NONE;
        }
        json.requirePlain("model_type", "clip");
        JsonFile vision = section(json, "vision_config");
        ModelSizes.Image image = sizes.image();
        vision.requireSize("image_size", 224, image.side());
        vision.requireSize("patch_size", 32, image.patch());
        vision.requireSize("num_channels", 3, 3);
        requireBlocks(vision, 768, 3072, image.width(), image.hidden(), image.layers());
        json.requireSize("projection_dim", 512, image.embedding());
        JsonFile language = section(json, "text_config");
        sizes.text().ifPresent(text -> {
            language.requireSize("vocab_size", 49408, text.vocabulary());
            language.requireSize("max_position_embeddings", 77, text.context());
            requireBlocks(language, 512, 2048, text.width(), text.hidden(), text.layers());
        });
        return new ModelConfig(tower(vision, 12, image.width()), sizes.text().map(text -> tower(language, 8, text.width()))
                .orElse(Tower.NONE), Optional.empty());
    }

    /** Older files have a second section of the same meaning, which wins. */
    private static JsonFile section(JsonFile json, String key) {
        JsonFile section = json.in(key);
        return json.node().path(key + "_dict") instanceof ObjectNode older ? section.overlaid(older) : section;
    }

    private static void requireBlocks(JsonFile section, int defaultWidth, int defaultHidden, int width, int hidden, int layers) {
        section.requireSize("hidden_size", defaultWidth, width);
        section.requireSize("intermediate_size", defaultHidden, hidden);
        section.requireSize("num_hidden_layers", 12, layers);
    }

    private static Tower tower(JsonFile section, int defaultHeads, int width) {
        Fact<Integer> heads = fact(section, "num_attention_heads", section.number("num_attention_heads"), defaultHeads);
        Fact<String> activation = fact(section, "hidden_act", section.text("hidden_act"), "quick_gelu");
        Fact<Double> epsilon = fact(section, "layer_norm_eps", section.positive("layer_norm_eps", MAX_EPSILON), 1e-5);
        ModelConfig.heads(section, "num_attention_heads", heads.value(), width);
        Activation kind = ModelConfig.activation(section, "hidden_act", activation.value());
        return new Tower(Optional.of(heads), Optional.of(new Fact<>(kind, activation.source())),
                Optional.of(new Fact<>(epsilon.value().floatValue(), epsilon.source())));
    }

    private static <T> Fact<T> fact(JsonFile section, String key, Optional<T> given, T byDefault) {
        return given.map(value -> new Fact<>(value, NAME + ", " + section.section() + key))
                .orElse(new Fact<>(byDefault, "transformers' default, which " + NAME + " leaves out"));
    }
}
