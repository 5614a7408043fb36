package dev.itprompt.report;

import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.WriteException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a run's log, {@code log.jsonl}, tells beside the results: losses and rates of its trainings, and when its tests were done. What was
 * done again after an interruption counts once, as it was done last.
 *
 * @param curves losses and rates of each training by its name, in their order
 * @param tests  seconds since 1970 after which a method had been tested after each task
 * @param begin  seconds since 1970 of the first line; 0 if there is none
 * @param end    of the last line
 */
record RunLog(Map<String, List<Step>> curves, Map<String, Map<Integer, Double>> tests, double begin, double end) {

    /** The file's name. */
    static final String NAME = "log.jsonl";
    /** What a line about a training step is called. */
    private static final String STEP = "step";
    /** A stage of a task's training. */
    private static final Pattern OF_TASK = Pattern.compile("task \\d+ (.+)");

    /**
     * A step of a training by gradients.
     *
     * @param stage   what is trained, such as {@code prompt}
     * @param number  of the step among those of all tasks' stages of this name, from 1
     * @param loss    before the step
     * @param rate    learning rate
     * @param seconds since 1970
     */
    record Step(String stage, long number, double loss, double rate, double seconds) {}

    private record Key(String training, String stage, long step) {}

    private record Line(Key key, long steps, double loss, double rate, double seconds) {}

    /**
     * Reads a run's log; without one nothing is known.
     *
     * @throws InputException if it cannot be read
     */
    static RunLog read(Path folder) {
        Path file = folder.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            return new RunLog(Map.of(), Map.of(), 0, 0);
        }
        List<String> lines;
        try {
            lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + WriteException.reason(e) + ")", e);
        }
        Map<Key, Line> steps = new LinkedHashMap<>();
        Map<String, Map<Integer, Double>> tests = new HashMap<>();
        double begin = 0;
        double end = 0;
        for (String text : lines) {
            try {
                JsonNode line = JsonText.MAPPER.readTree(text);
                double seconds = Instant.parse(line.required("time").asString()).toEpochMilli() / 1000.0;
                begin = begin == 0 ? seconds : begin;
                end = seconds;
                switch (line.required("event").asString()) {
                    case STEP -> {
                        Key key = new Key(line.required("training").asString(), line.required("stage").asString(), line.required(STEP).asLong());
                        steps.put(key, new Line(key, line.required("steps").asLong(), line.required("loss").asDouble(),
                                line.required("rate").asDouble(), seconds));
                    }
                    case "task" -> tests.computeIfAbsent(line.required("method").asString(), _ -> new HashMap<>())
                            .put(line.required("task").asInt(), seconds);
                    default -> { } // of no interest here
                }
            } catch (JacksonException | IllegalArgumentException | DateTimeParseException _) {
                // a line that was cut off when the process died; what it said was said again
            }
        }
        return new RunLog(curves(List.copyOf(steps.values())), tests, begin, end);
    }

    /** The stages of one name one after the other. */
    private static Map<String, List<Step>> curves(List<Line> lines) {
        Map<String, List<Step>> curves = new LinkedHashMap<>();
        Map<String, Long> offsets = new HashMap<>();
        Map<String, Map<String, List<Line>>> stages = new LinkedHashMap<>();
        lines.forEach(line -> stages.computeIfAbsent(line.key.training, _ -> new LinkedHashMap<>())
                .computeIfAbsent(line.key.stage, _ -> new ArrayList<>()).add(line));
        stages.forEach((training, byStage) -> byStage.forEach((stage, of) -> {
            Matcher task = OF_TASK.matcher(stage);
            String name = task.matches() ? task.group(1) : stage;
            long before = offsets.getOrDefault(training + "/" + name, 0L);
            of.stream().sorted(Comparator.comparingLong(line -> line.key.step)).forEach(line -> curves.computeIfAbsent(training, _ -> new ArrayList<>())
                    .add(new Step(name, before + line.key.step, line.loss, line.rate, line.seconds)));
            offsets.put(training + "/" + name, before + of.getFirst().steps);
        }));
        return curves;
    }

    /** When a method had been tested after a task. */
    double tested(String method, int task) {
        return tests.getOrDefault(method, Map.of()).getOrDefault(task, end);
    }
}
