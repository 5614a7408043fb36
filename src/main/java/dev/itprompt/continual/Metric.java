package dev.itprompt.continual;

import java.util.function.ToDoubleFunction;

/**
 * The summary metrics of an accuracy matrix A, each with the name of its definition. A[j][t] is the accuracy in percent on
 * the test images of task j after task t, over the classes seen by then, or over all classes where task j comes after t; T is the number
 * of tasks, counted from 0.
 * Accuracies are in percent, differences in percentage points.
 */
public enum Metric {

    /** Final average accuracy. */
    FAA("FAA", "final average accuracy: mean over tasks j of A[j][T-1]", a -> Metrics.averageAccuracy(a, a.tasks() - 1)),
    /** Cumulative average accuracy. */
    CAA("CAA", "cumulative average accuracy: mean over t of AA_t, AA_t being the mean over j <= t of A[j][t]", Metrics::caa),
    /** Final forgetting measure. */
    FFM("FFM", "final forgetting measure: mean over j < T-1 of (max over t < T-1 of A[j][t]) - A[j][T-1]; 0 for one task",
            Metrics::ffm),
    /** Backward transfer. */
    BWT("BWT", "backward transfer: mean over j < T-1 of A[j][T-1] - A[j][j]; 0 for one task", Metrics::bwt),
    /** Sample-weighted last accuracy. */
    LAST_MICRO("lastMicro", "sample-weighted accuracy over the test images of all tasks after the last task",
            a -> Metrics.micro(a, a.tasks() - 1));

    private final String key;
    private final String definition;
    private final ToDoubleFunction<AccuracyMatrix> formula;

    Metric(String key, String definition, ToDoubleFunction<AccuracyMatrix> formula) {
        this.key = key;
        this.definition = definition;
        this.formula = formula;
    }

    /** The name in tables and files. */
    public String key() {
        return key;
    }

    /** What the name means, in one line. */
    public String definition() {
        return definition;
    }

    /**
     * The value for a complete matrix.
     *
     * @throws IllegalStateException if an entry with {@code j <= t} is missing
     */
    public double of(AccuracyMatrix accuracies) {
        return formula.applyAsDouble(accuracies);
    }
}
