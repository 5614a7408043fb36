package dev.itprompt.experiment;

import dev.itprompt.JsonText;
import dev.itprompt.continual.AccuracyMatrix;
import dev.itprompt.continual.Metrics;
import dev.itprompt.continual.Scenario;
import dev.itprompt.report.CsvCell;
import dev.itprompt.report.RunReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON and CSV that results are stored as. */
final class ResultFiles {

    static final JsonMapper JSON = JsonText.MAPPER;

    private ResultFiles() {}

    /** One method's result, complete, so that it can be read back. */
    static ObjectNode method(MethodResult result) {
        ObjectNode node = JSON.createObjectNode();
        node.put("method", result.method());
        node.set("accuracy", matrix(result.accuracy()));
        node.set("inferred", result.inferred() == null ? JSON.nullNode() : matrix(result.inferred()));
        node.set("told", result.told() == null ? JSON.nullNode() : matrix(result.told()));
        node.set("classes", JSON.valueToTree(result.classes()));
        node.set("tasks", JSON.valueToTree(result.tasks()));
        node.set("confidences", JSON.valueToTree(result.confidences()));
        node.set(RunReader.POOLS, JSON.valueToTree(result.pools()));
        node.set("trainable", JSON.valueToTree(result.trainable()));
        result.queryPasses().ifPresent(passes -> node.put(RunReader.QUERY_PASSES, passes));
        node.set("zeroShot", zeroShot(result));
        node.set("learnSeconds", JSON.valueToTree(result.learnSeconds()));
        node.set("predictSeconds", JSON.valueToTree(result.predictSeconds()));
        return node;
    }

    /** The reverse of {@link #method}. */
    static MethodResult method(JsonNode node) {
        JsonNode zeroShot = node.required("zeroShot");
        Map<String, Long> trainable = new LinkedHashMap<>();
        node.required("trainable").forEachEntry((part, count) -> trainable.put(part, count.asLong()));
        return new MethodResult(node.required("method").asString(), RunReader.matrix(node.required("accuracy")),
                node.required("inferred").isNull() ? null : RunReader.matrix(node.required("inferred")),
                node.path("told").isObject() ? RunReader.matrix(node.path("told")) : null,
                JSON.treeToValue(node.required("classes"), int[].class), JSON.treeToValue(node.required("tasks"), int[].class),
                node.path("confidences").valueStream().mapToDouble(JsonNode::asDouble).toArray(), RunReader.pools(node), trainable, RunReader.queryPasses(node), zeroShot.isNull() ? null : new MethodResult.ZeroShot(zeroShot.required("before").asDouble(),
                        zeroShot.required("after").asDouble(), zeroShot.required("identicalBits").asBoolean()),
                numbers(node.required("learnSeconds")), numbers(node.required("predictSeconds")));
    }

    private static List<Double> numbers(JsonNode array) {
        List<Double> numbers = new ArrayList<>();
        array.forEach(n -> numbers.add(n.asDouble()));
        return numbers;
    }

    private static JsonNode zeroShot(MethodResult result) {
        if (result.zeroShot() == null) {
            return JSON.nullNode();
        }
        return JSON.createObjectNode().put("before", result.zeroShot().before()).put("after", result.zeroShot().after())
                .put("identicalBits", result.zeroShot().identicalBits());
    }

    /** Counts and percentages; row j is a task, column t the state after task t; null where there is none. What was known before any task stands apart. */
    private static ObjectNode matrix(AccuracyMatrix matrix) {
        ObjectNode node = JSON.createObjectNode();
        ArrayNode correct = node.putArray("correct");
        ArrayNode total = node.putArray("total");
        ArrayNode percent = node.putArray("percent");
        for (int j = 0; j < matrix.tasks(); j++) {
            ArrayNode correctRow = correct.addArray();
            ArrayNode totalRow = total.addArray();
            ArrayNode percentRow = percent.addArray();
            for (int t = 0; t < matrix.tasks(); t++) {
                if (matrix.has(j, t)) {
                    correctRow.add(matrix.correct(j, t));
                    totalRow.add(matrix.total(j, t));
                    percentRow.add(MethodResult.rounded(matrix.accuracy(j, t)));
                } else {
                    correctRow.addNull();
                    totalRow.addNull();
                    percentRow.addNull();
                }
            }
        }
        if (matrix.has(0, AccuracyMatrix.BEFORE)) {
            node.set(RunReader.BEFORE, JSON.valueToTree(
                    IntStream.range(0, matrix.tasks()).mapToLong(j -> matrix.correct(j, AccuracyMatrix.BEFORE)).toArray()));
        }
        return node;
    }

