package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.config.Configuration;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.experiment.ZeroShot;
import dev.itprompt.method.Learner.Scores;
import dev.itprompt.method.Learner.Task;
import dev.itprompt.method.itprompt.ItPromptMethod;
import dev.itprompt.method.itprompt.ItPromptSettings;
import dev.itprompt.method.itprompt.PlainTuningSettings;
import dev.itprompt.method.joint.JointMethod;
import dev.itprompt.method.lda.LdaMethod;
import dev.itprompt.method.probe.LinearProbeMethod;
import dev.itprompt.method.probe.LinearProbeSettings;
import dev.itprompt.method.sharedprompt.SharedPromptMethod;
import dev.itprompt.method.zeroshot.ZeroShotMethod;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every method that is trained is trained: losses fall, what is trained moves, and every option of the training is taken. */
class TrainingTest {

    private static final long SEED = 5;

    /** Losses by stage, as they are reported, in order. */
    private static final class Losses implements Progress {

        final Map<String, List<Double>> ofStage = new LinkedHashMap<>();

        @Override
        public void report(String stage, long done, long total, String note) {
            if (note.startsWith("loss ")) {
                ofStage.computeIfAbsent(stage, _ -> new ArrayList<>()).add(Double.parseDouble(note.substring(5).split(",")[0]));
            }
        }
    }

    /** Collects what a learner knows. */
    private record Collected(String prefix, Map<String, float[]> tensors) implements State {

        @Override
        public boolean isLoading() {
            return false;
        }

        @Override
        public State in(String part) {
            return new Collected(prefix + part + ".", tensors);
        }

        @Override
        public Tensor tensor(String name, Tensor present) {
            tensors.put(prefix + name, present.toArray());
            return present;
        }

        @Override
        public double[] doubles(String name, double[] present) {
            return present;
        }

        @Override
        public long number(String name, long present) {
            return present;
        }

        @Override
        public long[] numbers(String name, long[] present) {
            return present;
        }

        @Override
        public String text(String name, String present) {
            return present;
        }
    }

    /** What a learner made of tasks of two classes. */
    private record Learned(Map<String, List<Double>> losses, Map<String, float[]> state, Map<String, Scores> answers) {}

    private static Learned learn(int tasks, Function<Run, Learner> make) {
        try (Device device = new CpuDevice(1); Backbone backbone = new Backbone(device, ToyWorld.clip(SEED), 8)) {
            Run run = Run.of(backbone, new RandomStreams(SEED), ToyWorld.CLASSES, "a photo of {}", 16,
                    identity -> identity % 10_000 % 4 / 2);
            try (Learner learner = make.apply(run)) {
                Losses losses = new Losses();
                for (int t = 0; t < tasks; t++) {
                    learner.learn(new Task(t, 2 * t, 2 * t + 2, ToyWorld.images(2 * t, 2 * t + 2, 12, t)), Checkpoints.NONE, losses);
                }
                Map<String, float[]> state = new LinkedHashMap<>();
                learner.visit(new Collected("", state));
                return new Learned(losses.ofStage, state, learner.predict(ToyWorld.images(0, 4, 10, 9)));
            }
        }
    }

    private static Learned itPrompt(String... changes) {
        return learn(2, run -> new ItPromptMethod().create("it-prompt", run, ToyWorld.settings(changes)));
    }

    private static Learned tuned(boolean together, String... changes) {
        ItPromptSettings settings = ToyWorld.settings(changes);
        PlainTuningSettings plain = new PlainTuningSettings(settings.prefix(), settings.training(), true);
        return learn(together ? 1 : 2, run -> together ? new JointMethod().create("joint", run, plain) : new SharedPromptMethod().create("shared-prompt", run, plain));
    }

    private static void assertFalls(Learned learned, String stage) {
        List<Double> losses = learned.losses.get(stage);
        assertTrue(losses != null && losses.getLast() < 0.98 * losses.getFirst(), stage + ": " + losses);
    }

    /** Whether tensors whose names begin so are others in two learners that began alike. */
    private static void assertMoves(String prefix, Learned learned, Learned still) {
        List<String> names = learned.state.keySet().stream().filter(name -> name.startsWith(prefix)).toList();
        assertFalse(names.isEmpty(), prefix + " in " + learned.state.keySet());
        names.forEach(name -> assertFalse(Arrays.equals(learned.state.get(name), still.state.get(name)), name + " has not moved"));
    }

    @Test
    void itPromptTrainsPromptsKeysAndClassifiers() {
        Learned learned = itPrompt("whiten=false");
        for (String stage : List.of("task inference", "prompt")) {
            assertFalls(learned, "task 1 " + stage);
            assertFalls(learned, "task 2 " + stage);
        }
        assertFalls(learned, "task 2 replay classifier");
        Learned still = itPrompt("whiten=false", "rate=0", "headRate=0", "inference.rate=0", "replay.rate=0", "inference.replayRate=0");
        assertMoves("prompt.", learned, still);
        assertMoves("classifier.", learned, still);
        assertMoves("tii.classifier.", learned, still);
    }

    @Test
    void sharedPromptAndJointTrainingTrainTheirPrompts() {
        for (boolean together : new boolean[] {false, true}) {
            Learned learned = tuned(together);
            assertFalls(learned, together ? "joint prompt" : "task 2 shared prompt");
            assertMoves("prompt", learned, tuned(together, "rate=0"));
        }
    }

