package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.config.Configuration;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.method.Learner.Scores;
import dev.itprompt.method.Learner.Task;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.StateFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What all methods that train nothing through the model have in common. */
class FeatureMethodsTest {

    private static final long SEED = 5;

    @TempDir
    private Path folder;

    /** Methods and settings that suit small pictures. */
    static Stream<Arguments> methods() {
        return Stream.of(
                Arguments.of("ranpac", List.of("projection=100")),
                Arguments.of("ranpac", List.of("projection=20", "ridge=10")),
                Arguments.of("loranpac", List.of("projection=100", "rank=20")),
                Arguments.of("rail", List.of("projection=100", "fusion=1")),
                Arguments.of("rail", List.of("projection=100", "ridge=1e-3", "fusion=0.9")),
                Arguments.of("anacp", List.of("projection=60", "ridge=0.1")),
                Arguments.of("gaussian", List.of()),
                Arguments.of("gaussian", List.of("rank=0")));
    }

    private static Learner create(Run run, String name, List<String> changes) {
        return create(run, Registry.METHODS.kind(name), changes);
    }

    private static <S extends Record> Learner create(Run run, Method<S> method, List<String> changes) {
        Configuration.Builder<S> settings = Configuration.of(method.settings());
        changes.forEach(change -> settings.set("test", change));
        return method.create("it", run, settings.build().settings());
    }

    private static Run run(Backbone backbone, int classes) {
        return Run.of(backbone, new RandomStreams(SEED), IntStream.range(0, classes).mapToObj(c -> "thing " + c).toList(), "a photo of {}", 64,
                _ -> 0);
    }

    private static Backbone backbone(Device device) {
        return new Backbone(device, ToyWorld.clip(SEED), 8);
    }

    private static Task task(int number, int classesOfTask, TaskImages images) {
        return new Task(number, number * classesOfTask, (number + 1) * classesOfTask, images);
    }

    private static void learn(Learner learner, int from, int end, int classesOfTask, IntFunction<TaskImages> images) {
        for (int t = from; t < end; t++) {
            learner.learn(task(t, classesOfTask, images.apply(t)), Checkpoints.NONE, Progress.NONE);
        }
    }

    private static TaskImages pictures(int task, int perClass) {
        return ToyWorld.images(2 * task, 2 * task + 2, perClass, 1);
    }

    private static TaskImages test(int classes) {
        return ToyWorld.images(0, classes, 6, 9);
    }

    private static double accuracy(Learner learner, int classes) {
        TaskImages images = test(classes);
        Scores scores = learner.predict(images).get("it");
        int[] answers = scores.classes();
        assertEquals(classes, scores.values()[0].length);
        return IntStream.range(0, answers.length).filter(i -> answers[i] == images.label(i)).count() / (double) answers.length;
    }

