package dev.itprompt.data;

import dev.itprompt.Excerpt;
import dev.itprompt.data.ImageResize.Filter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@link Preprocess} as the {@code preprocessor_config.json} of Hugging Face model folders: resize the shorter side, or both,
 * crop the centre, scale to 0..1, normalise. The key {@code fit} with the value {@code pad} is our own. A processor of CLIP that
 * leaves a key out means its default, which is what CLIP's images were prepared with at 224 pixels.
 */
public final class PreprocessorConfig {

    /** Pillow's number of each filter. */
    private static final Map<Filter, Integer> CODES =
            Map.of(Filter.LANCZOS, 1, Filter.BILINEAR, 2, Filter.BICUBIC, 3, Filter.BOX, 4);

    private final JsonNode config;
    private final Path file;

    private PreprocessorConfig(JsonNode config, Path file) {
        this.config = ofClip(config) ? write(Preprocess.clip(224)).setAll((ObjectNode) config) : config;
        this.file = file;
    }

    private static boolean ofClip(JsonNode config) {
        return Stream.of("image_processor_type", "feature_extractor_type")
                .anyMatch(key -> config.path(key).isString() && config.path(key).stringValue().startsWith("CLIP"));
    }

    /** The keys and values of the file. */
    public static ObjectNode write(Preprocess preprocess) {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        ObjectNode size = config.put("do_resize", true).putObject("size");
        if (preprocess.fit() == Preprocess.Fit.SQUASH) {
            size.put("height", preprocess.resize()).put("width", preprocess.resize());
        } else {
            size.put("shortest_edge", preprocess.resize());
        }
        config.put("resample", CODES.get(preprocess.filter()));
        config.put("do_center_crop", true).putObject("crop_size").put("height", preprocess.side())
                .put("width", preprocess.side());
        config.put("do_rescale", true).put("rescale_factor", 1 / 255.0).put("do_normalize", true);
        preprocess.normalization().mean().forEach(config.putArray("image_mean")::add);
        preprocess.normalization().deviation().forEach(config.putArray("image_std")::add);
        return preprocess.fit() == Preprocess.Fit.PAD ? config.put("fit", "pad") : config;
    }

    /**
     * Reads what {@link #write} and Hugging Face's processors of CLIP write; sizes may be plain numbers. Statistics that are
     * those of a named normalization but for rounding become it.
     *
     * @param file what messages call it
     * @throws DataException if a value is missing, damaged or asks for what a {@link Preprocess} does not do
     */
    public static Preprocess read(JsonNode config, Path file) {
        return new PreprocessorConfig(config, file).read();
    }

    private Preprocess read() {
        JsonNode size = config.path("size");
        boolean both = size.has("height") || size.has("width");
        for (String step : both ? List.of("do_resize", "do_rescale") : List.of("do_resize", "do_center_crop", "do_rescale")) {
            require(flag(step), step, "true");
        }
        JsonNode factor = config.path("rescale_factor");
        require(factor.isMissingNode() || Math.abs(factor.asDouble(0) * 255 - 1) < 1e-6, "rescale_factor", "1/255");
        int resize = both ? square("size") : pixels("size", size.isObject() ? size.path("shortest_edge") : size);
        int side = both && (!flag("do_center_crop") || !config.has("crop_size")) ? resize : square("crop_size");
        require(side >= 1 && side <= Preprocess.MAX_SIDE, config.has("crop_size") ? "crop_size" : "size", "1 to " + Preprocess.MAX_SIDE
                + " pixels");
        require(resize >= side && resize <= Preprocess.MAX_RESIZE, "size", "at least the " + side + " pixels of crop_size, at most "
                + Preprocess.MAX_RESIZE);
        return new Preprocess(side, fit(both), resize, filter(), normalization());
    }

    /** @param both whether both sides are resized */
    private Preprocess.Fit fit(boolean both) {
        JsonNode value = config.path("fit");
        boolean pad = value.isString() && value.stringValue().equals("pad") && !both;
        require(pad || value.isMissingNode() || (value.isString() && value.stringValue().equals("crop")), "fit", "crop or pad");
        return pad ? Preprocess.Fit.PAD : both ? Preprocess.Fit.SQUASH : Preprocess.Fit.CROP;
    }

    /** True unless it says otherwise. */
    private boolean flag(String key) {
        JsonNode value = config.path(key);
        require(value.isMissingNode() || value.isBoolean(), key, "true or false");
        return value.isMissingNode() || value.booleanValue();
    }

    /** A number of pixels, or height and width that are the same. */
    private int square(String key) {
        JsonNode value = config.path(key);
        int side = pixels(key, value.isObject() ? value.path("height") : value);
        require(!value.isObject() || value.path("width").asInt(0) == side, key, "a square");
        return side;
    }

    private int pixels(String key, JsonNode value) {
        require(value.isInt(), key, key.equals("size") ? "a number of pixels as shortest_edge" : "a number of pixels");
        return value.asInt();
    }

    private Filter filter() {
        JsonNode code = config.path("resample");
        return CODES.entrySet().stream().filter(entry -> code.isInt() && entry.getValue() == code.intValue()).map(Map.Entry::getKey)
                .findFirst().orElseThrow(() -> unusable("resample", "1 (Lanczos), 2 (bilinear), 3 (bicubic) or 4 (box)"));
    }

    private Normalization normalization() {
        if (!flag("do_normalize")) {
            return Normalization.NONE;
        }
        List<Double> mean = numbers("image_mean");
        List<Double> deviation = numbers("image_std");
        try {
            return Normalization.of(mean, deviation);
        } catch (IllegalArgumentException e) {
            throw unusable(e.getMessage().contains("mean") ? "image_mean" : "image_std", e.getMessage());
        }
    }

    private List<Double> numbers(String key) {
        List<JsonNode> values = config.path(key).valueStream().toList();
        require(config.path(key).isArray() && values.stream().allMatch(JsonNode::isNumber), key, "3 numbers");
        return values.stream().map(value -> value.asDouble(Double.NaN)).toList();
    }

    private void require(boolean holds, String key, String expected) {
        if (!holds) {
            throw unusable(key, expected);
        }
    }

    private DataException unusable(String key, String expected) {
        JsonNode found = config.path(key);
        return new DataException(file, "'" + key + "' to be " + expected,
                found.isMissingNode() ? "no such key" : Excerpt.of(found.toString(), 60),
                "prepare the images another way or correct the file");
    }
}
