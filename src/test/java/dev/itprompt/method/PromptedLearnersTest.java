package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.Setting;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.StoredValues;
import dev.itprompt.config.Configuration;
import dev.itprompt.config.Presets;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.method.Learner.Scores;
import dev.itprompt.method.Learner.Task;
import dev.itprompt.method.prompted.PromptedMethod;
import dev.itprompt.prompt.PoolUse;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.StateFile;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method of {@link PromptedMethod} on pictures that are easily told apart. */
class PromptedLearnersTest {

    private static final long SEED = 3;
    private static final TaskImages TEST = ToyWorld.images(0, 6, 10, 9);
    private static final String TRAINING = """
            batch: 8
            stepsOfPass: 1
            epochs: 4
            mostSteps: 0
            headRate: 0.02
            schedule: constant
            augment: false
            """;
    private static final String REPLAY = "replay: {epochs: 20, samples: 16, batches: 2, leastSteps: 0, mostSteps: 0, rate: 0.02}\n";
    private static final Map<String, String> SETTINGS = Map.of(
            "hide-prompt", "rate: 0.02\ninference: {rate: 5e-3, replayRate: 0.01}\n" + REPLAY,
            "vq-prompt", "rate: 0.02\n" + REPLAY,
            "coda-prompt", "rate: 0.005\ncomponents: 4\n",
            "dualprompt", "rate: 0.02\nlength: 4\ngeneralLayers: [0]\nlayers: [1, 2]\n",
            "l2p", "rate: 0.02\nentries: 6\ncount: 2\nlength: 2\n",
            "l2p++", "rate: 0.02\nentries: 6\ncount: 2\nlength: 2\n",
            "s-prompt", "rate: 0.02\ncentroids: 3\n",
            "s-prompt++", "rate: 0.02\nlength: 4\n",
            "vpt-nsp2", "rate: 0.02\nlength: 2\ntemperature: 0.2\nsteadiness: 0.01\n");

    private static final Map<String, Scores> USUAL = new HashMap<>();

    @TempDir
    static Path folder;
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

    private static Run run() {
        return Run.of(backbone, new RandomStreams(SEED), ToyWorld.CLASSES, "a photo of {}", 16, _ -> 0);
    }

    private static Method<?> method(String name) {
        return Registry.METHODS.kind(name);
    }

    private static <S extends Record> S settings(Method<S> method, String... changes) {
        Configuration.Builder<S> settings = Configuration.of(method.settings()).text("toy", TRAINING + SETTINGS.get(method.name()));
        for (String change : changes) {
            settings.set("toy", change);
        }
        return settings.build().settings();
    }

    private static Learner learner(String name, String... changes) {
        return learner(method(name), run(), changes);
    }

    private static <S extends Record> Learner learner(Method<S> method, Run run, String... changes) {
        return method.create(method.name(), run, settings(method, changes));
    }

    private static Task task(int index) {
        return new Task(index, 2 * index, 2 * index + 2, ToyWorld.images(2 * index, 2 * index + 2, 12, index));
    }

    private static Learner learned(Learner learner, int from, int end) {
        IntStream.range(from, end).forEach(t -> learner.learn(task(t), Checkpoints.NONE, Progress.NONE));
        return learner;
    }

    private static double accuracy(Scores answer, TaskImages images) {
        int[] classes = answer.classes();
        return IntStream.range(0, images.size()).filter(i -> classes[i] == images.label(i)).count() / (double) images.size();
    }

