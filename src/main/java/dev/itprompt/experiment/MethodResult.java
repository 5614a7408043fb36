package dev.itprompt.experiment;

import dev.itprompt.continual.AccuracyMatrix;
import dev.itprompt.continual.Metric;
import dev.itprompt.continual.Metrics;
import dev.itprompt.prompt.PoolUse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What one method achieved; the methods of one training share all but the answers.
 *
 * @param method         name
 * @param accuracy       right classes
 * @param inferred       right task inferences; null if it infers no tasks
 * @param told           right classes where the task of each test image is told; null if a former version did not count them
 * @param classes        predicted class of each test image after the last task, task by task
 * @param tasks          inferred task of each, empty if it infers none
 * @param confidences    probability that the method gave each of its answers, to 6 places; empty if its scores are no probabilities, or a former
 *                       version did not keep them
 * @param pools          how all test images used prompt pools after the last task, by name, sums to 6 places; none if it has none, or a former version
 *                       did not keep them
 * @param trainable      trainable numbers by part
 * @param queryPasses    forward passes of a test image before the one whose features are classified; empty if a former version did not say
 * @param zeroShot       the held-out check; null without one
 * @param learnSeconds   for each task
 * @param predictSeconds for the test after each task
 */
public record MethodResult(String method, AccuracyMatrix accuracy, AccuracyMatrix inferred, AccuracyMatrix told, int[] classes,
                           int[] tasks, double[] confidences, Map<String, PoolUse> pools, Map<String, Long> trainable, OptionalInt queryPasses,
                           ZeroShot zeroShot, List<Double> learnSeconds, List<Double> predictSeconds) {

    /** Key of the time a method took, among the metrics of a summary. */
    public static final String SECONDS = "seconds";

    /**
     * Zero-shot accuracy on the held-out set in percent before the first and after the last task.
     *
     * @param before        top-1 before
     * @param after         top-1 after
     * @param identicalBits whether all logits were the same to the last bit
     */
    public record ZeroShot(double before, double after, boolean identicalBits) {}

    /** Whether the whole matrix for {@code j <= t} is known; a jointly trained method has only its last column. */
    public boolean isComplete() {
        for (int t = 0; t < accuracy.tasks(); t++) {
            for (int j = 0; j <= t; j++) {
                if (!accuracy.has(j, t)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Every metric by its key, rounded to 4 places; null where the method has none. */
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (Metric metric : Metric.values()) {
            boolean lastColumn = metric == Metric.FAA || metric == Metric.LAST_MICRO;
            metrics.put(metric.key(), lastColumn || isComplete() ? rounded(metric.of(accuracy)) : null);
        }
        metrics.put(Metrics.TASK_INFERENCE_ACCURACY, inferred == null ? null
                : rounded(Metrics.taskInferenceAccuracy(inferred, inferred.tasks() - 1)));
        metrics.put(Metrics.ZERO_SHOT_RETENTION, zeroShot == null ? null
                : Metrics.zeroShotRetention(zeroShot.before(), zeroShot.after()));
        return metrics;
    }

    /** What each metric's key means. */
    public static Map<String, String> definitions() {
        Map<String, String> definitions = new LinkedHashMap<>();
        for (Metric metric : Metric.values()) {
            definitions.put(metric.key(), metric.definition());
        }
        definitions.put(Metrics.TASK_INFERENCE_ACCURACY, Metrics.TASK_INFERENCE_ACCURACY_DEFINITION);
        definitions.put(Metrics.ZERO_SHOT_RETENTION, Metrics.ZERO_SHOT_RETENTION_DEFINITION);
        return definitions;
    }

    /** Time for learning and testing; methods of one training each show all of it. */
    public double seconds() {
        return learnSeconds.stream().mapToDouble(d -> d).sum() + predictSeconds.stream().mapToDouble(d -> d).sum();
    }

    static double rounded(double value) {
        return Math.rint(value * 1e4) / 1e4;
    }
}
