package dev.itprompt.continual;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.data.ImageKey;
import dev.itprompt.data.Images;
import dev.itprompt.data.TaskImages;
import dev.itprompt.method.Learner;
import dev.itprompt.prompt.PoolUse;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.State;
import dev.itprompt.train.Stateful;
import dev.itprompt.train.StoppedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The class-incremental protocol: a learner sees the tasks one after another and is tested after each on the test images of
 * all tasks so far, without being told which task an image belongs to. Classifiers that know classes before they are learned are tested
 * on the tasks to come as well, and on all tasks before the first, among all classes of the scenario.
 *
 * @param scenario the tasks
 * @param train    training images of each task, labels by position in the class order
 * @param test     test images of each task, likewise; at least one each
 */
public record Protocol(Scenario scenario, List<? extends TaskImages> train, List<? extends TaskImages> test) {

    /** Checks that there are images for every task. */
    public Protocol {
        train = List.copyOf(train);
        test = List.copyOf(test);
        if (train.size() != scenario.size() || test.size() != scenario.size()) {
            throw new IllegalArgumentException(scenario.size() + " tasks, but images for " + train.size() + " and " + test.size());
        }
    }

    /**
     * Answers for a task's test images.
     *
     * @param classes     predicted classes
     * @param tasks       inferred tasks; empty when none are inferred
     * @param told        predicted classes where only those of the image's own task compete
     * @param confidences probability of each predicted class; empty when scores are no probabilities
     * @param pools       how the images used prompt pools, by name
     */
    public record Predictions(int[] classes, int[] tasks, int[] told, double[] confidences, Map<String, PoolUse> pools) {

        private static final Predictions NONE = new Predictions(new int[0], new int[0], new int[0], new double[0], Map.of());

        private Predictions withoutTasks() {
            return new Predictions(classes, new int[0], told, confidences, pools);
        }
    }

    /**
     * What one of a learner's classifiers answered.
     *
     * @param accuracy right classes
     * @param inferred right task inferences; null if it infers no tasks
     * @param told     right classes where the task of each test image is told, so that only its classes compete; null for results of a former
     *                 version that did not count them
     * @param last     answers after the last task for each task's test images
     */
    public record Answers(AccuracyMatrix accuracy, AccuracyMatrix inferred, AccuracyMatrix told, List<Predictions> last) {}

    /**
     * What a learner achieved.
     *
     * @param answers        by name of the classifier
     * @param trainable      trainable numbers by part, after the last task
     * @param learnSeconds   of each task
     * @param predictSeconds of the test after each task
     */
    public record Outcome(Map<String, Answers> answers, Map<String, Long> trainable, List<Double> learnSeconds,
                          List<Double> predictSeconds) {}

    /**
     * Tasks that a learner has learned in an earlier run.
     *
     * @param tasks          how many of the scenario's first ones
     * @param answers        of each classifier so far, in matrices of the whole scenario; {@code last} is empty
     * @param learnSeconds   of each of these tasks
     * @param predictSeconds likewise
     */
    public record Earlier(int tasks, Map<String, Answers> answers, List<Double> learnSeconds, List<Double> predictSeconds) {

        /** None. */
        public static final Earlier NONE = new Earlier(0, Map.of(), List.of(), List.of());
    }

