package dev.itprompt.report;

import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.WriteException;
import dev.itprompt.continual.AccuracyMatrix;
import dev.itprompt.prompt.PoolUse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads a run's folder: {@code metrics.json}, {@code predictions.csv} and {@code config.yaml}. */
public final class RunReader {

    /** Key of the right answers before anything was learned, beside those of a matrix. */
    public static final String BEFORE = "before";

    /** Key of the forward passes of a test image before the one whose features are classified. */
    public static final String QUERY_PASSES = "queryPasses";

    /** Key of the use of prompt pools. */
    public static final String POOLS = "pools";

    static final String METRICS = "metrics.json";
    static final String PREDICTIONS = "predictions.csv";
    static final String CONFIG = "config.yaml";
    private static final String TRAININGS = "methods";
    private static final String STATE = ".safetensors";
    private static final String COMMENT = "# ";

    private final Path folder;

    private RunReader(Path folder) {
        this.folder = folder;
    }

    /** Whether a folder has the results of a run. */
    public static boolean isRun(Path folder) {
        return Files.isRegularFile(folder.resolve(METRICS));
    }

    /**
     * Reads a run.
     *
     * @throws InputException if a file is missing or damaged, or the answers are not those that the metrics are about
     */
    public static RunRecord read(Path folder) {
        RunReader reader = new RunReader(folder);
        return reader.read(METRICS, text -> reader.run(JsonText.MAPPER.readTree(text)));
    }

