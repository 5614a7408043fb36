package dev.itprompt.experiment;

import dev.itprompt.DivergenceException;
import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.continual.AccuracyMatrix;
import dev.itprompt.continual.Metrics;
import dev.itprompt.continual.Protocol;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Need;
import dev.itprompt.method.Training;
import dev.itprompt.report.ReportFiles;
import dev.itprompt.train.Checkpoints;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs the methods that settings name on a scenario and writes what they achieved. */
public final class Experiment {

    /** Makes the learner of a training. */
    @FunctionalInterface
    public interface Learners {
        /** A learner that has learned nothing. */
        Learner create(Training training);
    }

    /**
     * Where a run happens.
     *
     * @param device    kind of the device
     * @param modelHash SHA-256 of the model's weights
     * @param progress  hears how far learners are
     * @param stage     hears which training begins
     */
    public record Surroundings(String device, String modelHash, Progress progress, Consumer<String> stage) {}

    /**
     * What a run gave.
     *
     * @param methods one result per method, in the order of the settings
     * @param heldOut zero-shot classification of the held-out images; null without them
     */
    public record Outcome(List<MethodResult> methods, HeldOutCheck.Scores heldOut) {}

    private static final int LONGEST_FOUND = 80;

    private final ExperimentSettings settings;
    private final ExperimentData data;
    private final Learners learners;
    private final Optional<HeldOutCheck> heldOut;
    private final RunFolder folder;
    private final Surroundings surroundings;

    /**
     * @param heldOut the zero-shot check, if there is one
     * @param folder  for the results
     */
    public Experiment(ExperimentSettings settings, ExperimentData data, Learners learners, Optional<HeldOutCheck> heldOut,
                      RunFolder folder, Surroundings surroundings) {
        this.settings = settings;
        this.data = data;
        this.learners = learners;
        this.heldOut = heldOut;
        this.folder = folder;
        this.surroundings = surroundings;
    }

    /** Runs every training that has not finished yet and writes all files. */
    public Outcome run() {
        List<String> names = settings.methods().names();
        folder.log("start", line -> line.put("device", surroundings.device()).put("seed", settings.seed())
                .<ObjectNode>set("methods", ResultFiles.JSON.valueToTree(names))
                .set("tasks", ResultFiles.JSON.valueToTree(data.taskNames())));
        Map<String, MethodResult> results = new LinkedHashMap<>();
        HeldOutCheck.Scores before = heldOut.map(check -> check.scores("held-out images before", surroundings.progress()))
                .orElse(null);
        for (Training training : Training.of(settings.methods())) {
            String run = training.name();
            Optional<List<MethodResult>> kept = folder.training(run);
            if (kept.isPresent()) {
                if (!kept.get().stream().allMatch(this::fits)) {
                    throw folder.damaged(run, null);
                }
                folder.log("taken over", line -> line.put("training", run));
            }
            kept.orElseGet(() -> train(training, before)).forEach(result -> results.put(result.method(), result));
        }
        List<MethodResult> ordered = names.stream().map(name -> required(results, name)).toList();
        write(ordered, before);
        return new Outcome(ordered, before);
    }

    /** Whether results that a file holds are about these tasks, classes and test images. */
    private boolean fits(MethodResult result) {
        int tasks = data.test().size();
        int images = data.test().stream().mapToInt(ScenarioImages::size).sum();
        return result.accuracy().tasks() == tasks && (result.inferred() == null || result.inferred().tasks() == tasks)
                && IntStream.range(0, tasks).allMatch(task -> result.accuracy().has(task, tasks - 1))
                && result.classes().length == images && within(result.classes(), data.classNames().size())
                && (result.tasks().length == 0 || result.tasks().length == images && within(result.tasks(), tasks));
    }

    private static boolean within(int[] numbers, int end) {
        return Arrays.stream(numbers).allMatch(number -> number >= 0 && number < end);
    }

    /** What a training gave, or a file that says so. */
    private MethodResult required(Map<String, MethodResult> results, String method) {
        MethodResult result = results.get(method);
        if (result == null) {
            throw new InputException(Excerpt.of(folder.path()) + ": expected the results of " + method + ", found those of "
                    + Excerpt.of(results.keySet().toString(), LONGEST_FOUND) + " only; use --force to train again");
        }
        return result;
    }

