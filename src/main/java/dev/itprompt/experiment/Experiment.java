package dev.itprompt.experiment;

import dev.itprompt.DivergenceException;
import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.continual.AccuracyMatrix;
import dev.itprompt.continual.Metrics;
import dev.itprompt.continual.Protocol;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureStore;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.Passes;
import dev.itprompt.method.Run;
import dev.itprompt.method.Training;
import dev.itprompt.prompt.PoolUse;
import dev.itprompt.report.ReportFiles;
import dev.itprompt.store.FeatureRows;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.PartsPlace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A run of an experiment with one seed, ready to begin.
 *
 * @param settings the run's settings
 * @param data     the data set cut into tasks
 * @param backbone the model on the device
 * @param heldOut  the zero-shot check, if there is one
 * @param hash     SHA-256 of the checkpoint
 * @param earlier  the run that this one goes on with, if it does
 * @param features prompt-free features of other runs
 */
public record Experiment(ExperimentSettings settings, ExperimentData data, Backbone backbone, Optional<HeldOutCheck> heldOut, String hash,
                         Optional<EarlierRun> earlier, FeatureRows features) {

    private static final int LONGEST_FOUND = 80;
    /** Images of each task that are decoded to find out how large they are. */
    private static final int DECODED = 8;

    /**
     * What a run gave.
     *
     * @param methods one result per method, in the order of the settings
     * @param heldOut zero-shot classification of the held-out images; null without them
     */
    public record Outcome(List<MethodResult> methods, HeldOutCheck.Scores heldOut) {}

    /**
     * Cuts the data set into tasks.
     *
     * @param settings those that the inputs were read by, with any seed
     * @throws InputException if a class has no images, or the split does not fit
     */
    public static Experiment of(ExperimentSettings settings, Inputs inputs) {
        Optional<EarlierRun> earlier = EarlierRun.of(settings, inputs.project());
        ExperimentData data = ExperimentData.of(inputs.images(), settings, inputs.preprocess(), earlier, inputs.project());
        return new Experiment(settings, data, inputs.backbone(), inputs.heldOut(), inputs.hash(), earlier, inputs.features());
    }

    /** Memory that each method's largest step needs. */
    public StepPlans plans() {
        return StepPlans.of(methodRun(), Training.of(settings.methods()), lastTask(), keptFeatures(), decoded());
    }

    /** Passes of images through the image tower that a run of all its methods takes, as if nothing were known before. */
    public Passes passes() {
        List<Passes.TaskSize> tasks = IntStream.range(0, data.scenario().size())
                .mapToObj(t -> new Passes.TaskSize(data.train().get(t).size(), data.test().get(t).size())).toList();
        List<Training> trainings = Training.of(settings.methods());
        long heldOutPasses = heldOut.map(check -> (1L + trainings.size()) * check.size()).orElse(0L);
        return trainings.stream().map(training -> training.passes(backbone.model().vision(), tasks))
                .reduce(new Passes(data.trainSize() + data.testSize() + heldOutPasses, 0), Passes::plus);
    }

    private StepPlans.Decoded decoded() {
        return new StepPlans.Decoded(Stream.concat(data.train().stream(), data.test().stream()).mapToLong(images -> images.cachedBytes(DECODED)).sum(),
                (long) settings.image().cache() << 20);
    }

    /**
     * Refuses methods that Java's heap has no room for.
     *
     * @param most bytes that it may have
     * @throws InputException if there is one; says what to set
     */
    public void requireHeap(long most) {
        StepPlans.requireHeap(methodRun(), Training.of(settings.methods()), keptFeatures(), most);
    }

    private StepPlans.Features keptFeatures() {
        int images = data.trainSize() + data.testSize();
        long bytes = (long) images * backbone.features() * Float.BYTES;
        return new StepPlans.Features(images, bytes, features.mayTake(bytes));
    }

    /**
     * The same experiment, with blocks computed again in the backward pass of the methods whose training step needs more memory otherwise.
     *
     * @param bytes that the process may need for a step
     * @throws InputException if that does not help
     */
    public Experiment within(long bytes) {
        ExperimentSettings less = settings.with(StepPlans.within(bytes, methodRun(), settings.methods(), lastTask()));
        return less.equals(settings) ? this : new Experiment(less, data, backbone, heldOut, hash, earlier, features);
    }

    /** The same experiment, with the parts of training steps computed elsewhere. */
    public Experiment trainedAt(PartsPlace place) {
        return new Experiment(settings, data, backbone.trainedAt(place), heldOut, hash, earlier, features);
    }

    private Method.LastTask lastTask() {
        int last = data.scenario().size() - 1;
        return new Method.LastTask(last, data.scenario().firstLabel(last));
    }

    private Run methodRun() {
        return Run.of(backbone, new RandomStreams(settings.seed()), data.classNames(), settings.model().template(),
                settings.model().encodeBatch(), features, data.taskOfTestImage());
    }

    /**
     * Runs every training that has not finished yet and writes all files.
     *
     * @param device   its kind, as results name it
     * @param progress hears how far it is
     */
    public Outcome run(RunFolder folder, String device, Progress progress) {
        Run run = methodRun();
        List<String> names = settings.methods().names();
        folder.log("start", line -> line.put("device", device).put("seed", settings.seed())
                .<ObjectNode>set("methods", ResultFiles.JSON.valueToTree(names))
                .set("tasks", ResultFiles.JSON.valueToTree(data.taskNames())));
        Map<String, MethodResult> results = new LinkedHashMap<>();
        HeldOutCheck.Scores before = heldOut.map(check -> check.scores("held-out images before", progress)).orElse(null);
        for (Training training : Training.of(settings.methods())) {
            Optional<List<MethodResult>> kept = folder.training(training.name());
            if (kept.isPresent()) {
                if (!kept.get().stream().allMatch(this::fits)) {
                    throw folder.damaged(training.name());
                }
                folder.log("taken over", line -> line.put("training", training.name()));
            }
            kept.orElseGet(() -> train(run, training, before, folder, progress)).forEach(result -> results.put(result.method(), result));
        }
        features.flush();
        FeatureStore.Tally tally = run.store().tally();
        folder.log("features", line -> line.put("computed", tally.computed()).put("found", tally.found()).put("seconds", tally.seconds()));
        List<MethodResult> ordered = names.stream().map(name -> required(results, name, folder)).toList();
        write(ordered, before, folder, device, progress);
        return new Outcome(ordered, before);
    }

    /** Whether results that a file holds are about these tasks, classes and test images. */
    private boolean fits(MethodResult result) {
        int tasks = data.test().size();
        int images = data.test().stream().mapToInt(ScenarioImages::size).sum();
        return result.accuracy().tasks() == tasks && (result.inferred() == null || result.inferred().tasks() == tasks)
                && IntStream.range(0, tasks).allMatch(task -> result.accuracy().has(task, tasks - 1))
                && result.classes().length == images && within(result.classes(), data.classNames().size())
                && (result.tasks().length == 0 || result.tasks().length == images && within(result.tasks(), tasks))
                && (result.confidences().length == 0 || result.confidences().length == images
                && Arrays.stream(result.confidences()).allMatch(confidence -> confidence >= 0 && confidence <= 1));
    }

    private static boolean within(int[] numbers, int end) {
        return Arrays.stream(numbers).allMatch(number -> number >= 0 && number < end);
    }

    /** What a training gave, or a file that says so. */
    private static MethodResult required(Map<String, MethodResult> results, String method, RunFolder folder) {
        MethodResult result = results.get(method);
        if (result == null) {
            throw new InputException(Excerpt.of(folder.path()) + ": expected the results of " + method + ", found those of "
                    + Excerpt.of(results.keySet().toString(), LONGEST_FOUND) + " only; use --force to train again");
        }
        return result;
    }

    private List<MethodResult> train(Run run, Training training, HeldOutCheck.Scores before, RunFolder folder, Progress progress) {
        String name = training.name();
        boolean together = training.needs(Need.ALL_TASKS_AT_ONCE);
        progress.begins(name);
        Progress logged = new LoggedSteps(folder, name, progress);
        Protocol protocol = new Protocol(data.scenario(), data.train(), data.test());
        try (Learner learner = training.create(run)) {
            Checkpoints at = folder.checkpoints(name);
            Protocol.Outcome outcome = together
                    ? protocol.runJointly(learner, at, logged)
                    : protocol.run(learner, takeOver(training, learner), at, logged, (task, answers, learn, predict) ->
                            {
                                logTask(folder, name, task, answers, learn, predict);
                                tell(progress, "task " + (task + 1) + "/" + data.scenario().size(), task, answers);
                            });
            if (together) {
                tell(progress, "all tasks together", data.scenario().size() - 1, outcome.answers());
            }
            MethodResult.ZeroShot zeroShot = before == null ? null : compare(before,
                    heldOut.orElseThrow().scores("held-out images after", progress));
            List<MethodResult> results = new ArrayList<>();
            outcome.answers().forEach((answer, answers) -> results.add(new MethodResult(answer, answers.accuracy(), answers.inferred(), answers.told(),
                    answers.last().stream().flatMapToInt(p -> IntStream.of(p.classes())).toArray(),
                    answers.last().stream().flatMapToInt(p -> IntStream.of(p.tasks())).toArray(),
                    answers.last().stream().flatMapToDouble(p -> DoubleStream.of(p.confidences())).map(Experiment::sixPlaces).toArray(), pools(answers.last()),
                    outcome.trainable(), OptionalInt.of(learner.queryPasses()), zeroShot, outcome.learnSeconds(), outcome.predictSeconds())));
            folder.saveTraining(name, data.classNames(), results, learner);
            at.delete();
            results.forEach(result -> folder.log("method", line -> line.put("method", result.method())
                    .<ObjectNode>set("metrics", ResultFiles.JSON.valueToTree(result.metrics())).put("seconds", result.seconds())));
            return results;
        } catch (DivergenceException e) {
            folder.log("diverged", line -> line.put("training", name).put("reason", e.getMessage()));
            throw e.in(name);
        }
    }

    private static Map<String, PoolUse> pools(List<Protocol.Predictions> last) {
        Map<String, PoolUse> all = last.stream().map(Protocol.Predictions::pools).reduce(Map.of(), PoolUse::sum);
        Map<String, PoolUse> rounded = new LinkedHashMap<>();
        all.forEach((name, use) -> rounded.put(name, new PoolUse(use.images(), Arrays.stream(use.sums()).map(Experiment::sixPlaces).toArray(), use.weighed())));
        return rounded;
    }

    private static double sixPlaces(double value) {
        return Math.rint(value * 1e6) / 1e6;
    }

    /** What the learner knows of an earlier run, if there is one and it has learned there. */
    private Protocol.Earlier takeOver(Training training, Learner learner) {
        return earlier.flatMap(run -> run.takeOver(training, learner, data.scenario().size(), hash)).orElse(Protocol.Earlier.NONE);
    }

    private static MethodResult.ZeroShot compare(HeldOutCheck.Scores before, HeldOutCheck.Scores after) {
        return new MethodResult.ZeroShot(MethodResult.rounded(before.accuracy(1)), MethodResult.rounded(after.accuracy(1)),
                before.identical(after));
    }

    private static void logTask(RunFolder folder, String training, int task, Map<String, Protocol.Answers> answers, double learn, double predict) {
        answers.forEach((name, a) -> folder.log("task", line -> {
            AccuracyMatrix accuracy = a.accuracy();
            line.put("training", training).put("method", name).put("task", task);
            ArrayNode percent = line.putArray("accuracy");
            IntStream.rangeClosed(0, task).forEach(j -> percent.add(MethodResult.rounded(accuracy.accuracy(j, task))));
            line.put("average", MethodResult.rounded(Metrics.averageAccuracy(accuracy, task)));
            if (a.inferred() != null) {
                line.put("taskInference", MethodResult.rounded(Metrics.taskInferenceAccuracy(a.inferred(), task)));
            }
            line.put("learnSeconds", learn).put("testSeconds", predict);
        }));
    }

    /** The average accuracy of each answer, for those who watch. */
    private static void tell(Progress progress, String after, int task, Map<String, Protocol.Answers> answers) {
        progress.reached("after " + after + ": " + answers.entrySet().stream()
                .map(answer -> String.format(Locale.ROOT, "%s %.2f", answer.getKey(),
                        Metrics.averageAccuracy(answer.getValue().accuracy(), task)))
                .collect(Collectors.joining(", ")));
    }

    private void write(List<MethodResult> results, HeldOutCheck.Scores before, RunFolder folder, String device, Progress progress) {
        ObjectNode metrics = ResultFiles.metrics(settings, data, device, hash, before, results);
        metrics.set("timings", ResultFiles.timings(results));
        folder.write("metrics.json", ResultFiles.JSON.writeValueAsString(metrics) + "\n");
        folder.write("predictions.csv", ResultFiles.predictions(data, results));
        StringBuilder report = new StringBuilder(Report.comparison(results)).append('\n').append(Report.definitions())
                .append(Report.notes(settings));
        if (before != null) {
            report.append('\n').append(before.describe()).append('\n');
        }
        results.forEach(result -> report.append('\n').append(Report.matrix(result, false)));
        folder.write("report.txt", report.toString());
        ReportFiles.write(folder.path(), data::testPicture).ifPresent(problem -> {
            folder.log("not written", line -> line.put("reason", problem));
            progress.reached(problem);
        });
        folder.write(RunFolder.SUMMARY, ResultFiles.JSON.writeValueAsString(ResultFiles.summary(results)) + "\n");
        folder.log("end", line -> line.put("seconds", results.stream().mapToDouble(MethodResult::seconds).sum()));
    }
}
