package dev.itprompt.experiment;

import dev.itprompt.AtomicFile;
import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.report.CsvCell;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers for pictures as CSV, JSON or JSON lines. */
public final class PredictionFile {

    private static final JsonMapper LINES = JsonMapper.builder().build();

    private PredictionFile() {}

    /** @throws InputException if a file's ending is none of those that are written */
    public static void requireKnown(Path file) {
        String name = file.toString();
        if (!name.endsWith(".csv") && !name.endsWith(".jsonl") && !name.endsWith(".json")) {
            throw new InputException("--output: expected a file ending in .csv, .jsonl or .json, found " + Excerpt.of(file));
        }
    }

    /**
     * Writes answers.
     *
     * @param top classes per picture
     */
    public static void write(Path file, List<LearnedRun.Answer> answers, int top) {
        String name = file.toString();
        String text = name.endsWith(".csv") ? csv(answers, top)
                : name.endsWith(".jsonl") ? answers.stream().map(answer -> line(answer, top))
                        .collect(Collectors.joining())
                : array(answers, top);
        AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** An answer as a line of JSON. */
    public static String line(LearnedRun.Answer answer, int top) {
        return LINES.writeValueAsString(json(answer, top)) + "\n";
    }

    private static String csv(List<LearnedRun.Answer> answers, int top) {
        StringBuilder text = new StringBuilder("image,rank,class,score,task\n");
        for (LearnedRun.Answer answer : answers) {
            for (int rank = 0; rank < Math.min(top, answer.ranked().size()); rank++) {
                LearnedRun.Score score = answer.ranked().get(rank);
                text.append(CsvCell.of(answer.image())).append(',').append(rank + 1).append(',')
                        .append(CsvCell.of(score.label())).append(',').append(String.format(Locale.ROOT, "%.6f", score.score()))
                        .append(',').append(answer.task().map(task -> Integer.toString(task)).orElse("")).append('\n');
            }
        }
        return text.toString();
    }

    /** Answers as an array of JSON. */
    public static String array(List<LearnedRun.Answer> answers, int top) {
        ArrayNode list = ResultFiles.JSON.createArrayNode();
        answers.forEach(answer -> list.add(json(answer, top)));
        return ResultFiles.JSON.writeValueAsString(list) + "\n";
    }

    private static ObjectNode json(LearnedRun.Answer answer, int top) {
        ObjectNode node = LINES.createObjectNode().put("image", answer.image());
        answer.task().ifPresent(task -> node.put("task", task));
        ArrayNode ranked = node.putArray("classes");
        answer.ranked().stream().limit(top).forEach(score -> ranked.addObject().put("class", score.label()).put("score", score.score()));
        return node;
    }
}