    /** The contents of {@code metrics.json} but for the timings: nothing in it depends on time or place. */
    static ObjectNode metrics(ExperimentSettings settings, ExperimentData data, String device, String modelHash,
                              HeldOutCheck.Scores heldOut, List<MethodResult> results) {
        ObjectNode root = JSON.createObjectNode();
        root.put("name", settings.name()).put("seed", settings.seed()).put("device", device);
        root.put("checkpoint", settings.model().checkpoint()).put("checkpointSha256", modelHash);
        Scenario scenario = data.scenario();
        ObjectNode tasks = root.putObject("scenario");
        tasks.set("classOrder", JSON.valueToTree(scenario.classOrder()));
        tasks.set("tasks", JSON.valueToTree(data.taskNames()));
        tasks.set("trainImages", JSON.valueToTree(data.train().stream().map(i -> i.size()).toList()));
        tasks.set("testImages", JSON.valueToTree(data.test().stream().map(i -> i.size()).toList()));
        if (heldOut != null) {
            root.putObject("heldOut").put("images", heldOut.truth().length).put("labels", heldOut.labels())
                    .put("top1", MethodResult.rounded(heldOut.accuracy(1))).put("top5", MethodResult.rounded(heldOut.accuracy(5)));
        }
        root.set("definitions", JSON.valueToTree(MethodResult.definitions()));
        ObjectNode methods = root.putObject("methods");
        for (MethodResult result : results) {
            ObjectNode node = methods.putObject(result.method());
            node.set("metrics", JSON.valueToTree(result.metrics()));
            node.set("accuracy", matrix(result.accuracy()));
            node.set(Metrics.TASK_INFERENCE_ACCURACY, result.inferred() == null ? JSON.nullNode() : matrix(result.inferred()));
            node.set("accuracyTaskTold", result.told() == null ? JSON.nullNode() : matrix(result.told()));
            if (!result.pools().isEmpty()) {
                node.set(RunReader.POOLS, JSON.valueToTree(result.pools()));
            }
            node.set("trainable", JSON.valueToTree(result.trainable()));
            result.queryPasses().ifPresent(passes -> node.put(RunReader.QUERY_PASSES, passes));
            node.set("zeroShot", zeroShot(result));
        }
        return root;
    }

    /** Seconds of each method, by task. */
    static ObjectNode timings(List<MethodResult> results) {
        ObjectNode timings = JSON.createObjectNode();
        for (MethodResult result : results) {
            ObjectNode node = timings.putObject(result.method());
            node.put(MethodResult.SECONDS, MethodResult.rounded(result.seconds()));
            node.set("learnSeconds", JSON.valueToTree(result.learnSeconds().stream().map(MethodResult::rounded).toList()));
            node.set("testSeconds", JSON.valueToTree(result.predictSeconds().stream().map(MethodResult::rounded).toList()));
        }
        return timings;
    }

    /** The contents of {@code summary.json}. */
    static ObjectNode summary(List<MethodResult> results) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode methods = root.putObject("methods");
        for (MethodResult result : results) {
            ObjectNode node = methods.putObject(result.method());
            result.metrics().forEach(node::put);
            node.put(MethodResult.SECONDS, MethodResult.rounded(result.seconds()));
        }
        return root;
    }

    /** The contents of {@code predictions.csv}: every method's answer to every test image after the last task. */
    static String predictions(ExperimentData data, List<MethodResult> results) {
        StringBuilder csv = new StringBuilder("method,image,trueClass,predictedClass,trueTask,inferredTask,confidence\n");
        for (MethodResult result : results) {
            int at = 0;
            for (int task = 0; task < data.test().size(); task++) {
                for (int i = 0; i < data.test().get(task).size(); i++, at++) {
                    csv.append(CsvCell.of(result.method())).append(',').append(CsvCell.of(data.test().get(task).source(i))).append(',')
                            .append(CsvCell.of(data.classNames().get(data.test().get(task).label(i)))).append(',')
                            .append(CsvCell.of(data.classNames().get(result.classes()[at]))).append(',').append(task).append(',')
                            .append(result.tasks().length == 0 ? "" : result.tasks()[at]).append(',')
                            .append(result.confidences().length == 0 ? "" : String.format(Locale.ROOT, "%.6f", result.confidences()[at])).append('\n');
                }
            }
        }
        return csv.toString();
    }
}
