package dev.itprompt.pretrain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.checkpoint.LoadOptions;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.checkpoint.StorageType;
import dev.itprompt.data.CaptionedImages.Captioned;
import dev.itprompt.data.RgbaImage;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.model.Clip;
import dev.itprompt.model.VisionTransformer.Pooling;
import dev.itprompt.pretrain.PretrainSettings.AugmentSettings;
import dev.itprompt.pretrain.PretrainSettings.TextSettings;
import dev.itprompt.pretrain.PretrainSettings.VisionSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainingTest {

    private static final AugmentSettings GENTLE = new AugmentSettings(0.9, 1.1, 1.05, 5, 0.02, 0, 0.5, 0.5, 0, 0, 0, 0, 2);

    @TempDir
    private Path folder;
    private Path merges;

    @BeforeEach
    void writeMerges() throws IOException {
        merges = folder.resolve("merges.txt.gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(merges))) {
            out.write("#version: test\nr e\nre d</w>\n".getBytes());
        }
    }

    private PretrainSettings settings(int steps, int batch, int saveEvery) {
        return settings(steps, batch, saveEvery, "");
    }

    private PretrainSettings settings(int steps, int batch, int saveEvery, String initial) {
        return new PretrainSettings(merges.toString(), initial, new VisionSettings(16, 8, 64, 1, 32, Pooling.MEAN),
                new TextSettings(12, 64, 1), batch, List.of(), 1, steps, 3, 2e-3, 0.1, 0.98, 1, List.of("{}", "a {}"), GENTLE,
                saveEvery, 7);
    }

    /** Discs and crosses in red and blue. */
    private static List<Captioned> pictures() {
        List<Captioned> pictures = new ArrayList<>();
        for (String color : List.of("red", "blue")) {
            for (String form : List.of("disc", "cross")) {
                byte[] rgb = new byte[3 * 20 * 20];
                byte[] alpha = new byte[20 * 20];
                for (int i = 0; i < alpha.length; i++) {
                    int x = i % 20 - 10;
                    int y = i / 20 - 10;
                    boolean ink = form.equals("disc") ? x * x + y * y < 64 : Math.abs(x) < 2 || Math.abs(y) < 2;
                    alpha[i] = (byte) (ink ? 255 : 0);
                    rgb[3 * i + (color.equals("red") ? 0 : 2)] = (byte) 220;
                }
                pictures.add(new Captioned(color + "/" + form + ".png", color + " " + form, new RgbaImage(20, 20, rgb, alpha)));
            }
        }
        return pictures;
    }

    private Clip train(PretrainSettings settings, Path output, List<Double> losses) {
        Progress progress = (_, _, _, note) -> losses.add(Double.parseDouble(note.substring(5)));
        try (Device device = new CpuDevice(1)) {
            return new Pretraining(settings, pictures(), Path::of).run(device, output, StorageType.FP32, progress);
        }
    }

    @Test
    void learnsToTellPicturesApartAndSavesWhatItLearned() {
        List<Double> losses = new ArrayList<>();
        Clip clip = train(settings(150, 4, 1000), folder.resolve("model"), losses);
        assertTrue(losses.getLast() < 0.7 * losses.getFirst(), "loss from " + losses.getFirst() + " to " + losses.getLast());
        Clip read = (Clip) ModelReader.read(folder.resolve("model"), LoadOptions.NONE).model();
        assertEquals(clip.vision(), read.vision());
        assertEquals(clip.text(), read.text());
        clip.weights().forEach((name, tensor) -> assertArrayEquals(tensor.toArray(), read.weights().get(name).toArray(), name));
        assertFalse(Files.exists(folder.resolve("model/training-state.safetensors")), "the training state is no longer needed");
    }

    @Test
    void anInterruptedRunEndsWithTheSameBits() {
        Clip whole = train(settings(12, 4, 5), folder.resolve("whole"), new ArrayList<>());
        Progress interrupt = (_, done, _, _) -> {
            if (done == 7) {
                throw new IllegalStateException("interrupted");
            }
        };
        Pretraining pretraining = new Pretraining(settings(12, 4, 5), pictures(), Path::of);
        try (Device device = new CpuDevice(1)) {
            assertThrows(IllegalStateException.class,
                    () -> pretraining.run(device, folder.resolve("parts"), StorageType.FP32, interrupt));
        }
        List<Double> losses = new ArrayList<>();
        Clip resumed = train(settings(12, 4, 5), folder.resolve("parts"), losses);
        assertEquals(7, losses.size(), "steps 6 to 12 are left");
        whole.weights().forEach((name, tensor) -> assertArrayEquals(tensor.toArray(), resumed.weights().get(name).toArray(), name));
    }

    @Test
    void aStateOfOtherSettingsIsRefused() {
        Pretraining pretraining = new Pretraining(settings(12, 4, 5), pictures(), Path::of);
        try (Device device = new CpuDevice(1)) {
            assertThrows(IllegalStateException.class, () -> pretraining.run(device, folder, StorageType.FP32, (_, done, _, _) -> {
                if (done == 6) {
                    throw new IllegalStateException("interrupted");
                }
            }));
        }
        InputException refused = assertThrows(InputException.class, () -> train(settings(13, 4, 5), folder, new ArrayList<>()));
        assertTrue(refused.getMessage().contains("other settings"), refused.getMessage());
    }

    /** Interrupted after a state was saved. */
    private Path interrupted() {
        Pretraining pretraining = new Pretraining(settings(12, 4, 5), pictures(), Path::of);
        try (Device device = new CpuDevice(1)) {
            assertThrows(IllegalStateException.class, () -> pretraining.run(device, folder, StorageType.FP32, (_, done, _, _) -> {
                if (done == 6) {
                    throw new IllegalStateException("interrupted");
                }
            }));
        }
        return folder.resolve("training-state.safetensors");
    }

    private String refusal(List<Captioned> pictures) {
        Pretraining pretraining = new Pretraining(settings(12, 4, 5), pictures, Path::of);
        try (Device device = new CpuDevice(1)) {
            return assertThrows(InputException.class, () -> pretraining.run(device, folder, StorageType.FP32, Progress.NONE)).getMessage();
        }
    }

    @Test
    void aStateOfOtherPicturesOrMergesIsRefused() throws IOException {
        interrupted();
        List<Captioned> changed = new ArrayList<>(pictures());
        changed.getFirst().image().rgb()[0] ^= 1;
        assertTrue(refusal(changed).contains("was made with other pictures;"), refusal(changed));
        List<Captioned> swapped = pictures().reversed();
        assertTrue(refusal(swapped).contains("was made with other pictures;"), refusal(swapped));
        try (var out = new GZIPOutputStream(Files.newOutputStream(merges))) {
            out.write("#version: test\nr e\nre l</w>\n".getBytes());
        }
        assertTrue(refusal(pictures()).contains("was made with other merges;"), refusal(pictures()));
    }

    /** Whatever became of the file, it is one line, and nothing is trained with it. */
    @Test
    void aDamagedStateIsRefused() throws IOException {
        Path state = interrupted();
        byte[] kept = Files.readAllBytes(state);
        RandomGenerator random = new RandomStreams(5).stream("damage");
        for (int i = 0; i < 12; i++) {
            byte[] damaged = switch (i % 4) {
                case 0 -> Arrays.copyOf(kept, random.nextInt(kept.length));
                case 1 -> Arrays.copyOf(kept, kept.length + 1 + random.nextInt(100));
                default -> kept.clone();
            };
            if (i % 4 > 1) {
                damaged[random.nextInt(i % 4 == 2 ? 4000 : damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(state, damaged);
            String message = refusal(pictures());
            assertTrue(message.contains("training-state.safetensors"), "seed 5, damage " + i + ": " + message);
        }
        Files.write(state, kept);
        assertEquals(7, lossesOfTheRest().size());
    }

    private List<Double> lossesOfTheRest() {
        List<Double> losses = new ArrayList<>();
        train(settings(12, 4, 5), folder, losses);
        return losses;
    }

    @Test
    void oneFolderHasOneTraining() {
        Pretraining inner = new Pretraining(settings(2, 4, 5), pictures(), Path::of);
        try (Device device = new CpuDevice(1)) {
            Progress again = (_, _, _, _) -> {
                InputException busy = assertThrows(InputException.class, () -> inner.run(device, folder, StorageType.FP32, Progress.NONE));
                assertTrue(busy.getMessage().contains("another run is going on"), busy.getMessage());
            };
            new Pretraining(settings(2, 4, 5), pictures(), Path::of).run(device, folder, StorageType.FP32, again);
        }
    }

    /** The files that settings name are looked for where the caller says. */
    @Test
    void mergesAndInitialModelAreFoundByTheCaller() {
        train(settings(1, 4, 5), folder.resolve("first"), new ArrayList<>());
        PretrainSettings named = settings(1, 4, 5, "first");
        PretrainSettings relative = new PretrainSettings("merges.txt.gz", named.initial(), named.vision(), named.text(), named.batch(),
                named.emphasized(), named.emphasis(), named.steps(), named.warmup(), named.rate(), named.weightDecay(), named.beta2(),
                named.clip(), named.templates(), named.augment(), named.saveEvery(), named.seed());
        assertEquals(16, new Pretraining(relative, pictures(), folder::resolve).initialModel().vision().imageSize());
    }

    @Test
    void goesOnFromATrainedModel() {
        List<Double> first = new ArrayList<>();
        train(settings(60, 4, 1000), folder.resolve("first"), first);
        List<Double> second = new ArrayList<>();
        train(settings(3, 4, 1000, folder.resolve("first").toString()), folder.resolve("second"), second);
        assertTrue(second.getFirst() < 0.9 * first.getFirst(), "loss begins at " + second.getFirst() + ", not " + first.getFirst());
        Path other = folder.resolve("first");
        PretrainSettings wider = new PretrainSettings(merges.toString(), other.toString(),
                new VisionSettings(16, 8, 128, 1, 32, Pooling.MEAN), new TextSettings(12, 64, 1), 4, List.of(), 1, 3, 0, 1e-3, 0, 0.98,
                1, List.of("{}"), GENTLE, 100, 7);
        InputException refused = assertThrows(InputException.class, () -> new Pretraining(wider, pictures(), Path::of).initialModel());
        assertTrue(refused.getMessage().contains("other sizes"), refused.getMessage());
    }

    @Test
    void fewerPicturesThanABatchAreRefused() {
        InputException refused = assertThrows(InputException.class, () -> new Pretraining(settings(1, 5, 5), pictures(), Path::of));
        assertTrue(refused.getMessage().contains("found 4"), refused.getMessage());
    }

    @Test
    void viewsAreReproducibleAndInRange() {
        AugmentSettings wild = new AugmentSettings(0.3, 1.5, 2, 45, 0.5, 0.5, 0.3, 0.3, 0.5, 0.5, 0.5, 0.5, 30);
        PictureAugment augment = new PictureAugment(wild, 16);
        for (int i = 0; i < 200; i++) {
            RandomGenerator random = new RandomStreams(i).stream("view");
            float[] view = augment.view(pictures().get(i % 4).image(), random);
            assertEquals(3 * 16 * 16, view.length);
            for (float value : view) {
                assertTrue(value >= 0 && value <= 255, "seed " + i + ": " + value);
            }
            assertArrayEquals(view, augment.view(pictures().get(i % 4).image(), new RandomStreams(i).stream("view")), "seed " + i);
        }
    }

    /** A black icon on a black background would be nothing to learn from. */
    @Test
    void blackOnBlackIsMadeVisible() {
        AugmentSettings dark = new AugmentSettings(1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0);
        byte[] opaque = new byte[100];
        Arrays.fill(opaque, (byte) 255);
        float[] view = new PictureAugment(dark, 10).view(new RgbaImage(10, 10, new byte[300], opaque),
                new RandomStreams(1).stream("view"));
        double mean = 0;
        for (float value : view) {
            mean += value / view.length;
        }
        assertTrue(mean > 60, "mean " + mean);
    }
}
