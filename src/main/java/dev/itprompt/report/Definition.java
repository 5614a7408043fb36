package dev.itprompt.report;

import dev.itprompt.InputException;
import dev.itprompt.NearestMatch;
import dev.itprompt.continual.Metric;
import dev.itprompt.continual.Metrics;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.BiFunction;

/**
 * Every metric by its name, computed from a run's stored accuracy matrices with their sample counts, answers and costs. A[j][t] is the
 * accuracy in percent on the test images of task j after task t, over the classes seen by then; T is the number of tasks, counted from
 * 0. Where publications call different things "forgetting" or "average accuracy", each has a name of its own after the code that
 * computes it so; with a single task every forgetting is 0.
 */
public enum Definition {

    /** Final average accuracy. */
    FAA(Metric.FAA.key(), Unit.PERCENT, Metric.FAA.definition(), "HiDe-Prompt, VQ-Prompt, mammoth, LibContinual", Needs.LAST,
            (run, m) -> Metric.FAA.of(m.accuracy())),
    /** Cumulative average accuracy. */
    CAA(Metric.CAA.key(), Unit.PERCENT, Metric.CAA.definition(), "VQ-Prompt", Needs.COMPLETE, (run, m) -> Metric.CAA.of(m.accuracy())),
    /** Sample-weighted last accuracy. */
    LAST_MICRO(Metric.LAST_MICRO.key(), Unit.PERCENT, Metric.LAST_MICRO.definition(), "avalanche (stream accuracy), LibContinual (overall)",
            Needs.LAST, (run, m) -> Metric.LAST_MICRO.of(m.accuracy())),
    /** Mean of the sample-weighted accuracies. */
    MEAN_MICRO("meanMicro", Unit.PERCENT, "mean over t of the sample-weighted accuracy over the test images of tasks j <= t after task t",
            "CODA-Prompt", Needs.COMPLETE, (run, m) -> Formulas.meanMicro(m.accuracy(), false)),
    /** The same of rounded numbers. */
    MEAN_MICRO_PILOT("meanMicro-pilot", Unit.PERCENT, "as meanMicro, each accuracy rounded to 2 decimals first", "LAMDA-PILOT",
            Needs.COMPLETE, (run, m) -> Formulas.meanMicro(m.accuracy(), true)),
    /** Every class counting the same. */
    CLASS_MEAN("classMean", Unit.PERCENT, "mean over classes of the accuracy on the class's test images after the last task",
            "balanced accuracy", Needs.ANSWERS, (run, m) -> Formulas.classMean(ClassCounts.of(run, m))),
    /** The worst class. */
    CLASS_WORST("classWorst", Unit.PERCENT, "lowest accuracy of any class on its test images after the last task", "", Needs.ANSWERS,
            (run, m) -> Formulas.classWorst(ClassCounts.of(run, m))),

    /** Final forgetting measure. */
    FFM(Metric.FFM.key(), Unit.POINTS, Metric.FFM.definition(), "VQ-Prompt (forgetting-vq)", Needs.COMPLETE, (run, m) -> Metric.FFM.of(m.accuracy())),
    /** PILOT's. */
    FORGETTING_PILOT("forgetting-pilot", Unit.POINTS, "mean over j < T-1 of (max over t of A[j][t]) - A[j][T-1], accuracies rounded to 2 decimals "
            + "first; never negative", "LAMDA-PILOT", Needs.COMPLETE, (run, m) -> Formulas.forgettingFromBest(m.accuracy(), true)),
    /** mammoth's. */
    FORGETTING_MAMMOTH("forgetting-mammoth", Unit.POINTS, "mean over j < T-1 of (max over t of A[j][t]) - A[j][T-1]; never negative", "mammoth",
            Needs.COMPLETE, (run, m) -> Formulas.forgettingFromBest(m.accuracy(), false)),
    /** HiDe-Prompt's. */
    FORGETTING_HIDE("forgetting-hide", Unit.POINTS, "mean over j < T-1 of (max over t <= T-1 of A[j][t]) - A[j][T-1]: the last task counts in the max; "
            + "never negative", "HiDe-Prompt", Needs.COMPLETE, (run, m) -> Formulas.forgettingFromBest(m.accuracy(), false)),
    /** VQ-Prompt's. */
    FORGETTING_VQ("forgetting-vq", Unit.POINTS, "mean over j < T-1 of (max over t < T-1 of A[j][t]) - A[j][T-1]: strictly before the last task; can be "
            + "negative", "VQ-Prompt", Needs.COMPLETE, (run, m) -> Metric.FFM.of(m.accuracy())),
    /** CODA-Prompt's. */
    FORGETTING_CODA("forgetting-coda", Unit.POINTS, "sum over t >= 1 and j < t of the consecutive drops (A[j][t-1] - A[j][t]) / (t+1), divided by T-1",
            "CODA-Prompt", Needs.COMPLETE, (run, m) -> Formulas.forgettingCoda(m.accuracy())),
    /** avalanche's. */
    FORGETTING_AVALANCHE("forgetting-avalanche", Unit.POINTS, "mean over j < T-1 of A[j][j] - A[j][T-1]: first recorded minus last; can be negative",
            "avalanche", Needs.COMPLETE, (run, m) -> 0 - Metric.BWT.of(m.accuracy())),
    /** LibContinual's. */
    FORGETTING_LIBCONTINUAL("forgetting-libcontinual", Unit.POINTS, "sum over j < T-2 of A[j][j] - A[j][T-1], divided by T-1: without the last two tasks; "
            + "can be negative", "LibContinual", Needs.COMPLETE, (run, m) -> Formulas.forgettingLibContinual(m.accuracy())),

