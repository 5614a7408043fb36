package dev.itprompt.continual;

import java.util.stream.IntStream;

/** The formulas behind {@link Metric}, and the metrics that need more than an accuracy matrix of classes. */
public final class Metrics {

    /** Name of {@link #taskInferenceAccuracy} in tables and files. */
    public static final String TASK_INFERENCE_ACCURACY = "taskInferenceAccuracy";
    /** What {@link #TASK_INFERENCE_ACCURACY} means. */
    public static final String TASK_INFERENCE_ACCURACY_DEFINITION =
            "share in percent of the test images of tasks j <= t whose inferred task is the true one, after the last task";
    /** Name of {@link #zeroShotRetention} in tables and files. */
    public static final String ZERO_SHOT_RETENTION = "zeroShotRetention";
    /** What {@link #ZERO_SHOT_RETENTION} means. */
    public static final String ZERO_SHOT_RETENTION_DEFINITION =
            "zero-shot accuracy on a held-out label set after the last task divided by the same before the first";

    private Metrics() { }

    /** AA_t: the mean over tasks {@code j <= t} of A[j][t], every task counting the same, in percent. */
    public static double averageAccuracy(AccuracyMatrix a, int after) {
        return IntStream.rangeClosed(0, after).mapToDouble(task -> a.accuracy(task, after)).average().orElseThrow();
    }

    /** Right answers over all test images of tasks {@code j <= t} after task {@code t}, in percent. */
    public static double micro(AccuracyMatrix a, int after) {
        long correct = 0;
        long total = 0;
        for (int task = 0; task <= after; task++) {
            if (!a.has(task, after)) {
                throw new IllegalStateException("no accuracy of task " + task + " after task " + after);
            }
            correct += a.correct(task, after);
            total += a.total(task, after);
        }
        return 100.0 * correct / total;
    }

    /**
     * Share of test images whose inferred task is the true one, in percent.
     *
     * @param inferred right and all task inferences in the place of right and all classes
     */
    public static double taskInferenceAccuracy(AccuracyMatrix inferred, int after) {
        return micro(inferred, after);
    }

    /**
     * Zero-shot accuracy after all tasks divided by the one before; exactly 1 when nothing has changed.
     *
     * @param before accuracy before the first task, any unit
     * @param after  accuracy after the last task, same unit
     */
    public static double zeroShotRetention(double before, double after) {
        return before == after ? 1 : after / before;
    }

    static double caa(AccuracyMatrix a) {
        return IntStream.range(0, a.tasks()).mapToDouble(after -> averageAccuracy(a, after)).average().orElseThrow();
    }

    static double ffm(AccuracyMatrix a) {
        int last = a.tasks() - 1;
        return IntStream.range(0, last).mapToDouble(task -> IntStream.range(task, last)
                .mapToDouble(after -> a.accuracy(task, after)).max().orElseThrow() - a.accuracy(task, last)).average().orElse(0);
    }

    static double bwt(AccuracyMatrix a) {
        int last = a.tasks() - 1;
        return IntStream.range(0, last).mapToDouble(task -> a.accuracy(task, last) - a.accuracy(task, task)).average().orElse(0);
    }
}
