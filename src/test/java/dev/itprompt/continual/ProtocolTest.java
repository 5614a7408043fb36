package dev.itprompt.continual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Progress;
import dev.itprompt.data.Images;
import dev.itprompt.data.TaskImages;
import dev.itprompt.method.Learner;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.State;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProtocolTest {

    /** Percentages of the published example: rows are tasks, columns the state after a task. */
    private static final int[][] RIGHT = {{90, 80, 70}, {0, 85, 75}, {0, 0, 88}};

    /** A hundred images of one class. */
    private record OneClass(int label) implements TaskImages {
        @Override
        public int size() {
            return 100;
        }

        @Override
        public int label(int index) {
            return label;
        }

        @Override
        public int identity(int index) {
            return 100 * label + index;
        }

        @Override
        public void load(int index, float[] target, int offset, RandomGenerator random) {
            throw new UnsupportedOperationException();
        }
    }

    /** Is right as often as the table says, and infers tasks that are half as often right. */
    private static class Scripted implements Learner {
        final List<Task> learned = new ArrayList<>();
        int answer;

        @Override
        public void learn(Task task, Checkpoints at, Progress progress) {
            learned.add(task);
        }

        @Override
        public Map<String, Scores> predict(Images images) {
            int label = ((TaskImages) images).label(0);
            int task = label / 2;
            int after = learned.size() - 1;
            int[] classes = new int[images.size()];
            int[] tasks = new int[images.size()];
            for (int i = 0; i < classes.length; i++) {
                classes[i] = label + (i < RIGHT[task][after] ? 0 : 1);
                tasks[i] = i < RIGHT[task][after] / 2 ? task : task + 1;
            }
            return Map.of("scripted", scores(classes, tasks));
        }

        @Override
        public void visit(State state) {}

        @Override
        public Map<String, Long> trainable() {
            return Map.of("head", (long) learned.size());
        }

        @Override
        public void close() {}
    }

    private static final List<OneClass> TASKS = List.of(new OneClass(0), new OneClass(2), new OneClass(4));
    private static final Protocol PROTOCOL = new Protocol(Scenario.of(6, 0, "3x2"), TASKS, TASKS);

    @Test
    void fillsTheMatrixOfAKnownLearner() {
        Scripted learner = new Scripted();
        List<Integer> heard = new ArrayList<>();
        Protocol.Outcome outcome = PROTOCOL.run(learner, Protocol.Earlier.NONE, Checkpoints.NONE, Progress.NONE, (task, answers, learn, predict) -> {
            heard.add(task);
            assertEquals(RIGHT[0][task], answers.get("scripted").accuracy().accuracy(0, task));
        });
        AccuracyMatrix accuracy = outcome.answers().get("scripted").accuracy();
        assertEquals(77.6667, Metric.FAA.of(accuracy), 1e-4);
        assertEquals(83.3889, Metric.CAA.of(accuracy), 1e-4);
        assertEquals(15, Metric.FFM.of(accuracy), 1e-9);
        assertEquals(-15, Metric.BWT.of(accuracy), 1e-9);
        assertEquals((35 + 37 + 44) / 3.0, Metrics.taskInferenceAccuracy(outcome.answers().get("scripted").inferred(), 2), 1e-9);
        // The wrong classes are of the image's own task, so that telling it does not help.
        assertEquals(77.6667, Metric.FAA.of(outcome.answers().get("scripted").told()), 1e-4);
        assertEquals(83.3889, Metric.CAA.of(outcome.answers().get("scripted").told()), 1e-4);
        assertEquals(List.of(0, 1, 2), heard);
        assertEquals(3, outcome.answers().get("scripted").last().size());
        assertEquals(Map.of("head", 3L), outcome.trainable());
        assertEquals(3, outcome.learnSeconds().size());
        assertEquals(new Learner.Task(1, 2, 4, TASKS.get(1)), learner.learned.get(1));
    }

    /** Knows all classes from the beginning, and more of them with each task. */
    @Test
    void tasksToComeAreTestedWhereClassesAreKnownAhead() {
        Scripted learner = new Scripted() {
            @Override
            public Map<String, Scores> predictAhead(Images images) {
                int label = ((TaskImages) images).label(0);
                int[] classes = new int[100];
                Arrays.fill(classes, 0, 10 * (learned.size() + 1) + label, label);
                Arrays.fill(classes, 10 * (learned.size() + 1) + label, 100, 5);
                return Map.of("scripted", scores(classes, new int[0]));
            }
        };
        Protocol.Answers answers = PROTOCOL.run(learner, Protocol.Earlier.NONE, Checkpoints.NONE, Progress.NONE, (_, _, _, _) -> {}).answers().get("scripted");
        AccuracyMatrix accuracy = answers.accuracy();
        assertEquals(List.of(10.0, 12.0, 14.0), List.of(accuracy.accuracy(0, AccuracyMatrix.BEFORE), accuracy.accuracy(1, AccuracyMatrix.BEFORE),
                accuracy.accuracy(2, AccuracyMatrix.BEFORE)));
        assertEquals(List.of(22.0, 24.0, 34.0), List.of(accuracy.accuracy(1, 0), accuracy.accuracy(2, 0), accuracy.accuracy(2, 1)));
        assertEquals(RIGHT[1][2], accuracy.accuracy(1, 2));
        // Wrong answers are class 5: with the task told it competes in the last task only.
        AccuracyMatrix told = answers.told();
        assertEquals(List.of(100.0, 100.0, 14.0), List.of(told.accuracy(0, AccuracyMatrix.BEFORE), told.accuracy(1, AccuracyMatrix.BEFORE),
                told.accuracy(2, AccuracyMatrix.BEFORE)));
        assertEquals(List.of(100.0, 24.0, 34.0), List.of(told.accuracy(1, 0), told.accuracy(2, 0), told.accuracy(2, 1)));
    }

    @Test
    void jointLearnersSeeEverythingAtOnceAndAreTestedAtTheEnd() {
        Scripted learner = new Scripted() {
            @Override
            public Map<String, Scores> predict(Images images) {
                int[] classes = new int[100];
                Arrays.fill(classes, 0, 60, ((TaskImages) images).label(0));
                return Map.of("joint", scores(classes, new int[100]));
            }
        };
        Protocol.Outcome outcome = PROTOCOL.runJointly(learner, Checkpoints.NONE, Progress.NONE);
        Learner.Task task = learner.learned.getFirst();
        assertEquals(1, learner.learned.size());
        assertEquals(6, task.endClass());
        assertEquals(300, task.images().size());
        assertEquals(4, task.images().label(299));
        assertEquals(499, task.images().identity(299));
        assertEquals(250, task.images().identity(150));
        Protocol.Answers answers = outcome.answers().get("joint");
        assertNull(answers.inferred());
        assertEquals(60 + 40 / 3.0, Metric.FAA.of(answers.accuracy()), 1e-9);
        assertEquals(100, Metric.FAA.of(answers.told()), 1e-9);
        assertThrows(IllegalStateException.class, () -> Metric.CAA.of(answers.accuracy()));
    }

    /** With two domains, labels 0 and 2 are one class: what speaks for either speaks for it. */
    @Test
    void confidencesAreSharesOfTheAnsweredClassOverItsDomains() {
        double[] logits = {Math.log(0.3), Math.log(0.1), Math.log(0.4), Math.log(0.2)};
        Scripted learner = scripted(logits, true);
        List<OneClass> tasks = List.of(new OneClass(0), new OneClass(2));
        Protocol domains = new Protocol(Scenario.domains(2, List.of(0, 1)), tasks, tasks);
        assertArrayEquals(filled(0.7), last(domains.run(learner, Protocol.Earlier.NONE, Checkpoints.NONE, Progress.NONE, (_, _, _, _) -> {})), 1e-12);
        Protocol classes = new Protocol(Scenario.of(4, 0, "2x2"), tasks, tasks);
        assertArrayEquals(filled(0.4), last(classes.run(scripted(logits, true), Protocol.Earlier.NONE, Checkpoints.NONE, Progress.NONE, (_, _, _, _) -> {})), 1e-12);
        assertEquals(0, last(classes.run(scripted(logits, false), Protocol.Earlier.NONE, Checkpoints.NONE, Progress.NONE, (_, _, _, _) -> {})).length);
    }

    /** A training that is done but for its results gives the same answers when it is begun again. */
    @Test
    void confidencesComeBackFromACheckpoint(@TempDir Path folder) {
        double[] logits = {0.3, 0.1, 0.4, 0.2};
        List<OneClass> tasks = List.of(new OneClass(0), new OneClass(2));
        Protocol protocol = new Protocol(Scenario.of(4, 0, "2x2"), tasks, tasks);
        Checkpoints first = Checkpoints.in(folder.resolve("state"), Duration.ZERO, Map.of());
        double[] expected = last(protocol.run(scripted(logits, true), Protocol.Earlier.NONE, first, Progress.NONE, (_, _, _, _) -> {}));
        Checkpoints again = Checkpoints.in(folder.resolve("state"), Duration.ZERO, Map.of());
        double[] found = last(protocol.run(scripted(new double[] {9, 9, 9, 9}, true), Protocol.Earlier.NONE, again, Progress.NONE, (_, _, _, _) -> {}));
        assertArrayEquals(expected, found);
    }

    private static Scripted scripted(double[] values, boolean logits) {
        return new Scripted() {
            @Override
            public Map<String, Scores> predict(Images images) {
                int seen = 2 * learned.size();
                return Map.of("a", new Scores(Stream.generate(() -> Arrays.copyOf(values, seen)).limit(100).toArray(double[][]::new), new int[0], logits));
            }
        };
    }

    private static double[] last(Protocol.Outcome outcome) {
        return outcome.answers().get("a").last().getLast().confidences();
    }

    private static double[] filled(double value) {
        double[] values = new double[100];
        Arrays.fill(values, value);
        return values;
    }

    @Test
    void answersThatDoNotFitAreRefused() {
        assertRefused("class 2 predicted when 2 classes", Map.of("a", predictions(100, 2, 0)));
        assertRefused("99 classes", Map.of("a", predictions(99, 0, 0)));
        assertRefused("50 tasks", Map.of("a", predictions(100, 0, 50)));
    }

    private static Learner.Scores predictions(int size, int label, int tasks) {
        int[] classes = new int[size];
        Arrays.fill(classes, label);
        return scores(classes, new int[tasks]);
    }

    /** Scores that are highest for given classes. */
    private static Learner.Scores scores(int[] classes, int[] tasks) {
        double[][] scores = new double[classes.length][];
        for (int i = 0; i < classes.length; i++) {
            scores[i] = new double[Math.max(6, classes[i] + 1)];
            scores[i][classes[i]] = 1;
        }
        return new Learner.Scores(scores, tasks, false);
    }

    private static void assertRefused(String part, Map<String, Learner.Scores> predictions) {
        Scripted learner = new Scripted() {
            @Override
            public Map<String, Scores> predict(Images images) {
                return predictions;
            }
        };
        IllegalStateException e = assertThrows(IllegalStateException.class,
                () -> PROTOCOL.run(learner, Protocol.Earlier.NONE, Checkpoints.NONE, Progress.NONE, (_, _, _, _) -> {}));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
