package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.config.Configuration;
import dev.itprompt.config.Variant;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.method.Learner.Scores;
import dev.itprompt.method.Learner.Task;
import dev.itprompt.train.Checkpoints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** All methods and variants of the registry where tasks are as small, or as many, as can be. */
class EveryMethodTest {

    private static final long SEED = 5;
    /** What makes trainings short, for those who have such settings. */
    private static final List<String> SHORT = List.of("epochs=1", "batch=64", "length=2", "projection=50", "rank=10", "components=1", "samples=4", "replay.epochs=1",
            "inference.epochs=1", "replay.samples=4", "replay.leastSteps=0", "replay.statistics=variance", "stepsOfPass=1");

    private static Device device;
    private static Backbone backbone;

    @BeforeAll
    static void open() {
        device = new CpuDevice(1);
        backbone = new Backbone(device, ToyWorld.clip(SEED), 8);
    }

    @AfterAll
    static void close() {
        backbone.close();
        device.close();
    }

    static Stream<Arguments> methods() {
        List<Arguments> all = new ArrayList<>();
        for (Method<?> method : Registry.METHODS.kinds()) {
            all.add(Arguments.of(method.name(), method, List.of()));
        }
        for (Variant variant : Registry.METHODS.variants()) {
            all.add(Arguments.of(variant.name(), Registry.METHODS.kind(variant.of()), variant.set()));
        }
        return all.stream();
    }

    private static boolean knows(Method<?> method, String change) {
        try {
            Configuration.of(method.settings()).set("test", change).build();
            return true;
        } catch (InputException _) {
            return false;
        }
    }

    private static <S extends Record> S settings(Method<S> method, List<String> changes) {
        Configuration.Builder<S> settings = Configuration.of(method.settings());
        SHORT.stream().filter(change -> knows(method, change)).forEach(change -> settings.set("test", change));
        changes.forEach(change -> settings.set("test", change));
        return settings.build().settings();
    }

    /** Two tasks, and fifty, of one class with one image, a batch being larger than a task: each class has a score that is a number. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("methods")
    <S extends Record> void tasksOfOneImage(String name, Method<S> method, List<String> changes) {
        S settings = settings(method, changes);
        for (int tasks : new int[] {2, 50}) {
            Run run = Run.of(backbone, new RandomStreams(SEED), IntStream.range(0, tasks).mapToObj(c -> "thing " + c).toList(), "a photo of {}", 64,
                    identity -> identity % tasks);
            try (Learner learner = method.create(name, run, settings)) {
                if (method.needs(settings).contains(Need.ALL_TASKS_AT_ONCE)) {
                    learner.learn(new Task(0, 0, tasks, ToyWorld.images(0, tasks, 1, 1)), Checkpoints.NONE, Progress.NONE);
                } else {
                    for (int t = 0; t < tasks; t++) {
                        learner.learn(new Task(t, t, t + 1, ToyWorld.images(t, t + 1, 1, t)), Checkpoints.NONE, Progress.NONE);
                    }
                }
                Map<String, Scores> answers = learner.predict(ToyWorld.images(0, tasks, 1, 99));
                assertTrue(answers.containsKey(name), answers.keySet().toString());
                answers.forEach((answer, scores) -> {
                    assertEquals(tasks, scores.values().length, answer);
                    for (double[] row : scores.values()) {
                        assertEquals(tasks, row.length, answer);
                        assertTrue(Arrays.stream(row).noneMatch(Double::isNaN) && Arrays.stream(row).anyMatch(Double::isFinite),
                                answer + " " + Arrays.toString(row));
                    }
                });
            }
        }
    }
}
