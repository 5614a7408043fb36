package dev.itprompt.experiment;

import dev.itprompt.AtomicFile;
import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.NumpyFile;
import dev.itprompt.data.ImageDecoder;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
import dev.itprompt.data.RgbaImage;
import dev.itprompt.device.Device;
import dev.itprompt.method.Backbone;
import dev.itprompt.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Embeddings of images or texts as the model gives them, not normalised: what to compare another implementation with.
 *
 * @param inputs file names or texts
 * @param rows   [inputs, E]
 */
public record Embedding(List<String> inputs, Tensor rows) {

    /** Images or texts in one run. */
    private static final int LARGEST_BATCH = 32;

    /**
     * Embeds image files. Transparency is dropped, not blended, as Pillow's conversion to RGB does it.
     *
     * @throws InputException if one cannot be read
     */
    public static Embedding images(Device device, LoadedModel model, Preprocess preprocess, List<Path> files) {
        List<RgbImage> squares = files.stream().map(file -> preprocess.square(opaque(ImageDecoder.read(file)))).toList();
        try (Backbone backbone = new Backbone(device, model.model(), Math.min(LARGEST_BATCH, files.size()))) {
            Tensor rows = backbone.images(new Pictures(squares, preprocess), IntStream.range(0, files.size()).toArray(), null, Backbone.Chance.NONE);
            return new Embedding(files.stream().map(Path::toString).toList(), rows);
        }
    }

    private static RgbImage opaque(RgbaImage image) {
        return new RgbImage(image.width(), image.height(), image.rgb());
    }

    /**
     * Embeds texts.
     *
     * @throws InputException if the model knows none, or one is too long
     */
    public static Embedding texts(Device device, LoadedModel model, List<String> texts) {
        try (Backbone backbone = new Backbone(device, model.model(), Math.min(LARGEST_BATCH, texts.size()))) {
            return new Embedding(texts, backbone.texts(texts, false));
        }
    }

    /**
     * Writes the rows, as NumPy's npy or as JSON ({@code [{"input": .., "embedding": [..]}, ..]}), by the file's ending.
     *
     * @throws InputException if it has another ending
     */
    public void write(Path file) {
        requireKnown(file);
        if (file.toString().endsWith(".npy")) {
            NumpyFile.write(file, rows);
        } else {
            AtomicFile.write(file, (json() + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** @throws InputException if the ending is neither npy nor json */
    public static void requireKnown(Path file) {
        if (!file.toString().endsWith(".npy") && !file.toString().endsWith(".json")) {
            throw new InputException("--output: expected a file ending in .npy or .json, found " + Excerpt.of(file));
        }
    }

    private String json() {
        ArrayNode list = ResultFiles.JSON.createArrayNode();
        for (int i = 0; i < inputs.size(); i++) {
            ObjectNode node = list.addObject().put("input", inputs.get(i));
            ArrayNode values = node.putArray("embedding");
            for (float value : rows.slice(i, 1).toArray()) {
                values.add(value);
            }
        }
        return ResultFiles.JSON.writeValueAsString(list);
    }
}