    /** Hears of every task that has been learned and tested. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Called after the test that follows a task.
         *
         * @param task    its number, from 0
         * @param answers of each classifier so far; {@code last} is empty before the last task
         */
        void tested(int task, Map<String, Answers> answers, double learnSeconds, double predictSeconds);
    }

    /**
     * Runs a learner through all tasks, or through what an interrupted training has left of them.
     *
     * @param earlier what the learner has learned already
     * @param at      where an interrupted training goes on
     * @throws IllegalStateException if the learner's answers do not fit: a wrong number of them, a class not seen yet, or
     *                               another set of classifiers than before
     * @throws DivergenceException   if the training diverges; says in which task, stage and step
     * @throws StoppedException      if the process was asked to stop; the state is saved
     */
    public Outcome run(Learner learner, Earlier earlier, Checkpoints at, Progress progress, Listener listener) {
        Results results = new Results(earlier);
        begin(learner, results, at);
        try {
            if (earlier.tasks() == 0) {
                at.stage(() -> recordAhead(results::before, results::told, learner, AccuracyMatrix.BEFORE, "test before task 1/" + scenario.size(), progress));
            }
            for (int t = earlier.tasks(); t < scenario.size(); t++) {
                int task = t;
                results.timeLeft().ifPresent(left -> progress.expects(left.least(), left.most()));
                long start = System.nanoTime();
                at.stage(() -> {
                    learner.learn(new Learner.Task(task, scenario.firstLabel(task), scenario.seen(task), train.get(task)), at, progress);
                    results.learnSeconds.add((System.nanoTime() - start) / 1e9);
                });
                long learned = System.nanoTime();
                at.stage(() -> {
                    String stage = "test after task " + (task + 1) + "/" + scenario.size();
                    record(results, predictAll(learner, task, stage, progress), task, bound(learner, task));
                    recordAhead(name -> results.answers.get(name).accuracy(), name -> results.answers.get(name).told(), learner, task, stage, progress);
                    results.predictSeconds.add((System.nanoTime() - learned) / 1e9);
                    listener.tested(task, results.answers, results.learnSeconds.getLast(), results.predictSeconds.getLast());
                });
            }
        } catch (StoppedException e) {
            throw at.saved(e);
        }
        return results.outcome(learner);
    }

    /**
     * Shows a learner the images of all tasks as one task, for an upper bound; only the state after the last task is tested.
     *
     * @throws StoppedException if the process was asked to stop; the state is saved
     */
    public Outcome runJointly(Learner learner, Checkpoints at, Progress progress) {
        Results results = new Results(Earlier.NONE);
        begin(learner, results, at);
        int last = scenario.size() - 1;
        try {
            long start = System.nanoTime();
            at.stage(() -> {
                learner.learn(new Learner.Task(0, 0, scenario.classes(), new JoinedImages(train)), at, progress);
                results.learnSeconds.add((System.nanoTime() - start) / 1e9);
            });
            long learned = System.nanoTime();
            at.stage(() -> {
                List<Map<String, Predictions>> predictions = predictAll(learner, last, "test", progress);
                predictions.forEach(answers -> answers.replaceAll((_, p) -> p.withoutTasks()));
                record(results, predictions, last, scenario.classes());
                results.predictSeconds.add((System.nanoTime() - learned) / 1e9);
            });
        } catch (StoppedException e) {
            throw at.saved(e);
        }
        return results.outcome(learner);
    }

    private static void begin(Learner learner, Results results, Checkpoints at) {
        at.restore(state -> {
            learner.visit(state.in("learner"));
            results.visit(state.in("results"));
        });
    }

    /** What has been found so far. */
    private final class Results implements Stateful {

        private final Map<String, Answers> answers = new LinkedHashMap<>();
        /** Of classifiers that were tested before the first task. */
        private final Map<String, AccuracyMatrix> before = new LinkedHashMap<>();
        private final Map<String, AccuracyMatrix> told = new LinkedHashMap<>();
        private final List<Double> learnSeconds = new ArrayList<>();
        private final List<Double> predictSeconds = new ArrayList<>();

        Results(Earlier earlier) {
            answers.putAll(earlier.answers());
            learnSeconds.addAll(earlier.learnSeconds());
            predictSeconds.addAll(earlier.predictSeconds());
        }

        Outcome outcome(Learner learner) {
            return new Outcome(answers, new LinkedHashMap<>(learner.trainable()), learnSeconds, predictSeconds);
        }

        /** Of the tasks that have not been learned yet. */
        Optional<TimeLeft> timeLeft() {
            return TimeLeft.of(IntStream.range(0, scenario.size())
                    .mapToObj(t -> new TimeLeft.Work(train.get(t).size(), test.get(t).size(), scenario.seen(t))).toList(), learnSeconds, predictSeconds);
        }

        /** A classifier's matrix before its first test; what it knew before the first task is in it. */
        AccuracyMatrix before(String name) {
            return before.computeIfAbsent(name, _ -> new AccuracyMatrix(scenario.size()));
        }

        /** The same with told tasks. */
        AccuracyMatrix told(String name) {
            return told.computeIfAbsent(name, _ -> new AccuracyMatrix(scenario.size()));
        }

        @Override
        public void visit(State state) {
            visit(state, "learn-seconds", learnSeconds);
            visit(state, "predict-seconds", predictSeconds);
            names(state, "before", before.keySet()).forEach(name -> before(name).visit(state.in("before." + name)));
            names(state, "told", told.keySet()).forEach(name -> told(name).visit(state.in("told." + name)));
            names(state, "answers", answers.keySet())
                    .forEach(name -> answers.put(name, visit(state.in("answer." + name), name, answers.get(name))));
        }

        private static List<String> names(State state, String key, Set<String> present) {
            return Arrays.stream(state.text(key, String.join("\n", present)).split("\n")).filter(name -> !name.isEmpty()).toList();
        }

        private static void visit(State state, String name, List<Double> list) {
            double[] values = state.doubles(name, list.stream().mapToDouble(Double::doubleValue).toArray());
            list.clear();
            DoubleStream.of(values).forEach(list::add);
        }

        private Answers visit(State state, String name, Answers present) {
            boolean infers = state.flag("infers", present != null && present.inferred() != null);
            Answers result = present != null ? present : new Answers(new AccuracyMatrix(scenario.size()),
                    infers ? new AccuracyMatrix(scenario.size()) : null, told(name), new ArrayList<>());
            result.accuracy().visit(state.in("accuracy"));
            if (infers) {
                result.inferred().visit(state.in("inferred"));
            }
            int count = state.integer("last", result.last().size());
            for (int j = 0; j < count; j++) {
                Predictions last = state.isLoading() ? Predictions.NONE : result.last().get(j);
                Predictions visited = new Predictions(visit(state, "classes." + j, last.classes()), visit(state, "tasks." + j, last.tasks()),
                        new int[0], state.doubles("confidences." + j, last.confidences()), visit(state.in("pools." + j), last.pools()));
                if (state.isLoading()) {
                    result.last().add(visited);
                }
            }
            return result;
        }

        private static Map<String, PoolUse> visit(State state, Map<String, PoolUse> present) {
            Map<String, PoolUse> visited = new LinkedHashMap<>();
            for (String name : names(state, "names", present.keySet())) {
                PoolUse use = present.getOrDefault(name, new PoolUse(0, new double[0], false));
                visited.put(name, new PoolUse(state.integer(name + ".images", use.images()), state.doubles(name + ".sums", use.sums()),
                        state.flag(name + ".weighed", use.weighed())));
            }
            return visited;
        }

        private static int[] visit(State state, String name, int[] present) {
            return LongStream.of(state.numbers(name, IntStream.of(present).asLongStream().toArray())).mapToInt(Math::toIntExact).toArray();
        }
    }

    /** Answers for the test images of all tasks up to one. */
    private List<Map<String, Predictions>> predictAll(Learner learner, int last, String stage, Progress progress) {
        List<Map<String, Predictions>> predictions = new ArrayList<>();
        for (int j = 0; j <= last; j++) {
            progress.report(stage, j + 1L, last + 1L, "");
            predictions.add(predict(learner::predict, j, stage));
        }
        return predictions;
    }

    private Map<String, Predictions> predict(Function<Images, Map<String, Learner.Scores>> predict, int task, String stage) {
        try {
            Map<String, Predictions> predictions = new LinkedHashMap<>();
            predict.apply(test.get(task)).forEach((name, scores) -> predictions.put(name, predictions(scores, task)));
            return predictions;
        } catch (DivergenceException e) {
            throw e.in(stage);
        }
    }

    private Predictions predictions(Learner.Scores scores, int task) {
        int[] classes = scores.classes();
        double[] confidences = scores.logits()
                ? IntStream.range(0, classes.length).mapToDouble(i -> probabilityOf(classes[i], scores.probabilities(i))).toArray() : new double[0];
        return new Predictions(classes, scores.tasks(), scores.classes(scenario.firstLabel(task), scenario.seen(task)), confidences,
                scores.pools());
    }

    /** The probability of a class: the sum over its domains, where there are some. */
    private double probabilityOf(int predicted, double[] probabilities) {
        return Math.min(1, IntStream.range(0, probabilities.length).filter(c -> scenario.isSameClass(c, predicted)).mapToDouble(c -> probabilities[c]).sum());
    }

    /** The images of several tasks, one after the other. */
    private record JoinedImages(List<? extends TaskImages> parts) implements TaskImages {

        private <R> R at(int index, BiFunction<TaskImages, Integer, R> what) {
            int rest = index;
            for (TaskImages part : parts) {
                if (rest < part.size()) {
                    return what.apply(part, rest);
                }
                rest -= part.size();
            }
            throw new IndexOutOfBoundsException(index);
        }

        @Override
        public int size() {
            return parts.stream().mapToInt(TaskImages::size).sum();
        }

        @Override
        public int label(int index) {
            return at(index, TaskImages::label);
        }

        @Override
        public int identity(int index) {
            return at(index, TaskImages::identity);
        }

        @Override
        public ImageKey key(int index) {
            return at(index, TaskImages::key);
        }

        @Override
        public int views() {
            return parts.getFirst().views();
        }

        @Override
        public String augmentation() {
            return parts.getFirst().augmentation();
        }

        @Override
        public String source(int index) {
            return at(index, TaskImages::source);
        }

        @Override
        public void load(int index, float[] target, int offset, RandomGenerator random) {
            at(index, (part, i) -> {
                part.load(i, target, offset, random);
                return null;
            });
        }
    }

    /** Tests what can be tested on the tasks that come after one, or on all before the first. */
    private void recordAhead(Function<String, AccuracyMatrix> accuracies, Function<String, AccuracyMatrix> told, Learner learner, int after,
                             String stage, Progress progress) {
        for (int j = after + 1; j < scenario.size(); j++) {
            TaskImages images = test.get(j);
            Map<String, Predictions> predictions = predict(learner::predictAhead, j, stage);
            if (predictions.isEmpty()) {
                return;
            }
            for (Map.Entry<String, Predictions> answer : predictions.entrySet()) {
                check(answer.getKey(), answer.getValue(), images.size(), scenario.classes());
                accuracies.apply(answer.getKey()).set(j, after, right(answer.getValue().classes(), images), images.size());
                set(told.apply(answer.getKey()), j, after, answer.getValue(), images);
            }
            progress.report(stage + ", tasks to come", j - after, scenario.size() - 1L - after, "");
        }
    }

    private void set(AccuracyMatrix told, int task, int after, Predictions predicted, TaskImages images) {
        if (told != null) {
            told.set(task, after, right(predicted.told(), images), images.size());
        }
    }

    private long right(int[] classes, TaskImages images) {
        return IntStream.range(0, images.size()).filter(i -> scenario.isSameClass(classes[i], images.label(i))).count();
    }

    /** One past the last class that a learner may answer after a task. */
    private int bound(Learner learner, int after) {
        return learner.answersUnseen() ? scenario.classes() : scenario.seen(after);
    }

    private void record(Results results, List<Map<String, Predictions>> predictions, int after, int bound) {
        for (int j = 0; j < predictions.size(); j++) {
            record(results, predictions.get(j), j, after, bound);
        }
    }

    private void record(Results results, Map<String, Predictions> predictions, int task, int after, int bound) {
        Map<String, Answers> answers = results.answers;
        if (!answers.isEmpty() && !answers.keySet().equals(predictions.keySet())) {
            throw new IllegalStateException("the learner answers by " + predictions.keySet() + ", before by " + answers.keySet());
        }
        predictions.forEach((name, predicted) -> {
            check(name, predicted, test.get(task).size(), bound);
            boolean infers = predicted.tasks().length > 0;
            Answers kept = answers.computeIfAbsent(name, _ -> new Answers(results.before(name),
                    infers ? new AccuracyMatrix(scenario.size()) : null, results.told(name), new ArrayList<>()));
            TaskImages images = test.get(task);
            kept.accuracy().set(task, after, right(predicted.classes(), images), images.size());
            set(kept.told(), task, after, predicted, images);
            if (kept.inferred() != null) {
                kept.inferred().set(task, after, Arrays.stream(predicted.tasks()).filter(inferred -> inferred == task).count(), images.size());
            }
            if (after == scenario.size() - 1) {
                kept.last().add(predicted);
            }
        });
    }

    private static void check(String name, Predictions predicted, int images, int bound) {
        int tasks = predicted.tasks().length;
        if (predicted.classes().length != images || tasks != 0 && tasks != images) {
            throw new IllegalStateException(name + ": " + predicted.classes().length + " classes and " + tasks + " tasks for "
                    + images + " images");
        }
        for (int c : predicted.classes()) {
            if (c < 0 || c >= bound) {
                throw new IllegalStateException(name + ": class " + c + " predicted when " + bound + " classes have been seen");
            }
        }
    }
}
