package dev.itprompt.method.itprompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.LoadOptions;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.config.Configuration;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Learner.Scores;
import dev.itprompt.method.Learner.Task;
import dev.itprompt.method.Run;
import dev.itprompt.method.ToyWorld;
import dev.itprompt.method.hide.HidePromptMethod;
import dev.itprompt.method.hide.HideSettings;
import dev.itprompt.method.replay.FeatureReplay.Kept;
import dev.itprompt.model.PretrainedModel;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.StateFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** IT-Prompt without texts, keys and whitening is HiDe-Prompt: with settings alike the bundled model learns the same of three tasks, to the bit. */
class SameTrainingTest {

    private static final long SEED = 7;
    /** The mean of older prompts is weighed by a power of two and gradients are not cut, as both are rounded in another order by the two. */
    private static final String ALIKE = """
            length: 3
            layers: [0, 1]
            momentum: 0.25
            contrast: 0.1
            contrastTemperature: 0.8
            batch: 8
            stepsOfPass: 1
            epochs: 2
            mostSteps: 0
            rate: 0.02
            headRate: 0.002
            schedule: cosine
            clip: 0
            augment: false
            inference: {epochs: 3, rate: 5e-3, replayRate: 0.01}
            """;
    private static final String REPLAY = "replay: {epochs: 4, samples: 16, batches: 2, leastSteps: 0, imagesPerStep: 0, mostSteps: 0, rate: 0.01, optimizer: sgd}\n";

    @TempDir
    static Path folder;

    @ParameterizedTest
    @EnumSource(Kept.class)
    void itPromptWithoutItsOwnPartsIsHidePrompt(Kept statistics) {
        String kept = "replay.statistics=" + statistics.name().toLowerCase(Locale.ROOT);
        ItPromptSettings settings = Configuration.of(ItPromptSettings.class).text("alike", ALIKE + REPLAY).set("test", kept)
                .set("test", "textGuide=off").set("test", "keyWeight=0").set("test", "whiten=false").set("test", "cncm.whiten=false")
                .set("test", "replay.start=trained").build().settings();
        HideSettings hidden = Configuration.of(HideSettings.class).text("alike", ALIKE + REPLAY).set("test", kept).build().settings();
        PretrainedModel model = ModelReader.read(Path.of("models", "tiny-clip"), LoadOptions.NONE).model();
        try (Device device = new CpuDevice(1); Backbone backbone = new Backbone(device, model, 16);
                Learner own = learned(new ItPrompt("it", run(backbone), settings), model);
                Learner other = learned(new HidePromptMethod().create("hide", run(backbone), hidden), model)) {
            TaskImages test = ToyWorld.images(model.vision().imageSize(), 0, 6, 5, 9);
            Scores expected = other.predict(test).get("hide");
            Scores actual = own.predict(test).get("it");
            assertArrayEquals(expected.tasks(), actual.tasks(), "seed " + SEED);
            assertArrayEquals(expected.classes(), actual.classes(), "seed " + SEED);
            for (int i = 0; i < test.size(); i++) {
                assertArrayEquals(expected.values()[i], actual.values()[i], "image " + i + ", seed " + SEED);
            }
            assertSamePrompts(own, other, model.vision().width());
        }
    }

    private static void assertSamePrompts(Learner own, Learner other, int width) {
        Path file = folder.resolve("own.safetensors");
        StateFile.save(file, own, Map.of());
        Checkpoint ours = Checkpoint.open(file);
        file = folder.resolve("other.safetensors");
        StateFile.save(file, other, Map.of());
        Checkpoint others = Checkpoint.open(file);
        for (String weight : List.of("classifier.head.weight", "classifier.head.bias")) {
            assertArrayEquals(others.tensor(weight).load().toArray(), ours.tensor(weight).load().toArray(), weight);
        }
        for (int block = 0; block < 2; block++) {
            float[] table = others.tensor("prompt.prompts." + block).load().toArray();
            assertEquals(3 * 2 * 3 * width, table.length);
            for (int task = 0; task < 3; task++) {
                float[] keys = ours.tensor("prompt." + task + "." + block + ".keys").load().toArray();
                float[] values = ours.tensor("prompt." + task + "." + block + ".values").load().toArray();
                for (int i = 0; i < keys.length; i++) {
                    assertEquals(table[(2 * task) * keys.length + i], keys[i], "key " + i + " of task " + task);
                    assertEquals(table[(2 * task + 1) * keys.length + i], values[i], "value " + i + " of task " + task);
                }
            }
            assertTrue(IntStream.range(0, table.length / 3).anyMatch(i -> table[i] != table[table.length / 3 + i]), "tasks have trained their own");
        }
    }

    private static Run run(Backbone backbone) {
        return Run.of(backbone, new RandomStreams(SEED), ToyWorld.CLASSES, "a photo of {}", 16, _ -> 0);
    }

    private static Learner learned(Learner learner, PretrainedModel model) {
        for (int t = 0; t < 3; t++) {
            learner.learn(new Task(t, 2 * t, 2 * t + 2, ToyWorld.images(model.vision().imageSize(), 2 * t, 2 * t + 2, 12, t)), Checkpoints.NONE, Progress.NONE);
        }
        return learner;
    }
}
