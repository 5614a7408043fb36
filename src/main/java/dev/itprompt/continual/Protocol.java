package dev.itprompt.continual;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.data.TaskImages;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Learner.Predictions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/**
 * The class-incremental protocol: a learner sees the tasks one after another and is tested after each on the test images of
 * all tasks so far, without being told which task an image belongs to.
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
     * What one of a learner's classifiers answered.
     *
     * @param accuracy right classes
     * @param inferred right task inferences; null if it infers no tasks
     * @param last     answers after the last task for each task's test images
     */
    public record Answers(AccuracyMatrix accuracy, AccuracyMatrix inferred, List<Predictions> last) {}

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
     * Runs a learner through all tasks.
     *
     * @throws IllegalStateException if the learner's answers do not fit: a wrong number of them, a class not seen yet, or
     *                               another set of classifiers than before
     * @throws DivergenceException   if the training diverges; says in which task, stage and step
     */
    public Outcome run(Learner learner, Progress progress, Listener listener) {
        Map<String, Answers> answers = new LinkedHashMap<>();
        List<Double> learnSeconds = new ArrayList<>();
        List<Double> predictSeconds = new ArrayList<>();
        for (int t = 0; t < scenario.size(); t++) {
            long start = System.nanoTime();
            learner.learn(new Learner.Task(t, scenario.firstLabel(t), scenario.seen(t), train.get(t)), progress);
            long learned = System.nanoTime();
            learnSeconds.add((learned - start) / 1e9);
            for (int j = 0; j <= t; j++) {
                String stage = "test after task " + (t + 1) + "/" + scenario.size();
                progress.report(stage, j + 1L, t + 1L, "");
                record(answers, predict(learner, test.get(j), stage), j, t);
            }
            predictSeconds.add((System.nanoTime() - learned) / 1e9);
            listener.tested(t, answers, learnSeconds.getLast(), predictSeconds.getLast());
        }
        return new Outcome(answers, new LinkedHashMap<>(learner.trainable()), learnSeconds, predictSeconds);
    }

    /**
     * Shows a learner the images of all tasks as one task, for an upper bound; only the state after the last task is tested.
     */
    public Outcome runJointly(Learner learner, Progress progress) {
        Map<String, Answers> answers = new LinkedHashMap<>();
        int last = scenario.size() - 1;
        long start = System.nanoTime();
        learner.learn(new Learner.Task(0, 0, scenario.classes(), new JoinedImages(train)), progress);
        long learned = System.nanoTime();
        for (int j = 0; j <= last; j++) {
            progress.report("test", j + 1L, last + 1L, "");
            Map<String, Predictions> predictions = new LinkedHashMap<>();
            predict(learner, test.get(j), "test").forEach((name, p) -> predictions.put(name, new Predictions(p.classes(), new int[0])));
            record(answers, predictions, j, last);
        }
        return new Outcome(answers, new LinkedHashMap<>(learner.trainable()), List.of((learned - start) / 1e9),
                List.of((System.nanoTime() - learned) / 1e9));
    }

    private static Map<String, Predictions> predict(Learner learner, TaskImages images, String stage) {
        try {
            return learner.predict(images);
        } catch (DivergenceException e) {
            throw e.in(stage);
        }
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

    private void record(Map<String, Answers> answers, Map<String, Predictions> predictions, int task, int after) {
        if (!answers.isEmpty() && !answers.keySet().equals(predictions.keySet())) {
            throw new IllegalStateException("the learner answers by " + predictions.keySet() + ", before by " + answers.keySet());
        }
        predictions.forEach((name, predicted) -> {
            check(name, predicted, test.get(task).size(), scenario.seen(after));
            boolean infers = predicted.tasks().length > 0;
            Answers kept = answers.computeIfAbsent(name, _ -> new Answers(new AccuracyMatrix(scenario.size()),
                    infers ? new AccuracyMatrix(scenario.size()) : null, new ArrayList<>()));
            TaskImages images = test.get(task);
            long right = 0;
            long rightTasks = 0;
            for (int i = 0; i < images.size(); i++) {
                right += predicted.classes()[i] == images.label(i) ? 1 : 0;
                rightTasks += infers && predicted.tasks()[i] == task ? 1 : 0;
            }
            kept.accuracy().set(task, after, right, images.size());
            if (kept.inferred() != null) {
                kept.inferred().set(task, after, rightTasks, images.size());
            }
            if (after == scenario.size() - 1) {
                kept.last().add(predicted);
            }
        });
    }

    private static void check(String name, Predictions predicted, int images, int seen) {
        int tasks = predicted.tasks().length;
        if (predicted.classes().length != images || tasks != 0 && tasks != images) {
            throw new IllegalStateException(name + ": " + predicted.classes().length + " classes and " + tasks + " tasks for "
                    + images + " images");
        }
        for (int c : predicted.classes()) {
            if (c < 0 || c >= seen) {
                throw new IllegalStateException(name + ": class " + c + " predicted when " + seen + " classes have been seen");
            }
        }
    }
}