    private static void assertSame(Map<String, Scores> expected, Map<String, Scores> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, scores) -> {
            assertArrayEquals(scores.tasks(), actual.get(name).tasks(), name);
            for (int i = 0; i < scores.values().length; i++) {
                assertArrayEquals(scores.values()[i], actual.get(name).values()[i], name + ", image " + i);
            }
        });
    }

    /** The loss falls, prompts move, and after three tasks images of all are known: chance is 1/6, the last task alone gives 1/3. */
    @ParameterizedTest
    @CsvSource({"hide-prompt, 0.9", "vq-prompt, 0.9", "coda-prompt, 0.6", "dualprompt, 0.6", "l2p, 0.6", "l2p++, 0.6", "s-prompt, 0.6",
        "s-prompt++, 0.6"})
    void methodsLearnAndRemember(String name, double floor) throws Exception {
        Map<String, List<Double>> losses = new LinkedHashMap<>();
        try (Learner learner = learner(name)) {
            for (int t = 0; t < 3; t++) {
                learner.learn(task(t), Checkpoints.NONE, (stage, _, _, note) -> {
                    if (note.startsWith("loss ")) {
                        losses.computeIfAbsent(stage, _ -> new ArrayList<>()).add(Double.valueOf(note.substring(5).split(",")[0]));
                    }
                });
            }
            Map<String, Scores> answers = learner.predict(TEST);
            assertTrue(accuracy(answers.get(name), TEST) > floor, name + ": " + accuracy(answers.get(name), TEST));
            assertEquals(3, losses.keySet().stream().filter(stage -> stage.endsWith(" prompts")).count(), losses.keySet().toString());
            losses.forEach((stage, all) -> assertTrue(all.getLast() < all.getFirst() - 0.05, name + ", " + stage + ": " + all));
            Set<String> expected = method(name).answers().isEmpty() ? Set.of(name) : Set.of(name, name + "-batch-vote");
            assertEquals(expected, answers.keySet());
            assertTrue(learner.trainable().get("classifier") == 6 * 33 && learner.trainable().get("prompts") > 0, learner.trainable().toString());
            assertMoved(method(name), learner);
        }
    }

    /** Images that training steps see are those that are counted beforehand. */
    @ParameterizedTest
    @ValueSource(strings = {"hide-prompt", "l2p", "s-prompt"})
    void passesAreKnownBefore(String name) {
        Map<String, Long> steps = new LinkedHashMap<>();
        try (Learner learner = learner(name, "epochs=3")) {
            for (int t = 0; t < 2; t++) {
                learner.learn(task(t), Checkpoints.NONE, (stage, _, total, note) -> {
                    if (stage.endsWith(" prompts") && note.startsWith("loss ")) {
                        steps.put(stage, total);
                    }
                });
            }
        }
        assertEquals(2, steps.size());
        assertEquals(8 * steps.values().stream().mapToLong(Long::longValue).sum(), passes(method(name), "epochs=3").trained());
        long kept = name.equals("hide-prompt") ? 2 * 24 : 0;
        long answers = method(name).answers().isEmpty() ? 1 : 2;
        assertEquals(kept + answers * (5 + 10), passes(method(name), "epochs=3").embedded());
        assertEquals(kept + answers * (5 + 10) + 2 * 24 * 3 * (name.equals("l2p") ? 1 : 0), passes(method(name), "epochs=3", "augment=true").embedded());
        if (name.equals("hide-prompt")) {
            assertEquals(kept + 15 + 2 * 24 * 7, passes(method(name), "epochs=3", "inference.augment=true", "inference.epochs=7").embedded());
        }
    }

    private static <S extends Record> Passes passes(Method<S> method, String... changes) {
        return method.passes(backbone.model().vision(), settings(method, changes), List.of(new Passes.TaskSize(24, 5), new Passes.TaskSize(24, 5)));
    }

    /** Steps that are projected teach three tasks, by a classifier and by texts. */
    @Test
    void projectedStepsLearnAndRemember() {
        try (Learner linear = learned(learner("vpt-nsp2"), 0, 3); Learner text = learned(learner("vpt-nsp2", "head=text"), 0, 2)) {
            assertTrue(accuracy(linear.predict(TEST).get("vpt-nsp2"), TEST) > 0.6);
            assertMoved(method("vpt-nsp2"), linear);
            assertEquals(Set.of("tokens", "classifier"), linear.trainable().keySet());
            assertEquals(Set.of("tokens"), text.trainable().keySet());
            assertEquals(4, text.predict(TEST).get("vpt-nsp2").values()[0].length);
        }
    }

    private static <S extends Record> void assertMoved(Method<S> method, Learner learner) {
        Map<String, Tensor> begun = ((PromptedMethod<S>) method).recipe(method.name(), backbone.model().vision(), settings(method)).prompting()
                .beginTask(0, Map.of(), new RandomStreams(SEED).stream("init.prompt", 0));
        Path file = folder.resolve(method.name() + "-moved.safetensors");
        StateFile.save(file, learner, Map.of());
        Checkpoint stored = Checkpoint.open(file);
        for (String value : begun.keySet()) {
            float[] now = stored.tensor("prompt." + value).load().toArray();
            float[] start = begun.get(value).toArray();
            assertFalse(Arrays.equals(start, 0, start.length, now, 0, start.length), method.name() + ": " + value + " has not moved");
        }
    }

    /** Where published code lets classes compete that are not learned yet, they have scores beside the same ones of the others, and it is said. */
    @ParameterizedTest
    @ValueSource(strings = {"hide-prompt", "dualprompt", "l2p", "s-prompt++"})
    void unseenClassesCompeteWhereThatIsAskedFor(String name) {
        try (Learner seen = learned(learner(name, "epochs=1"), 0, 1); Learner all = learned(learner(name, "epochs=1", "unmasked=true"), 0, 1)) {
            double[][] masked = seen.predict(TEST).get(name).values();
            double[][] unmasked = all.predict(TEST).get(name).values();
            for (int i = 0; i < masked.length; i++) {
                assertEquals(6, unmasked[i].length);
                assertArrayEquals(masked[i], Arrays.copyOf(unmasked[i], 2));
            }
            assertTrue(all.answersUnseen() && !seen.answersUnseen());
            assertEquals(Set.of(Need.UNMASKED_LOGITS), needs(method(name), "unmasked=true"));
        }
    }

    /** Tasks are told where every task has a prompt. */
    @ParameterizedTest
    @ValueSource(strings = {"hide-prompt", "s-prompt", "s-prompt++", "dualprompt"})
    void tasksAreInferred(String name) {
        try (Learner learner = learned(learner(name, "epochs=20"), 0, 3)) {
            int[] tasks = learner.predict(TEST).get(name).tasks();
            long right = IntStream.range(0, tasks.length).filter(i -> tasks[i] == TEST.label(i) / 2).count();
            assertTrue(right > 0.5 * tasks.length, right + " of " + tasks.length + " tasks inferred rightly");
        }
    }

    /** Each image gets the two entries whose keys have the largest cosines to its query, counted here from the stored keys. */
    @Test
    void usesOfAPoolAreCounted() {
        Run run = run();
        try (Learner learner = learned(learner(method("l2p"), run), 0, 2)) {
            float[][] keys = FeatureMatrix.normalized(FeatureMatrix.rows(value(learner, "prompt.keys")));
            double[] expected = new double[6];
            for (float[] query : run.store().plain(TEST, "", Progress.NONE)) {
                double[] cosines = Arrays.stream(keys).mapToDouble(key -> FeatureMatrix.dot(key, FeatureMatrix.normalized(query))).toArray();
                int first = FeatureMatrix.argmax(cosines, 6);
                cosines[first] = -2;
                expected[first]++;
                expected[FeatureMatrix.argmax(cosines, 6)]++;
            }
            PoolUse use = learner.predict(TEST).get("l2p").pools().get("pool");
            assertEquals(60, use.images());
            assertFalse(use.weighed());
            assertArrayEquals(expected, use.sums());
        }
    }

    /** Of a mixture the sizes of weights are added up: |cos(q⊙a, k)|, here from the stored attention and keys. */
    @Test
    void weightsOfComponentsAreAddedUp() {
        Run run = run();
        try (Learner learner = learned(learner(method("coda-prompt"), run), 0, 2)) {
            Map<String, PoolUse> pools = learner.predict(TEST).get("coda-prompt").pools();
            String block = pools.keySet().iterator().next().replace("pool.", "");
            float[][] keys = FeatureMatrix.normalized(FeatureMatrix.rows(value(learner, "prompt.keys." + block)));
            float[][] attention = FeatureMatrix.rows(value(learner, "prompt.attention." + block));
            double[] expected = new double[keys.length];
            for (float[] query : run.store().plain(TEST, "", Progress.NONE)) {
                for (int e = 0; e < keys.length; e++) {
                    float[] seen = query.clone();
                    for (int i = 0; i < seen.length; i++) {
                        seen[i] *= attention[e][i];
                    }
                    expected[e] += Math.abs(FeatureMatrix.dot(FeatureMatrix.normalized(seen), keys[e]));
                }
            }
            assertEquals(8, keys.length, "four a task");
            assertTrue(pools.get("pool." + block).weighed());
            assertArrayEquals(expected, pools.get("pool." + block).sums(), 1e-4);
        }
    }

    /** One entry for an image in each block; none where the entries are tasks', which are told by another way. */
    @Test
    void poolsOfTasksAreTasks() {
        try (Learner vq = learned(learner("vq-prompt", "epochs=1"), 0, 1); Learner dual = learned(learner("dualprompt", "epochs=1"), 0, 2);
                Learner listed = learned(learner("dualprompt", "epochs=1", "entries=4"), 0, 2)) {
            vq.predict(TEST).get("vq-prompt").pools().forEach((name, use) -> assertEquals(60, Arrays.stream(use.sums()).sum(), name));
            assertFalse(vq.predict(TEST).get("vq-prompt").pools().isEmpty());
            assertEquals(Map.of(), dual.predict(TEST).get("dualprompt").pools());
            assertEquals(60, Arrays.stream(listed.predict(TEST).get("dualprompt").pools().get("expert.pool").sums()).sum());
        }
    }

    private static Tensor value(Learner learner, String name) {
        return ((StoredValues.Floats) StateFile.values(learner).get(name)).tensor();
    }

    /** Features with finished prompts are kept: a test after a further task is a pass of the model for images that get another prompt alone. */
    @ParameterizedTest
    @ValueSource(strings = {"hide-prompt", "s-prompt"})
    void oldTestImagesAreNotComputedAgain(String name) {
        AtomicInteger loaded = new AtomicInteger();
        TaskImages test = new ImagesAround(TEST) {
            @Override
            public void load(int index, float[] target, int offset, RandomGenerator random) {
                loaded.incrementAndGet();
                super.load(index, target, offset, random);
            }
        };
        try (Learner learner = learned(learner(name), 0, 2); Learner other = learned(learner(name), 0, 3)) {
            int[] before = learner.predict(test).get(name).tasks();
            learned(learner, 2, 3);
            loaded.set(0);
            Map<String, Scores> after = learner.predict(test);
            int[] now = after.get(name).tasks();
            assertEquals(IntStream.range(0, now.length).filter(i -> before[i] != now[i]).count(), loaded.get());
            assertTrue(loaded.get() < now.length, loaded::toString);
            assertSame(other.predict(TEST), after);
        }
    }

    /** A state on disk is all there is: it answers and learns on to the same bit, also where an earlier one was loaded before. */
    @ParameterizedTest
    @ValueSource(strings = {"hide-prompt", "vq-prompt", "coda-prompt", "dualprompt", "l2p", "l2p++", "s-prompt", "s-prompt++", "vpt-nsp2"})
    void statesAreWhole(String name) {
        Path file = folder.resolve(name + ".safetensors");
        Path earlier = folder.resolve(name + "-earlier.safetensors");
        try (Learner learner = learned(learner(name), 0, 1); Learner loaded = learner(name)) {
            StateFile.save(earlier, learner, Map.of());
            learned(learner, 1, 2);
            StateFile.save(file, learner, Map.of());
            StateFile.load(earlier, loaded);
            StateFile.load(file, loaded);
            assertSame(learner.predict(TEST), loaded.predict(TEST));
            assertSame(learned(learner, 2, 3).predict(TEST), learned(loaded, 2, 3).predict(TEST));
        }
    }

    /** What was learned of the first classes goes on in a run that has more. */
    @ParameterizedTest
    @ValueSource(strings = {"hide-prompt", "vq-prompt", "coda-prompt", "dualprompt", "l2p", "s-prompt"})
    void furtherClassesCanBeAdded(String name) {
        Path file = folder.resolve(name + "-first.safetensors");
        Run first = Run.of(backbone, new RandomStreams(SEED), ToyWorld.CLASSES.subList(0, 4), "a photo of {}", 16, _ -> 0);
        try (Learner early = learned(learner(method(name), first), 0, 2); Learner late = learner(name)) {
            StateFile.save(file, early, Map.of());
            StateFile.load(file, late);
            assertSame(early.predict(TEST), late.predict(TEST));
            assertEquals(6, learned(late, 2, 3).predict(TEST).get(name).values()[0].length);
        }
    }

    /** Left at any step, a training goes on from its checkpoint to the same bits. */
    @ParameterizedTest
    @ValueSource(strings = {"hide-prompt", "vq-prompt", "coda-prompt", "dualprompt", "l2p", "s-prompt"})
    void interruptedTrainingsGoOn(String name) {
        Map<String, Scores> expected = learned(learner(name), 0, 2).predict(TEST);
        Path file = folder.resolve(name + ".checkpoint");
        int interruptions = 0;
        while (true) {
            try (Learner learner = learner(name)) {
                Checkpoints at = Checkpoints.in(file, Duration.ZERO, Map.of());
                at.restore(learner);
                int[] left = {5 + 6 * interruptions};
                Progress leaving = (_, _, _, note) -> {
                    if (note.startsWith("loss ") && left[0]-- == 0) {
                        throw new IllegalStateException("left");
                    }
                };
                for (int t = 0; t < 2; t++) {
                    Task task = task(t);
                    at.stage(() -> learner.learn(task, at, leaving));
                }
                assertSame(expected, learner.predict(TEST));
                break;
            } catch (IllegalStateException e) {
                assertEquals("left", e.getMessage());
                interruptions++;
            }
        }
        assertTrue(interruptions >= 2, interruptions + " interruptions");
    }

    /** Six tasks of one class with one image each, fewer than a batch; and two such tasks with several. */
    @ParameterizedTest
    @ValueSource(strings = {"hide-prompt", "vq-prompt", "coda-prompt", "dualprompt", "l2p", "l2p++", "s-prompt", "s-prompt++"})
    void smallTasksAreLearned(String name) {
        for (int perClass : new int[] {1, 3}) {
            try (Learner learner = learner(name, "epochs=1", "batch=64")) {
                int tasks = perClass == 1 ? 6 : 2;
                for (int t = 0; t < tasks; t++) {
                    learner.learn(new Task(t, t, t + 1, ToyWorld.images(t, t + 1, perClass, t)), Checkpoints.NONE, Progress.NONE);
                }
                double[][] values = learner.predict(TEST).get(name).values();
                assertEquals(tasks, values[0].length);
                assertTrue(Arrays.stream(values).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite));
            }
        }
    }

    /** Every option changes what is learned or answered, and can be run. */
    @ParameterizedTest
    @CsvSource({"hide-prompt, momentum=0.5", "hide-prompt, contrast=0", "hide-prompt, replay.statistics=variance", "hide-prompt, reshaped=true",
        "hide-prompt, 'replay.statistics=centroids'", "hide-prompt, 'inference.hidden=[2, 2]'", "hide-prompt, inference.augment=true",
        "hide-prompt, replay.optimizer=adamw", "hide-prompt, replay.epochs=0", "vq-prompt, replay.epochs=0", "vq-prompt, temperature=5",
        "vq-prompt, frozenEpochs=1", "coda-prompt, orthogonality=0.1", "coda-prompt, schedule=coda", "coda-prompt, schedule=hide-cosine",
        "coda-prompt, schedule=hide-step", "coda-prompt, clip=0", "dualprompt, keysPerLayer=true", "dualprompt, copies=false", "dualprompt, low=0",
        "dualprompt, pull=0", "dualprompt, distance=sum", "dualprompt, entries=4", "dualprompt, reshaped=true", "s-prompt++, distance=sum-of-all-pairs",
        "s-prompt++, reshaped=true", "l2p, vote=true", "l2p, place=before-class-token", "l2p, place=instead-of-class-token", "l2p, positioned=false",
        "l2p, averaged=false", "l2p++, 'layers=[0, 1, 2]'", "l2p++, distance=sum-of-all-pairs"})
    void optionsMatter(String name, String option) {
        try (Learner other = learned(learner(name, "epochs=3", option), 0, 2)) {
            Scores expected = USUAL.computeIfAbsent(name, _ -> learned(learner(name, "epochs=3"), 0, 2).predict(TEST).get(name));
            Scores actual = other.predict(TEST).get(name);
            boolean same = Arrays.deepEquals(expected.values(), actual.values());
            boolean noChange = option.equals("schedule=hide-step") // a tenth of the rate from epoch 31 on
                    || option.equals("inference.augment=true"); // pictures that know no augmentation
            assertEquals(noChange, same, name + " with " + option);
        }
    }

    /** What images choose for themselves does not depend on their neighbours; votes and reshaped prefixes do. */
    @ParameterizedTest
    @CsvSource({"l2p, pull=0.1, l2p, false", "s-prompt++, rate=0.05, s-prompt++, false", "s-prompt++, rate=0.05, s-prompt++-batch-vote, true",
        "hide-prompt, reshaped=false, hide-prompt, false", "hide-prompt, reshaped=true, hide-prompt, true"})
    void whatDependsOnTheBatch(String name, String option, String answer, boolean depends) {
        int[] few = IntStream.range(0, TEST.size()).filter(i -> TEST.label(i) >= 4).toArray();
        try (Learner learner = learned(learner(name, "epochs=20", option), 0, 3)) {
            double[][] all = learner.predict(TEST).get(answer).values();
            double[][] some = learner.predict(new SelectedImages(TEST, few)).get(answer).values();
            boolean same = IntStream.range(0, few.length).allMatch(i -> Arrays.equals(all[few[i]], some[i]));
            assertEquals(depends, !same, answer + " with " + option);
        }
    }

    @Test
    void whatAMethodDoesByMistakeIsSaid() {
        for (String name : List.of("hide-prompt", "dualprompt", "s-prompt++")) {
            assertEquals(Set.of(), needs(method(name)));
            assertEquals(Set.of(Need.RESHAPED_PREFIXES), needs(method(name), "reshaped=true"));
        }
    }

    private static <S extends Record> Set<Need> needs(Method<S> method, String... changes) {
        return method.needs(settings(method, changes));
    }

    @Test
    void layersThatTheModelHasNotAreRefused() {
        for (String name : List.of("hide-prompt", "vq-prompt", "coda-prompt", "dualprompt", "l2p++", "s-prompt", "s-prompt++")) {
            InputException e = assertThrows(InputException.class, () -> learner(name, "layers=[3, 7]"));
            assertEquals("methods." + name + ".layers: expected at least one layer that the model has (0 to 2), found [3, 7]", e.getMessage());
        }
    }

    /** What is planned grows with tasks where values do, and shrinks where blocks are computed again. */
    @Test
    void stepsArePlanned() {
        for (String name : SETTINGS.keySet()) {
            long step = planned(method(name), new Method.LastTask(2, 4));
            assertTrue(step > 0, name);
            assertTrue(planned(method(name), new Method.LastTask(2, 4), "recompute=true") <= step, name);
        }
        assertNotEquals(planned(method("coda-prompt"), new Method.LastTask(0, 0)), planned(method("coda-prompt"), new Method.LastTask(2, 4)));
    }

    private static <S extends Record> long planned(Method<S> method, Method.LastTask last, String... changes) {
        return method.largestStep(run(), settings(method, changes), last).orElseThrow().totalBytes();
    }

    /** Every preset can be read, and changes something. */
    @Test
    void presetsFit() {
        int count = 0;
        for (String name : SETTINGS.keySet()) {
            Class<? extends Record> type = method(name).settings();
            Record plain = Configuration.of(type).build().settings();
            for (RecordComponent component : type.getRecordComponents()) {
                Setting setting = component.getAnnotation(Setting.class);
                for (String preset : setting.presets().isEmpty() ? Set.<String>of() : Presets.read(type, setting.presets()).presets().keySet()) {
                    Record published = Configuration.of(type).set("test", "preset=" + preset).build().settings();
                    assertFalse(published.toString().replace(preset, "none").equals(plain.toString()), name + " " + preset);
                    count++;
                }
            }
        }
        assertTrue(count >= 15, count + " presets");
    }
}