    /** Backward transfer. */
    BWT(Metric.BWT.key(), Unit.POINTS, Metric.BWT.definition(), "Lopez-Paz and Ranzato 2017", Needs.COMPLETE, (run, m) -> Metric.BWT.of(m.accuracy())),
    /** Forward transfer. */
    FWT("FWT", Unit.POINTS, "forward transfer: mean over j >= 1 of A[j][j-1] - b[j], b[j] being the accuracy on task j before anything was learned",
            "Lopez-Paz and Ranzato 2017", Needs.FUTURE_AND_INITIAL, (run, m) -> Formulas.forwardTransfer(m.accuracy(), m.initial())),
    /** Transfer of the multi-domain task-incremental benchmark. */
    TRANSFER("transfer", Unit.PERCENT, "mean over j >= 1 of the mean over t < j of A[j][t]: on tasks not learned yet", "MTIL (ZSCL, Zheng et al. 2023)",
            Needs.FUTURE, (run, m) -> Formulas.transfer(m.accuracy())),
    /** Average of the same. */
    AVERAGE("average", Unit.PERCENT, "mean over j of the mean over all t of A[j][t], tasks not learned yet included", "MTIL (ZSCL, Zheng et al. 2023)",
            Needs.FUTURE, (run, m) -> Formulas.average(m.accuracy())),
    /** Last of the same. */
    LAST("last", Unit.PERCENT, "mean over j of A[j][T-1]; the same as FAA", "MTIL (ZSCL, Zheng et al. 2023)", Needs.LAST,
            (run, m) -> Metric.FAA.of(m.accuracy())),

    /** Task inference. */
    TASK_INFERENCE(Metrics.TASK_INFERENCE_ACCURACY, Unit.PERCENT, Metrics.TASK_INFERENCE_ACCURACY_DEFINITION, "HiDe-Prompt", Needs.TASKS,
            (run, m) -> Metrics.taskInferenceAccuracy(m.inferred().orElseThrow(), m.accuracy().tasks() - 1)),
    /** Calibration. */
    ECE("ECE", Unit.PERCENT, "expected calibration error after the last task: mean over " + Formulas.BINS + " equal bins of confidence of |accuracy - mean "
            + "confidence|, weighted by the images in the bin; confidence is the answer's share in the softmax of scores, and methods whose scores are no "
            + "logits have none", "Guo et al. 2017", Needs.CONFIDENCE, Formulas::calibrationError),
    /** Transfer as MTIL has it: only classes of an image's own task compete. */
    TRANSFER_TOLD("transferTold", Unit.PERCENT, "transfer where the task of each test image is told, so that only its classes compete",
            "MTIL (ZSCL, Zheng et al. 2023)", Needs.FUTURE_TOLD, (run, m) -> Formulas.transfer(m.told().orElseThrow())),
    /** Average of the same. */
    AVERAGE_TOLD("averageTold", Unit.PERCENT, "average where the task of each test image is told", "MTIL (ZSCL, Zheng et al. 2023)", Needs.FUTURE_TOLD,
            (run, m) -> Formulas.average(m.told().orElseThrow())),
    /** Last of the same. */
    LAST_TOLD("lastTold", Unit.PERCENT, "last where the task of each test image is told", "MTIL (ZSCL, Zheng et al. 2023)", Needs.TOLD,
            (run, m) -> Metric.FAA.of(m.told().orElseThrow())),
    /** Zero-shot retention. */
    ZERO_SHOT(Metrics.ZERO_SHOT_RETENTION, Unit.RATIO, Metrics.ZERO_SHOT_RETENTION_DEFINITION, "", Needs.HELD_OUT,
            (run, m) -> Metrics.zeroShotRetention(m.zeroShot().orElseThrow().before(), m.zeroShot().orElseThrow().after())),

