package dev.itprompt.report;

import dev.itprompt.continual.AccuracyMatrix;
import dev.itprompt.continual.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How something measured after each task develops, in percent or in the unit of its metric.
 *
 * @param name   such as {@code accuracy/average}
 * @param points by task, from 0
 */
record Curve(String name, Map<Integer, Double> points) {

    /**
     * All curves of a method: average accuracy, accuracy on each task from the task on in which it was learned, task inference, and the
     * metrics of the summary, which have one point.
     */
    static List<Curve> of(RunRecord run, MethodRecord method) {
        AccuracyMatrix accuracy = method.accuracy();
        int tasks = accuracy.tasks();
        List<Curve> curves = new ArrayList<>();
        Map<Integer, Double> average = new TreeMap<>();
        Map<Integer, Double> inference = new TreeMap<>();
        for (int t = 0; t < tasks; t++) {
            if (method.hasColumn(t)) {
                average.put(t, Metrics.averageAccuracy(accuracy, t));
                int after = t;
                method.inferred().ifPresent(inferred -> inference.put(after, Metrics.taskInferenceAccuracy(inferred, after)));
            }
        }
        curves.add(new Curve("accuracy/average", average));
        for (int j = 0; j < tasks; j++) {
            Map<Integer, Double> points = new TreeMap<>();
            for (int t = j; t < tasks; t++) {
                if (accuracy.has(j, t)) {
                    points.put(t, accuracy.accuracy(j, t));
                }
            }
            curves.add(new Curve("accuracy/task " + (j + 1), points));
        }
        curves.add(new Curve("task inference/average", inference));
        Definition.HEADLINE.forEach(definition -> definition.of(run, method)
                .ifPresent(value -> curves.add(new Curve("metrics/" + definition.key(), Map.of(tasks - 1, value)))));
        return curves.stream().filter(curve -> !curve.points().isEmpty()).toList();
    }
}
