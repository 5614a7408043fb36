package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.method.Learner.Scores;
import dev.itprompt.method.Learner.Task;
import dev.itprompt.method.itprompt.ItPromptMethod;
import dev.itprompt.method.itprompt.ItPromptSettings;
import dev.itprompt.method.itprompt.PlainTuningSettings;
import dev.itprompt.method.lda.LdaMethod;
import dev.itprompt.method.ncm.NcmMethod;
import dev.itprompt.method.ncm.NcmSettings;
import dev.itprompt.method.sharedprompt.SharedPromptMethod;
import dev.itprompt.method.zeroshot.ZeroShotMethod;
import dev.itprompt.model.Clip;
import dev.itprompt.train.Checkpoints;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearnersTest {

    private static final long SEED = 3;

    /** Learns three tasks of two classes and answers for unseen pictures of all six. */
    private static Map<String, Scores> learnAll(int threads, Function<Run, Learner> make) {
        Clip clip = ToyWorld.clip(SEED);
        try (Device device = new CpuDevice(threads); Backbone backbone = new Backbone(device, clip, 8)) {
            Run run = Run.of(backbone, new RandomStreams(SEED), ToyWorld.CLASSES,
                    "a photo of {}", 16, identity -> trueTasks()[identity - test().identity(0)]);
            try (Learner learner = make.apply(run)) {
                for (int t = 0; t < 3; t++) {
                    learner.learn(new Task(t, 2 * t, 2 * t + 2, ToyWorld.images(2 * t, 2 * t + 2, 12, t)), Checkpoints.NONE,
                            Progress.NONE);
                }
                return learner.predict(test());
            }
        }
    }

    private static Learner itPrompt(String name, Run run, String... changes) {
        return new ItPromptMethod().create(name, run, ToyWorld.settings(changes));
    }

    private static Learner sharedPrompt(Run run) {
        ItPromptSettings settings = ToyWorld.settings();
        return new SharedPromptMethod().create("shared-prompt", run, new PlainTuningSettings(settings.prefix(), settings.training(), true));
    }

    private static TaskImages test() {
        return ToyWorld.images(0, 6, 10, 9);
    }

    private static double accuracy(Scores predictions) {
        TaskImages images = test();
        int right = 0;
        for (int i = 0; i < images.size(); i++) {
            right += predictions.classes()[i] == images.label(i) ? 1 : 0;
        }
        return (double) right / images.size();
    }

    @Test
    void itPromptRemembersAllTasks() {
        Map<String, Scores> answers = learnAll(1, run -> itPrompt("it-prompt", run));
        assertEquals(Set.of("it-prompt", "it-prompt-cncm", "it-prompt-before-replay"), answers.keySet());
        assertTrue(accuracy(answers.get("it-prompt")) > 0.9, "softmax " + accuracy(answers.get("it-prompt")));
        assertTrue(accuracy(answers.get("it-prompt-cncm")) > 0.9, "C-NCM " + accuracy(answers.get("it-prompt-cncm")));
        int[] tasks = answers.get("it-prompt").tasks();
        TaskImages images = test();
        long rightTask = IntStream.range(0, tasks.length).filter(i -> tasks[i] == images.label(i) / 2).count();
        assertTrue(rightTask > 0.9 * tasks.length, rightTask + " of " + tasks.length + " tasks inferred rightly");
    }

    @Test
    void sharedPromptForgets() {
        double accuracy = accuracy(learnAll(1, LearnersTest::sharedPrompt).get("shared-prompt"));
        assertTrue(accuracy < 0.75, "a plainly tuned prompt should forget, accuracy " + accuracy);
    }

    @Test
    void frozenFeatureBaselinesWork() {
        assertTrue(accuracy(learnAll(1, run -> new NcmMethod().create("ncm", run, new NcmSettings(0.5))).get("ncm")) > 0.9);
        assertTrue(accuracy(learnAll(1, run -> new LdaMethod().create("lda", run, new NoSettings())).get("lda")) > 0.9);
        assertEquals(60, learnAll(1, run -> new ZeroShotMethod().create("zero-shot", run, new NoSettings())).get("zero-shot").classes().length);
    }

    @Test
    void ablationsRun() {
        assertTrue(accuracy(learnAll(1, run -> itPrompt("np", run, "length=0")).get("np")) > 0.9);
        assertTrue(accuracy(learnAll(1, run -> itPrompt("nt", run, "textGuide=off")).get("nt")) > 0.9);
        assertArrayEquals(Arrays.stream(trueTasks()).toArray(),
                learnAll(1, run -> itPrompt("oracle", run, "selection=oracle")).get("oracle").tasks());
    }

    private static int[] trueTasks() {
        TaskImages images = test();
        return IntStream.range(0, images.size()).map(i -> images.label(i) / 2).toArray();
    }

    @Test
    void sameAnswersWithTwoThreads() {
        Map<String, Scores> one = learnAll(1, run -> itPrompt("it-prompt", run));
        Map<String, Scores> two = learnAll(2, run -> itPrompt("it-prompt", run));
        one.forEach((name, predictions) -> assertArrayEquals(predictions.classes(), two.get(name).classes(), name));
    }
}
