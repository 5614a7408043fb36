package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.config.YamlNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a folder that {@code train} wrote holds: a run, or the summary of runs with several seeds.
 *
 * @param folder  where it is
 * @param facts   what the run was, such as its name, seed, device and model; empty for a summary over seeds
 * @param states  what each training learned
 * @param summary the metrics of each finished method; null while there is none
 */
public record RunReport(Path folder, Map<String, String> facts, List<State> states, JsonNode summary) {

    private static final String CONFIG = "config.yaml";
    private static final String METHODS = "methods";
    private static final String SEEDS = "seeds";
    /** The key of the methods' section that lists them. */
    private static final String RUN = "run";
    private static final List<String> SHOWN = List.of("name", "seed", "checkpoint", "methods");

    /**
     * A file of learned state.
     *
     * @param content  its tensors
     * @param finished whether the training's results are there as well
     */
    public record State(Path file, long bytes, OwnState content, boolean finished) {}

    /**
     * Looks into a folder.
     *
     * @return empty if it is neither a run's nor a summary's
     * @throws InputException if one of its files is damaged
     */
    public static Optional<RunReport> of(Path folder) {
        Path summary = folder.resolve(RunFolder.SUMMARY);
        boolean run = Files.isRegularFile(folder.resolve(CONFIG)) && Files.isDirectory(folder.resolve(METHODS));
        boolean done = Files.isRegularFile(summary);
        try {
            JsonNode results = done ? ResultFiles.JSON.readTree(Files.readString(summary)) : null;
            if (run) {
                return Optional.of(new RunReport(folder, facts(folder.resolve(CONFIG)), states(folder.resolve(METHODS)), results));
            }
            return done && results.has(SEEDS) && results.has(METHODS) ? Optional.of(new RunReport(folder, Map.of(), List.of(), results))
                    : Optional.empty();
        } catch (IOException | JacksonException e) {
            if (!run) {
                return Optional.empty(); // not this program's
            }
            throw new InputException(summary + ": expected the results of a run, found a damaged file; delete it and run train again", e);
        }
    }

    /** The configuration's comments, {@code # key: value}, and its most telling keys. */
    private static Map<String, String> facts(Path config) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        if (YamlNode.read(config) instanceof YamlNode.Mapping root) {
            SHOWN.forEach(key -> {
                if (root.entries().get(key) instanceof YamlNode node) {
                    facts.put(key, text(node instanceof YamlNode.Mapping section ? section.entries().get(RUN) : node));
                }
            });
        }
        RunConfig.parse(Files.readString(config)).facts().forEach((what, value) ->
                facts.merge(what, value, (known, more) -> known + ", " + more));
        return facts;
    }

    private static String text(YamlNode node) {
        return node instanceof YamlNode.Sequence list ? list.items().stream().map(RunReport::text).collect(Collectors.joining(", "))
                : node instanceof YamlNode.Scalar scalar && scalar.text() != null ? scalar.text() : "";
    }

    private static List<State> states(Path methods) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(methods)) {
            files = all.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
        }
        List<State> states = new ArrayList<>();
        for (Path file : files) {
            Checkpoint checkpoint = Checkpoint.open(file);
            String training = file.getFileName().toString().replaceFirst("\\.safetensors$", "");
            states.add(new State(file, checkpoint.bytes(), OwnState.of(checkpoint).orElseThrow(() -> new InputException(file
                    + ": expected the learned state of a training, found other tensors")), Files.exists(methods.resolve(training + ".json"))));
        }
        return states;
    }

    /** Whether all methods that the run was asked for have results. */
    private boolean finished() {
        return summary != null && Arrays.stream(facts.getOrDefault(METHODS, "").split(", ")).filter(method -> !method.isEmpty())
                .allMatch(summary.path(METHODS)::has);
    }

    private String what() {
        return summary != null && summary.has(SEEDS) ? "summary of runs of train with seeds " + summary.get(SEEDS).valueStream()
                .map(JsonNode::asString).collect(Collectors.joining(", "))
                : "run of train, " + (finished() ? "finished" : "not finished; the same command goes on from it");
    }

    /** As lines for people. */
    public String text() {
        StringBuilder text = new StringBuilder();
        line(text, "folder", folder.toString());
        line(text, "content", what());
        facts.forEach((key, value) -> line(text, key, value));
        for (State state : states) {
            line(text, "state", folder.relativize(state.file()) + ", " + String.format(Locale.ROOT, "%,d bytes: ", state.bytes()) + state.content().holds()
                    + (state.finished() ? "" : "; the training is not finished"));
        }
        if (summary != null) {
            summary.path(METHODS).forEachEntry((method, metrics) -> line(text, "result", method + ": " + metrics.propertyStream()
                    .filter(metric -> !metric.getValue().isNull()).map(RunReport::metric).collect(Collectors.joining(", "))));
        }
        return text.toString();
    }

    private static String metric(Map.Entry<String, JsonNode> metric) {
        JsonNode value = metric.getValue();
        return metric.getKey() + " " + (value.isObject() ? value.path("mean") + " ± " + value.path("deviation") : value);
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(key).append(" ".repeat(Math.max(1, 12 - key.length()))).append(value).append('\n');
    }

    /** As a JSON object. */
    public String json() {
        ObjectNode root = ResultFiles.JSON.createObjectNode().put("folder", folder.toString()).put("content", what())
                .put("finished", finished());
        ObjectNode run = root.putObject("run");
        facts.forEach(run::put);
        ArrayNode list = root.putArray("states");
        states.forEach(state -> {
            ObjectNode node = list.addObject().put("file", state.file().toString()).put("bytes", state.bytes())
                    .put("finished", state.finished());
            ObjectNode parts = node.putObject("tensors");
            state.content().parts().forEach(parts::put);
        });
        root.set("summary", summary);
        return ResultFiles.JSON.writeValueAsString(root);
    }
}
