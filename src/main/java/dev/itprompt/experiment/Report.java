package dev.itprompt.experiment;

import dev.itprompt.continual.AccuracyMatrix;
import dev.itprompt.continual.Metrics;
import dev.itprompt.method.Need;
import dev.itprompt.method.Training;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Results as text for people. */
public final class Report {

    private static final String RESET = "\u001b[0m";

    private Report() {}

    /** Column headings by metric key. */
    static Map<String, String> headings() {
        Map<String, String> headings = new LinkedHashMap<>();
        MethodResult.definitions().keySet().forEach(key -> headings.put(key, key));
        headings.put(Metrics.TASK_INFERENCE_ACCURACY, "taskInf");
        headings.put(Metrics.ZERO_SHOT_RETENTION, "zsRetention");
        headings.put(MethodResult.SECONDS, MethodResult.SECONDS);
        return headings;
    }

    /** One line per method; a dash where a method has no such metric. */
    public static String comparison(List<MethodResult> results) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("method"));
        head.addAll(headings().values());
        rows.add(head);
        for (MethodResult result : results) {
            List<String> row = new ArrayList<>(List.of(result.method()));
            Map<String, Double> metrics = result.metrics();
            metrics.forEach((key, value) -> row.add(number(key, value)));
            row.add(String.format(Locale.ROOT, "%.1f", result.seconds()));
            rows.add(row);
        }
        return table(rows);
    }

    static String number(String key, Double value) {
        if (value == null) {
            return "-";
        }
        return key.equals(Metrics.ZERO_SHOT_RETENTION) ? value == 1 ? "1" : String.format(Locale.ROOT, "%.4f", value)
                : String.format(Locale.ROOT, "%.2f", value);
    }

    /** What the columns of {@link #comparison} mean. */
    public static String definitions() {
        StringBuilder text = new StringBuilder();
        String line = "  %-11s  %s\n";
        MethodResult.definitions().forEach((key, meaning) ->
                text.append(String.format(Locale.ROOT, line, headings().get(key), meaning)));
        text.append(String.format(Locale.ROOT, line, MethodResult.SECONDS, "wall time of learning and testing; methods from one training "
                + "each show all of it, features that methods share count for the first"));
        text.append("  A[j][t] is the accuracy in percent on task j's test images after task t, over all classes seen by then.\n");
        return text.toString();
    }

    /** What methods have that others have not, a line each: they are not to be compared as equals. */
    public static String notes(ExperimentSettings settings) {
        return Training.of(settings.methods()).stream().flatMap(training -> training.needs().stream().filter(need -> need != Need.TEXTS)
                .map(need -> "  " + training.name() + " " + need.words() + ".\n")).collect(Collectors.joining());
    }

    /**
     * A method's accuracies: a row per task, a column for the state after each task.
     *
     * @param color whether cells get a background, from red for 0 to green for 100
     */
    public static String matrix(MethodResult result, boolean color) {
        AccuracyMatrix a = result.accuracy();
        StringBuilder text = new StringBuilder(result.method()).append("  (rows: task, columns: after task)\n      ");
        for (int t = 0; t < a.tasks(); t++) {
            text.append(String.format(Locale.ROOT, "%7d", t + 1));
        }
        text.append('\n');
        for (int j = 0; j < a.tasks(); j++) {
            text.append(String.format(Locale.ROOT, "%4d  ", j + 1));
            for (int t = 0; t < a.tasks(); t++) {
                String cell = a.has(j, t) ? String.format(Locale.ROOT, "%7.2f", a.accuracy(j, t)) : "      .";
                text.append(color && a.has(j, t) ? heat(a.accuracy(j, t)) + cell + RESET : cell);
            }
            text.append('\n');
        }
        text.append("  AA  ").append(averages(a)).append('\n');
        if (result.told() != null) {
            text.append("  told").append(averages(result.told())).append("  (AA where the task of each test image is told)\n");
        }
        return text.toString();
    }

    /** The average accuracy after each task. */
    private static String averages(AccuracyMatrix a) {
        return IntStream.range(0, a.tasks()).mapToObj(t -> hasColumn(a, t) ? String.format(Locale.ROOT, "%7.2f", Metrics.averageAccuracy(a, t))
                : "      .").collect(Collectors.joining());
    }

    static boolean hasColumn(AccuracyMatrix a, int t) {
        for (int j = 0; j <= t; j++) {
            if (!a.has(j, t)) {
                return false;
            }
        }
        return true;
    }

    /** Black on one of the 256 terminal colors between red and green. */
    private static String heat(double percent) {
        int step = Math.clamp(Math.round(percent / 10), 0, 10);
        int red = Math.min(5, 10 - step);
        int green = Math.min(5, step);
        return "\u001b[30;48;5;" + (16 + 36 * red + 6 * green) + "m";
    }

    /** Rows of cells with aligned columns, the first to the left; a rule below the first row. */
    public static String table(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        rows.forEach(row -> {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        });
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                String cell = rows.get(r).get(c);
                String blanks = " ".repeat(widths[c] - cell.length());
                line.append(c == 0 ? cell + blanks : "  " + blanks + cell);
            }
            text.append(line.toString().stripTrailing()).append('\n');
            if (r == 0) {
                text.append("-".repeat(line.length())).append('\n');
            }
        }
        return text.toString();
    }
}