    private <T> T read(String name, Function<String, T> parse) {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new InputException(folder + ": expected the results of a run, found no " + name + "; run train to its end, or name another folder");
        }
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return undamaged(name, () -> parse.apply(text));
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + WriteException.reason(e) + ")", e);
        }
    }

    /** What is made of a file's content; whatever cannot be made of it is the file's fault. */
    private <T> T undamaged(String name, Supplier<T> content) {
        try {
            return content.get();
        } catch (JacksonException | IllegalArgumentException | NullPointerException | IndexOutOfBoundsException e) {
            throw new InputException(folder.resolve(name) + ": expected a run's results, found a damaged file; run train again", e);
        }
    }

    private RunRecord run(JsonNode root) {
        JsonNode scenario = root.required("scenario");
        List<List<String>> tasks = scenario.required("tasks").valueStream().map(task -> task.valueStream().map(JsonNode::asString).toList())
                .toList();
        Map<String, List<String[]>> rows = read(PREDICTIONS, RunReader::rows);
        if (rows.isEmpty()) {
            throw new InputException(folder.resolve(PREDICTIONS) + ": expected answers to test images, found none; run train again");
        }
        Map<String, String> config = read(CONFIG, RunReader::settings);
        Map<String, String> facts = read(CONFIG, RunReader::facts);
        Map<String, Integer> labels = labels(tasks);
        List<TestImage> images = undamaged(PREDICTIONS, () -> images(rows.values().iterator().next(), labels));
        Map<String, Long> stateBytes = stateBytes();
        List<MethodRecord> methods = new ArrayList<>();
        root.required("methods").forEachEntry((name, node) -> methods.add(method(name, node, root.path("timings").path(name),
                undamaged(PREDICTIONS, () -> answers(name, rows.get(name), images, labels)), stateBytes)));
        methods.forEach(method -> requireSame(method, images));
        JsonNode heldOut = root.path("heldOut");
        return new RunRecord(folder, root.required("name").asString(), root.required("seed").asLong(), tasks,
                scenario.required("trainImages").valueStream().map(JsonNode::asInt).toList(), images, methods, config, facts,
                heldOut.isMissingNode() ? Optional.empty() : Optional.of(new RunRecord.HeldOut(heldOut.required("images").asLong(),
                        heldOut.required("labels").asLong(), heldOut.required("top1").asDouble(), heldOut.required("top5").asDouble())));
    }

    /** By name; a class that comes again in another domain is the same. */
    private static Map<String, Integer> labels(List<List<String>> tasks) {
        Map<String, Integer> labels = new HashMap<>();
        tasks.stream().flatMap(List::stream).forEach(name -> labels.putIfAbsent(name, labels.size()));
        return labels;
    }

    private static MethodRecord method(String name, JsonNode node, JsonNode timings, Answers answers, Map<String, Long> stateBytes) {
        JsonNode inferred = node.path("taskInferenceAccuracy");
        JsonNode told = node.path("accuracyTaskTold");
        JsonNode zeroShot = node.path("zeroShot");
        Map<String, Long> trainable = new LinkedHashMap<>();
        node.required("trainable").forEachEntry((part, count) -> trainable.put(part, count.asLong()));
        Long bytes = stateBytes.get(name);
        AccuracyMatrix accuracy = matrix(node.required("accuracy"));
        return new MethodRecord(name, accuracy, initial(accuracy),
                inferred.isObject() ? Optional.of(matrix(inferred)) : Optional.empty(),
                told.isObject() ? Optional.of(matrix(told)) : Optional.empty(), answers, pools(node), trainable,
                zeroShot.isObject() ? Optional.of(new MethodRecord.ZeroShot(zeroShot.required("before").asDouble(),
                        zeroShot.required("after").asDouble(), zeroShot.required("identicalBits").asBoolean())) : Optional.empty(),
                new MethodRecord.Cost(queryPasses(node), numbers(timings.path("learnSeconds")), numbers(timings.path("testSeconds")),
                        bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes)));
    }

    /** What a method's results say of it; nothing in those of former versions. */
    public static OptionalInt queryPasses(JsonNode method) {
        return method.has(QUERY_PASSES) ? OptionalInt.of(method.get(QUERY_PASSES).asInt()) : OptionalInt.empty();
    }

    /** How test images used a method's prompt pools; none in results of former versions. */
    public static Map<String, PoolUse> pools(JsonNode method) {
        Map<String, PoolUse> pools = new LinkedHashMap<>();
        method.path(POOLS).forEachEntry((name, use) -> pools.put(name, new PoolUse(use.required("images").asInt(),
                use.required("sums").valueStream().mapToDouble(JsonNode::asDouble).toArray(), use.required("weighed").asBoolean())));
        return pools;
    }

    private static List<Double> numbers(JsonNode array) {
        return array.valueStream().map(JsonNode::asDouble).toList();
    }

    /** The matrix of counts that {@code metrics.json} and a training's results hold; null where nothing was tested. */
    public static AccuracyMatrix matrix(JsonNode node) {
        JsonNode total = node.required("total");
        AccuracyMatrix matrix = new AccuracyMatrix(total.size());
        for (int j = 0; j < total.size(); j++) {
            for (int t = 0; t < total.size(); t++) {
                if (!total.get(j).get(t).isNull()) {
                    matrix.set(j, t, node.required("correct").get(j).get(t).asLong(), total.get(j).get(t).asLong());
                }
            }
        }
        List<Integer> before = new ArrayList<>();
        node.path(BEFORE).forEach(correct -> before.add(correct.asInt()));
        for (int j = 0; j < before.size(); j++) {
            matrix.set(j, AccuracyMatrix.BEFORE, before.get(j), matrix.total(j, total.size() - 1));
        }
        return matrix;
    }

    /** Accuracy on each task before anything was learned; empty if it was not measured. */
    private static List<Double> initial(AccuracyMatrix matrix) {
        return matrix.has(0, AccuracyMatrix.BEFORE)
                ? IntStream.range(0, matrix.tasks()).mapToObj(j -> matrix.accuracy(j, AccuracyMatrix.BEFORE)).toList() : List.of();
    }

    /** The rows of each method, cells in the order of {@link Column}. */
    private static Map<String, List<String[]>> rows(String csv) {
        Map<String, List<String[]>> rows = new LinkedHashMap<>();
        try (MappingIterator<Map<String, String>> all = new CsvMapper().readerForMapOf(String.class)
                .with(CsvSchema.emptySchema().withHeader()).readValues(csv)) {
            all.forEachRemaining(row -> {
                String[] cells = new String[Column.values().length];
                for (Column column : Column.values()) {
                    String cell = row.get(column.heading);
                    if (cell == null && column != Column.CONFIDENCE) {
                        throw new IllegalArgumentException("no cell for " + column.heading);
                    }
                    cells[column.ordinal()] = cell == null ? "" : CsvCell.text(cell);
                }
                rows.computeIfAbsent(cells[Column.METHOD.ordinal()], _ -> new ArrayList<>()).add(cells);
            });
        }
        return rows;
    }

    private enum Column {
        METHOD("method"), IMAGE("image"), TRUE_CLASS("trueClass"), PREDICTED_CLASS("predictedClass"), TRUE_TASK("trueTask"),
        INFERRED_TASK("inferredTask"), CONFIDENCE("confidence");

        private final String heading;

        Column(String heading) {
            this.heading = heading;
        }

        private String of(String[] row) {
            return row[ordinal()];
        }
    }

    private static List<TestImage> images(List<String[]> rows, Map<String, Integer> labels) {
        return rows.stream().map(row -> new TestImage(Column.IMAGE.of(row), labels.get(Column.TRUE_CLASS.of(row)),
                Integer.parseInt(Column.TRUE_TASK.of(row)))).toList();
    }

    private Answers answers(String method, List<String[]> rows, List<TestImage> images, Map<String, Integer> labels) {
        int found = rows == null ? 0 : rows.size();
        if (found != images.size()) {
            throw new InputException(folder.resolve(PREDICTIONS) + ": expected " + images.size() + " answers of " + method + ", found " + found
                    + "; run train again");
        }
        for (int i = 0; i < found; i++) {
            if (!Column.IMAGE.of(rows.get(i)).equals(images.get(i).source())) {
                throw new InputException(folder.resolve(PREDICTIONS) + ": expected the answer of " + method + " to image " + images.get(i).source()
                        + ", found image " + Column.IMAGE.of(rows.get(i)) + "; run train again");
            }
        }
        int[] tasks = cells(method, rows, Column.INFERRED_TASK).mapToInt(Integer::parseInt).toArray();
        double[] confidence = cells(method, rows, Column.CONFIDENCE).mapToDouble(Double::parseDouble).toArray();
        int last = images.stream().mapToInt(TestImage::task).max().orElse(0);
        require(IntStream.of(tasks).allMatch(task -> task >= 0 && task <= last), "tasks from 0 to " + last, method, Column.INFERRED_TASK);
        require(DoubleStream.of(confidence).allMatch(share -> share >= 0 && share <= 1), "numbers from 0 to 1", method, Column.CONFIDENCE);
        return new Answers(rows.stream().mapToInt(row -> labels.get(Column.PREDICTED_CLASS.of(row))).toArray(), tasks, confidence);
    }

    /** A column of which a method fills every cell or none: its cells, or none. */
    private Stream<String> cells(String method, List<String[]> rows, Column column) {
        long empty = rows.stream().filter(row -> column.of(row).isEmpty()).count();
        require(empty == 0 || empty == rows.size(), "a cell in every row or in none", method, column);
        return empty > 0 ? Stream.of() : rows.stream().map(column::of);
    }

    private void require(boolean holds, String expected, String method, Column column) {
        if (!holds) {
            throw new InputException(folder.resolve(PREDICTIONS) + ": expected " + expected + " as " + column.heading + " of " + method
                    + ", found others; run train again");
        }
    }

    /** Both files tell how many answers are right after the last task. */
    private void requireSame(MethodRecord method, List<TestImage> images) {
        int last = method.accuracy().tasks() - 1;
        long[] right = new long[last + 1];
        for (int i = 0; i < images.size(); i++) {
            right[images.get(i).task()] += method.answers().classes()[i] == images.get(i).label() ? 1 : 0;
        }
        for (int j = 0; j <= last; j++) {
            if (right[j] != method.accuracy().correct(j, last)) {
                throw new InputException(folder.resolve(PREDICTIONS) + ": expected " + method.accuracy().correct(j, last) + " right answers of "
                        + method.name() + " on task " + (j + 1) + " as in " + METRICS + ", found " + right[j] + "; run train again");
            }
        }
    }

    /** Size of the learned state by method, where the trainings lie beside the results. */
    private Map<String, Long> stateBytes() {
        Path trainings = folder.resolve(TRAININGS);
        if (!Files.isDirectory(trainings)) {
            return Map.of();
        }
        Map<String, Long> bytes = new HashMap<>();
        try (Stream<Path> files = Files.list(trainings)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                Path state = Path.of(file.toString().replaceFirst("\\.json$", STATE));
                if (Files.exists(state)) {
                    long size = Files.size(state);
                    JsonText.MAPPER.readTree(Files.readAllBytes(file)).path("methods").propertyNames().forEach(method -> bytes.put(method, size));
                }
            }
        } catch (IOException e) {
            throw new InputException(trainings + ": cannot be read (" + WriteException.reason(e) + ")", e);
        }
        return bytes;
    }

    private static Map<String, String> facts(String config) {
        Map<String, String> facts = new LinkedHashMap<>();
        config.lines().takeWhile(line -> line.startsWith(COMMENT)).filter(line -> line.contains(": ")).forEach(line -> {
            int colon = line.indexOf(": ");
            facts.put(line.substring(COMMENT.length(), colon), line.substring(colon + 2).strip());
        });
        return facts;
    }

    private static Map<String, String> settings(String config) {
        Map<String, String> settings = new LinkedHashMap<>();
        new YAMLMapper().readTree(config).forEachEntry((key, value) -> flatten(key, value, settings));
        return settings;
    }

    private static void flatten(String key, JsonNode value, Map<String, String> settings) {
        if (value.isObject()) {
            value.forEachEntry((inner, node) -> flatten(key + "." + inner, node, settings));
        } else {
            settings.put(key, value.isArray() ? value.toString() : value.asString());
        }
    }
}
