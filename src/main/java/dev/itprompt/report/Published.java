package dev.itprompt.report;

import dev.itprompt.InputException;
import dev.itprompt.NearestMatch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Figures of a benchmark that others have published, each with its source: {@code published/NAME.yaml}.
 *
 * @param name     of the benchmark, as its folder below configs
 * @param title    in words
 * @param datasets kinds of data set that runs of it have
 * @param figures  as published, table by table
 */
public record Published(String name, String title, List<String> datasets, List<Figures> figures) {

    /** All benchmarks, in the order of listings. */
    public static final List<String> NAMES = List.of("cifar100", "imagenet-r", "cub200", "tinyimagenet", "5-datasets", "x-tail", "mtil", "fashion-mnist");

    /** Keeps the places of a number as they are written. */
    private static final YAMLMapper YAML = YAMLMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES).build();

    /**
     * Runs that can be compared.
     *
     * @param model name of the model's folder
     * @param tasks how many
     * @param first classes of the first
     */
    public record Setting(String model, int tasks, int first) {

        /** In words. */
        String title() {
            return tasks + " tasks, the first of " + first + " classes, with " + model;
        }
    }

    /**
     * What one source says of one setting.
     *
     * @param source where the figures stand
     * @param values by method, then by the key of the metric
     */
    public record Figures(String source, Setting setting, Map<String, Map<String, Cell>> values) {}

    /**
     * The figures of a benchmark.
     *
     * @throws InputException if there is none of this name; names the nearest
     */
    public static Published of(String name) {
        if (!NAMES.contains(name)) {
            throw new InputException("reproduce: expected the name of a benchmark, found " + name + NearestMatch.hint(name, NAMES));
        }
        try (InputStream in = Published.class.getResourceAsStream("published/" + name + ".yaml")) {
            JsonNode root = YAML.readTree(in);
            return new Published(name, root.required("title").asString(), root.required("datasets").valueStream().map(JsonNode::asString).toList(),
                    root.required("figures").valueStream().map(Published::figures).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Figures figures(JsonNode node) {
        Map<String, Map<String, Cell>> values = new LinkedHashMap<>();
        node.required("values").forEachEntry((method, metrics) -> {
            Map<String, Cell> cells = new LinkedHashMap<>();
            metrics.forEachEntry((metric, value) -> cells.put(metric, cell(value.asString())));
            values.put(method, cells);
        });
        return new Figures(node.required("source").asString(), new Setting(node.required("model").asString(), node.required("tasks").asInt(),
                node.required("first").asInt()), values);
    }

    /** {@code 88.73} or {@code 88.73 ± 0.27}, with as many places as published. */
    private static Cell cell(String text) {
        String[] parts = text.split(" ± ");
        BigDecimal mean = new BigDecimal(parts[0]);
        return parts.length == 1 ? new Cell.Number(mean.doubleValue(), mean.scale())
                : new Cell.Spread(mean.doubleValue(), Double.parseDouble(parts[1]), mean.scale());
    }
}