    private static double[][] values(Learner learner, int classes) {
        return learner.predict(test(classes)).get("it").values();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void knowsAllTasksWhateverTheThreads(String name, List<String> changes) throws Exception {
        Callable<double[][]> all = () -> {
            try (Device device = new CpuDevice(1); Backbone backbone = backbone(device); Learner learner = create(run(backbone, 6), name, changes)) {
                learn(learner, 0, 3, 2, t -> pictures(t, 12));
                double accuracy = accuracy(learner, 6);
                assertTrue(accuracy > 0.85, name + " " + accuracy);
                return values(learner, 6);
            }
        };
        try (ForkJoinPool one = new ForkJoinPool(1); ForkJoinPool four = new ForkJoinPool(4)) {
            assertArrayEquals(one.submit(all).get(), four.submit(all).get(), name);
        }
    }

    private static final List<String> RAPF = List.of("rate=0.02", "batch=8", "samples=8", "pairSamples=8", "pairsOfStep=2", "milestones=[12]");

    private static final List<String> REPLAY = List.of("replayed=true", "replay.epochs=10", "replay.samples=16", "replay.leastSteps=60");

    /** Features of old classes raise their logits; whether these compete in the loss of a task makes another classifier. */
    @Test
    void replayRaisesOldClassesOfAProbe() {
        try (Device device = new CpuDevice(1); Backbone backbone = backbone(device)) {
            double masked = advantageOfOldClasses(backbone, List.of());
            double naive = advantageOfOldClasses(backbone, List.of("masked=false"));
            double replayed = advantageOfOldClasses(backbone, Stream.concat(REPLAY.stream(), Stream.of("masked=false")).toList());
            assertTrue(masked != naive && masked + 1 < replayed && naive + 1 < replayed, masked + ", " + naive + ", " + replayed);
        }
    }

    /** Mean logit of the first four of six classes on their own images, less that of the last two. */
    private static double advantageOfOldClasses(Backbone backbone, List<String> changes) {
        try (Learner learner = create(run(backbone, 6), "linear-probe", changes)) {
            learn(learner, 0, 3, 2, t -> pictures(t, 12));
            TaskImages images = test(6);
            double[][] values = learner.predict(images).get("it").values();
            return IntStream.range(0, images.size()).filter(i -> images.label(i) < 4).mapToDouble(i -> values[i][images.label(i)]
                    - Math.max(values[i][4], values[i][5])).average().orElseThrow();
        }
    }

    /** RAPF matches texts, which a random model embeds nearly alike: it knows less than those that compare images, and is refused nothing. */
    @Test
    void rapfKnowsAllTasksAndFiftyOfThem() {
        try (Device device = new CpuDevice(1); Backbone backbone = backbone(device); Learner six = create(run(backbone, 6), "rapf", RAPF);
                Learner fifty = create(run(backbone, 50), "rapf", RAPF)) {
            learn(six, 0, 3, 2, t -> pictures(t, 12));
            double accuracy = accuracy(six, 6);
            assertTrue(accuracy > 0.7, "rapf " + accuracy);
            assertEquals(32 * 32, six.trainable().get("map"));
            learn(fifty, 0, 50, 1, t -> ToyWorld.images(t, t + 1, 1 + t % 4, 1));
            double[] scores = values(fifty, 50)[0];
            assertTrue(IntStream.range(0, 50).allMatch(c -> Double.isFinite(scores[c])));
            assertArrayEquals(scores, fifty.predictAhead(test(50)).get("it").values()[0], "texts know all classes");
        }
    }

    /** Some whose other tests are elsewhere. */
    static Stream<Arguments> allMethods() {
        return Stream.concat(methods(), Stream.of(Arguments.of("simplecil", List.of()), Arguments.of("lda", List.of()), Arguments.of("ncm", List.of()),
                Arguments.of("rapf", RAPF), Arguments.of("linear-probe", REPLAY)));
    }

    /** A learner that was saved, loaded and goes on is the one that never stopped, to the bit; also where an earlier state was loaded before. */
    @ParameterizedTest
    @MethodSource("allMethods")
    void goesOnFromItsState(String name, List<String> changes) {
        try (Device device = new CpuDevice(1); Backbone backbone = backbone(device)) {
            Run run = run(backbone, 6);
            Learner whole = create(run, name, changes);
            learn(whole, 0, 1, 2, t -> pictures(t, 7));
            Path earlier = folder.resolve("earlier.safetensors");
            StateFile.save(earlier, whole, Map.of());
            learn(whole, 1, 2, 2, t -> pictures(t, 7));
            Path file = folder.resolve("state.safetensors");
            StateFile.save(file, whole, Map.of());
            Learner resumed = create(run, name, changes);
            StateFile.load(earlier, resumed);
            StateFile.load(file, resumed);
            assertArrayEquals(values(whole, 4), values(resumed, 4), name);
            learn(whole, 2, 3, 2, t -> pictures(t, 7));
            learn(resumed, 2, 3, 2, t -> pictures(t, 7));
            assertArrayEquals(values(whole, 6), values(resumed, 6), name);
        }
    }

    /** Better than one in six by chance: noisy pictures say little each. */
    @ParameterizedTest
    @MethodSource("methods")
    void oneImageAClass(String name, List<String> changes) {
        try (Device device = new CpuDevice(1); Backbone backbone = backbone(device); Learner learner = create(run(backbone, 6), name, changes)) {
            learn(learner, 0, 3, 2, t -> pictures(t, 1));
            double accuracy = accuracy(learner, 6);
            assertTrue(accuracy > 0.2, name + " " + accuracy);
        }
    }

    /** Fifty tasks of a class each; from one image on in its first task. */
    @ParameterizedTest
    @MethodSource("methods")
    void fiftyTasks(String name, List<String> changes) {
        try (Device device = new CpuDevice(1); Backbone backbone = backbone(device); Learner learner = create(run(backbone, 50), name, changes)) {
            learn(learner, 0, 50, 1, t -> ToyWorld.images(t, t + 1, 1 + t % 4, 1));
            double accuracy = accuracy(learner, 50);
            assertTrue(accuracy > 0.2, name + " " + accuracy);
        }
    }

    /** A class whose images are one and the same. */
    @ParameterizedTest
    @MethodSource("methods")
    void equalImages(String name, List<String> changes) {
        try (Device device = new CpuDevice(1); Backbone backbone = backbone(device); Learner learner = create(run(backbone, 4), name, changes)) {
            learn(learner, 0, 2, 2, t -> t == 0 ? equal(pictures(0, 8)) : pictures(t, 8));
            double accuracy = accuracy(learner, 4);
            assertTrue(accuracy > 0.5, name + " " + accuracy);
        }
    }

    private static TaskImages equal(TaskImages images) {
        return new ImagesAround(images) {
            @Override
            public void load(int index, float[] target, int offset, RandomGenerator random) {
                super.load(index % 2, target, offset, random);
            }
        };
    }
}