    private List<MethodResult> train(Training training, HeldOutCheck.Scores before) {
        String run = training.name();
        boolean together = training.needs(Need.ALL_TASKS_AT_ONCE);
        surroundings.stage().accept(run);
        Protocol protocol = new Protocol(data.scenario(), data.train(), data.test());
        try (Learner learner = learners.create(training)) {
            Checkpoints at = folder.checkpoints(run);
            Protocol.Outcome outcome = together
                    ? protocol.runJointly(learner, at, surroundings.progress())
                    : protocol.run(learner, at, surroundings.progress(), (task, answers, learn, predict) ->
                            logTask(run, task, answers, learn, predict));
            if (together) {
                tell("all tasks together", data.scenario().size() - 1, outcome.answers());
            }
            MethodResult.ZeroShot zeroShot = before == null ? null : compare(before,
                    heldOut.orElseThrow().scores("held-out images after", surroundings.progress()));
            List<MethodResult> results = new ArrayList<>();
            outcome.answers().forEach((name, answers) -> results.add(new MethodResult(name, answers.accuracy(), answers.inferred(),
                    answers.last().stream().flatMapToInt(p -> IntStream.of(p.classes())).toArray(),
                    answers.last().stream().flatMapToInt(p -> IntStream.of(p.tasks())).toArray(), outcome.trainable(), zeroShot,
                    outcome.learnSeconds(), outcome.predictSeconds())));
            folder.saveTraining(run, data.classNames(), results, learner);
            at.delete();
            results.forEach(result -> folder.log("method", line -> line.put("method", result.method())
                    .<ObjectNode>set("metrics", ResultFiles.JSON.valueToTree(result.metrics())).put("seconds", result.seconds())));
            return results;
        } catch (DivergenceException e) {
            folder.log("diverged", line -> line.put("training", run).put("reason", e.getMessage()));
            throw e.in(run);
        }
    }

    private static MethodResult.ZeroShot compare(HeldOutCheck.Scores before, HeldOutCheck.Scores after) {
        return new MethodResult.ZeroShot(MethodResult.rounded(before.accuracy(1)), MethodResult.rounded(after.accuracy(1)),
                before.identical(after));
    }

    private void logTask(String run, int task, Map<String, Protocol.Answers> answers, double learn, double predict) {
        answers.forEach((name, a) -> folder.log("task", line -> {
            AccuracyMatrix accuracy = a.accuracy();
            line.put("training", run).put("method", name).put("task", task);
            ArrayNode percent = line.putArray("accuracy");
            IntStream.rangeClosed(0, task).forEach(j -> percent.add(MethodResult.rounded(accuracy.accuracy(j, task))));
            line.put("average", MethodResult.rounded(Metrics.averageAccuracy(accuracy, task)));
            if (a.inferred() != null) {
                line.put("taskInference", MethodResult.rounded(Metrics.taskInferenceAccuracy(a.inferred(), task)));
            }
            line.put("learnSeconds", learn).put("testSeconds", predict);
        }));
        tell("task " + (task + 1) + "/" + data.scenario().size(), task, answers);
    }

    /** The average accuracy of each answer, for those who watch. */
    private void tell(String after, int task, Map<String, Protocol.Answers> answers) {
        surroundings.progress().reached("after " + after + ": " + answers.entrySet().stream()
                .map(answer -> String.format(Locale.ROOT, "%s %.2f", answer.getKey(),
                        Metrics.averageAccuracy(answer.getValue().accuracy(), task)))
                .collect(Collectors.joining(", ")));
    }

    private void write(List<MethodResult> results, HeldOutCheck.Scores before) {
        ObjectNode metrics = ResultFiles.metrics(settings, data, surroundings.device(), surroundings.modelHash(), before, results);
        metrics.set("timings", ResultFiles.timings(results));
        folder.write("metrics.json", ResultFiles.JSON.writeValueAsString(metrics) + "\n");
        folder.write("predictions.csv", ResultFiles.predictions(data, results));
        StringBuilder report = new StringBuilder(Report.comparison(results)).append('\n').append(Report.definitions())
                .append(notes(settings));
        if (before != null) {
            report.append('\n').append(before.describe()).append('\n');
        }
        results.forEach(result -> report.append('\n').append(Report.matrix(result, false)));
        folder.write("report.txt", report.toString());
        ReportFiles.write(folder.path(), data::testPicture).ifPresent(problem -> {
            folder.log("not written", line -> line.put("reason", problem));
            surroundings.progress().reached(problem);
        });
        folder.write(RunFolder.SUMMARY, ResultFiles.JSON.writeValueAsString(ResultFiles.summary(results)) + "\n");
        folder.log("end", line -> line.put("seconds", results.stream().mapToDouble(MethodResult::seconds).sum()));
    }

    /** What methods have that others have not, a line each: they are not to be compared as equals. */
    public static String notes(ExperimentSettings settings) {
        return Training.of(settings.methods()).stream().flatMap(training -> training.needs().stream().filter(need -> need != Need.TEXTS)
                .map(need -> "  " + training.name() + " " + need.words() + ".\n")).collect(Collectors.joining());
    }

    /** Checks that a folder can be the held-out set: none if the setting is empty. */
    public static Optional<Path> heldOutFolder(ExperimentSettings settings, ProjectFolder project) {
        if (settings.heldOut().path().isEmpty()) {
            return Optional.empty();
        }
        Path path = project.resolve(settings.heldOut().path());
        if (!Files.isDirectory(path)) {
            throw new InputException("heldOut.path: expected a folder of captioned images, found none at " + path
                    + "; set it to '' to leave the check out");
        }
        return Optional.of(path);
    }
}
