package dev.itprompt.data;

import dev.itprompt.InputException;
import dev.itprompt.data.ImageResize.Filter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@link Preprocess} as the {@code preprocessor_config.json} of Hugging Face model folders: resize the shorter side, crop
 * the centre, scale to 0..1, normalise. The key {@code fit} with the value {@code pad} is our own.
 */
public final class PreprocessorConfig {

    /** Pillow's number of each filter. */
    private static final Map<Filter, Integer> CODES =
            Map.of(Filter.LANCZOS, 1, Filter.BILINEAR, 2, Filter.BICUBIC, 3, Filter.BOX, 4);
    /** How far statistics may be from those of a named normalization to be taken for it. */
    private static final double TOLERANCE = 1e-5;

    private final JsonNode config;
    private final Path file;

    private PreprocessorConfig(JsonNode config, Path file) {
        this.config = config;
        this.file = file;
    }

    /** The keys and values of the file. */
    public static ObjectNode write(Preprocess preprocess) {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.put("do_resize", true).putObject("size").put("shortest_edge", preprocess.resize());
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
        for (String step : List.of("do_resize", "do_center_crop", "do_rescale")) {
            require(config.path(step).asBoolean(true), step, "true");
        }
        JsonNode factor = config.path("rescale_factor");
        require(factor.isMissingNode() || Math.abs(factor.asDouble(0) * 255 - 1) < 1e-6, "rescale_factor", "1/255");
        JsonNode size = config.path("size");
        JsonNode crop = config.path("crop_size");
        int side = pixels("crop_size", crop.isObject() ? crop.path("height") : crop);
        require(!crop.isObject() || crop.path("width").asInt(0) == side, "crop_size", "a square");
        String fit = config.path("fit").asString("crop");
        require(fit.equals("crop") || fit.equals("pad"), "fit", "crop or pad");
        try {
            return new Preprocess(side, fit.equals("pad") ? Preprocess.Fit.PAD : Preprocess.Fit.CROP,
                    pixels("size", size.isObject() ? size.path("shortest_edge") : size), filter(), normalization());
        } catch (DataException e) {
            throw e;
        } catch (InputException e) {
            throw new DataException(file, "sizes that can be used", e.getMessage(), "correct the file", e);
        }
    }

    private int pixels(String key, JsonNode value) {
        require(value.isInt(), key, key.equals("size") ? "a number of pixels as shortest_edge" : "a number of pixels");
        return value.asInt();
    }

    private Filter filter() {
        int code = config.path("resample").asInt(-1);
        return CODES.entrySet().stream().filter(entry -> entry.getValue() == code).map(Map.Entry::getKey).findFirst()
                .orElseThrow(() -> unusable("resample", "1 (Lanczos), 2 (bilinear), 3 (bicubic) or 4 (box)"));
    }

    private Normalization normalization() {
        if (!config.path("do_normalize").asBoolean(true)) {
            return Normalization.NONE;
        }
        List<Double> deviation = numbers("image_std");
        require(deviation.stream().allMatch(d -> d >= TOLERANCE), "image_std", "3 numbers above 0");
        Normalization given = new Normalization(numbers("image_mean"), deviation);
        return Stream.of(Normalization.Name.values()).map(Normalization.Name::normalization)
                .filter(named -> near(named.mean(), given.mean()) && near(named.deviation(), given.deviation()))
                .findFirst().orElse(given);
    }

    private static boolean near(List<Double> a, List<Double> b) {
        return IntStream.range(0, 3).allMatch(i -> Math.abs(a.get(i) - b.get(i)) <= TOLERANCE);
    }

    private List<Double> numbers(String key) {
        List<JsonNode> values = config.path(key).valueStream().toList();
        require(config.path(key).isArray() && values.size() == 3
                && values.stream().allMatch(v -> v.isNumber() && Float.isFinite((float) v.asDouble())), key, "3 numbers");
        return values.stream().map(JsonNode::asDouble).toList();
    }

    private void require(boolean holds, String key, String expected) {
        if (!holds) {
            throw unusable(key, expected);
        }
    }

    private DataException unusable(String key, String expected) {
        JsonNode found = config.path(key);
        String text = found.toString();
        return new DataException(file, "'" + key + "' to be " + expected,
                found.isMissingNode() ? "no such key" : text.length() > 60 ? text.substring(0, 60) + "..." : text,
                "prepare the images another way or correct the file");
    }
}