    @Test
    void theLinearProbeTrains() {
        Learned learned = learn(2, run -> new LinearProbeMethod().create("linear-probe", run,
                Configuration.of(LinearProbeSettings.class).build().settings()));
        assertFalls(learned, "task 1 linear probe");
        assertFalls(learned, "task 2 linear probe");
    }

    /** Each has a course of its own, so that what is trained differs; all learn. */
    @Test
    void everyScheduleIsTaken() {
        Map<String, Learned> bySchedule = new LinkedHashMap<>();
        for (String schedule : List.of("constant", "cosine", "step")) {
            bySchedule.put(schedule, itPrompt("schedule=" + schedule, "epochs=31", "textGuide=off"));
            assertFalls(bySchedule.get(schedule), "task 2 prompt");
        }
        assertMoves("prompt.", bySchedule.get("constant"), bySchedule.get("cosine"));
        assertMoves("prompt.", bySchedule.get("constant"), bySchedule.get("step"));
    }

    @ParameterizedTest
    @CsvSource({"tii", "key", "cncm", "oracle"})
    void everySelectionChoosesTheRightTaskOfPicturesThatAreEasy(String selection) {
        Scores answers = itPrompt("selection=" + selection, "epochs=20", "rate=0.1").answers.get("it-prompt");
        long right = 0;
        for (int i = 0; i < answers.tasks().length; i++) {
            right += answers.tasks()[i] == i % 4 / 2 ? 1 : 0;
        }
        assertTrue(right >= (selection.equals("oracle") ? 40 : 32), right + " of " + answers.tasks().length);
    }

    @Test
    void everyHeadScoresByWhatItsNameSays() {
        double[][] softmax = itPrompt("head=softmax").answers.get("it-prompt").values();
        double[][] text = itPrompt("head=text").answers.get("it-prompt").values();
        double[][] mixed = itPrompt("head=mixed", "textMix=0.5").answers.get("it-prompt").values();
        for (int i = 0; i < mixed.length; i++) {
            for (int c = 0; c < 4; c++) {
                assertEquals(softmax[i][c] + 0.5 * text[i][c], mixed[i][c], 1e-9);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"shrunk, true, closed-form", "shrunk, true, trained", "covariance, false, trained", "variance, false, trained", "centroids, false, trained"})
    void everyStatisticsBringsTheOldTasksBack(String statistics, boolean whiten, String start) {
        Learned learned = itPrompt("replay.statistics=" + statistics, "whiten=" + whiten, "replay.start=" + start);
        int[] classes = learned.answers.get("it-prompt").classes();
        long right = 0;
        for (int i = 0; i < classes.length; i++) {
            right += classes[i] == i % 4 ? 1 : 0;
        }
        assertTrue(right >= 34, right + " of " + classes.length);
    }

    /** Recomputing saves memory and changes nothing. */
    @Test
    void recomputedBlocksGiveTheSameBits() {
        Learned kept = itPrompt();
        Learned again = itPrompt("recompute=true");
        assertEquals(kept.state.keySet(), again.state.keySet());
        kept.state.forEach((name, values) -> assertArrayEquals(values, again.state.get(name), name));
    }

    /** Pictures of tasks to come are classified among all classes, by the texts alone where nothing is learned. */
    @Test
    void whoKnowsTheTextsFindsClassesAhead() {
        try (Device device = new CpuDevice(1); Backbone backbone = new Backbone(device, ToyWorld.clip(SEED), 8)) {
            Run run = Run.of(backbone, new RandomStreams(SEED), ToyWorld.CLASSES, "a photo of {}", 16, _ -> 0);
            var images = ToyWorld.images(0, 6, 4, 9);
            Learner zeroShot = new ZeroShotMethod().create("a", run, new NoSettings());
            zeroShot.learn(new Task(0, 0, 6, images), Checkpoints.NONE, Progress.NONE);
            int[] expected = zeroShot.predict(images).get("a").classes();
            double[] probabilities = zeroShot.predict(images).get("a").probabilities(3);
            float[] feature = run.store().plain(images, "", Progress.NONE)[3];
            assertArrayEquals(ZeroShot.probabilities(feature, FeatureMatrix.rows(run.texts()), backbone.clip().logitFactor()), probabilities, 1e-12);
            try (Learner textHead = new ItPromptMethod().create("a", run, ToyWorld.settings("head=text"));
                    Learner softmax = new ItPromptMethod().create("a", run, ToyWorld.settings());
                    Learner lda = new LdaMethod().create("a", run, new NoSettings())) {
                assertArrayEquals(expected, zeroShot.predictAhead(images).get("a").classes());
                assertArrayEquals(expected, textHead.predictAhead(images).get("a").classes());
                assertEquals(Map.of(), softmax.predictAhead(images));
                assertEquals(Map.of(), lda.predictAhead(images));
                textHead.learn(new Task(0, 0, 2, ToyWorld.images(0, 2, 12, 0)), Checkpoints.NONE, Progress.NONE);
                assertEquals(6, textHead.predictAhead(images).get("a").values()[0].length);
                double[][] seen = textHead.predict(images).get("a").values();
                double[][] all = textHead.predictAhead(images).get("a").values();
                for (int i = 0; i < seen.length; i++) {
                    assertArrayEquals(seen[i], Arrays.copyOf(all[i], 2), 1e-12);
                }
            }
        }
    }
}