    /** Trained numbers. */
    TRAINABLE("trainable", Unit.COUNT, "numbers trained over all tasks: prompts, keys, heads", "", Needs.NOTHING,
            (run, m) -> m.trainable().values().stream().mapToDouble(Long::doubleValue).sum()),
    /** Query passes. */
    QUERY_PASSES(RunReader.QUERY_PASSES, Unit.COUNT, "forward passes of a test image through the image tower before the one whose features are classified",
            "", Needs.QUERIES, (run, m) -> m.cost().queryPasses().orElseThrow()),
    /** Learned state. */
    STATE_BYTES("stateBytes", Unit.BYTES, "size of the file with all that the training learned; methods of one training share it", "", Needs.STATE,
            (run, m) -> m.cost().stateBytes().orElseThrow()),
    /** Learning time. */
    LEARN_SECONDS("learnSeconds", Unit.SECONDS, "wall time of learning all tasks; methods from one training each show all of it", "", Needs.TIMES,
            (run, m) -> Formulas.sum(m.cost().learnSeconds())),
    /** Test time. */
    TEST_SECONDS("testSeconds", Unit.SECONDS, "wall time of all tests; methods from one training each show all of it", "", Needs.TIMES,
            (run, m) -> Formulas.sum(m.cost().testSeconds())),
    /** Test throughput. */
    TEST_RATE("testRate", Unit.RATE, "test images per second of testSeconds, each image counted as often as it was tested", "", Needs.TIMES,
            (run, m) -> Formulas.tested(m.accuracy()) / Formulas.sum(m.cost().testSeconds()));

    private final String key;
    private final Unit unit;
    private final String meaning;
    private final String source;
    private final Needs needs;
    private final BiFunction<RunRecord, MethodRecord, Number> formula;

    Definition(String key, Unit unit, String meaning, String source, Needs needs, BiFunction<RunRecord, MethodRecord, Number> formula) {
        this.key = key;
        this.unit = unit;
        this.meaning = meaning;
        this.source = source;
        this.needs = needs;
        this.formula = formula;
    }

    /** The metrics of a summary, the others being for those who ask. */
    public static final List<Definition> HEADLINE = List.of(FAA, CAA, FFM, BWT, LAST_MICRO, TASK_INFERENCE, ZERO_SHOT);

    /** The name. */
    public String key() {
        return key;
    }

    /** What it counts. */
    public Unit unit() {
        return unit;
    }

    /** What the name means, in one line. */
    public String meaning() {
        return meaning;
    }

    /** Whose definition it is; empty if it is this project's own or goes without saying. */
    public String source() {
        return source;
    }

    /** What has to be stored for it, in words. */
    public String needs() {
        return needs.text();
    }

    /** Whether it depends on the machine and its load, so that the same run again gives another number. */
    public boolean isTiming() {
        return needs == Needs.TIMES;
    }

    /** Its value; empty if what it needs has not been stored. */
    public OptionalDouble of(RunRecord run, MethodRecord method) {
        return needs.isThere(method) ? OptionalDouble.of(formula.apply(run, method).doubleValue()) : OptionalDouble.empty();
    }

    /**
     * A metric by its name.
     *
     * @throws InputException if there is none; names the nearest
     */
    public static Definition named(String name) {
        return Arrays.stream(values()).filter(definition -> definition.key.equalsIgnoreCase(name)).findFirst()
                .orElseThrow(() -> new InputException("--define: expected the name of a metric, found " + name
                        + NearestMatch.hint(name, Arrays.stream(values()).map(Definition::key).toList())));
    }
}
