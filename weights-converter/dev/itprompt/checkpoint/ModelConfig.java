package dev.itprompt.checkpoint;

import dev.itprompt.data.Preprocess;
import dev.itprompt.graph.Op.Activation;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a configuration beside a checkpoint says that its tensors do not. Every part may be missing.
 *
 * @param image      of the image tower
 * @param text       of the text tower
 * @param preprocess how images are prepared
 */
record ModelConfig(Tower image, Tower text, Optional<Fact<Preprocess>> preprocess) {

    static final ModelConfig NONE = new ModelConfig(Tower.NONE, Tower.NONE, Optional.empty());

    /** Who writes such a file. */
    enum Kind {
        HUGGING_FACE(HuggingFaceConfig.NAME), OPEN_CLIP(OpenClipConfig.NAME), TIMM(TimmConfig.NAME);

        private final String file;

        Kind(String file) {
            this.file = file;
        }

        /** The name of the file. */
        String file() {
            return file;
        }
    }

    /** What it says of one tower. */
    record Tower(Optional<Fact<Integer>> heads, Optional<Fact<Activation>> activation, Optional<Fact<Float>> epsilon) {
        static final Tower NONE = new Tower(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * Reads what lies beside a checkpoint of a known family.
     *
     * @throws CheckpointException if it does not fit the tensors, or names an architecture that is not read
     */
    static ModelConfig beside(KeyMatch match, ModelSizes sizes) {
        if (match.map().config() == null) {
            return NONE;
        }
        Path file = match.checkpoint().folder().resolve(match.map().config().file());
        return JsonFile.readIfThere(file).map(json -> switch (match.map().config()) {
            case HUGGING_FACE -> HuggingFaceConfig.read(json, sizes);
            case OPEN_CLIP -> OpenClipConfig.read(json, sizes);
            case TIMM -> TimmConfig.read(json, sizes, match);
        }).orElse(NONE);
    }

    /** The non-linearity that a value names. */
    static Activation activation(JsonFile json, String key, String value) {
        return switch (value) {
            case "gelu" -> Activation.GELU;
            case "quick_gelu" -> Activation.QUICK_GELU;
            default -> throw json.wrong(key, "gelu or quick_gelu");
        };
    }

    /** The number of heads that a value says; it must divide the width. */
    static int heads(JsonFile json, String key, int heads, int width) {
        if (width % heads != 0) {
            throw json.wrong(key, key.equals("embed_dim") ? "a multiple of the " + heads + " heads" : "a divisor of the width " + width);
        }
        return heads;
    }
}
