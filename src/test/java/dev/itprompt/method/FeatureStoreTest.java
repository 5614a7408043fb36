package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Fingerprint;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.ImageKey;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.TaskPrefix;
import dev.itprompt.store.FeatureCache;
import dev.itprompt.store.FeatureRows;
import dev.itprompt.store.FeatureSubject;
import dev.itprompt.tensor.Tensor;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureStoreTest {

    private static final int BATCH = 20;

    @TempDir
    Path folder;
    private final List<String> warnings = new ArrayList<>();
    private final AtomicInteger loaded = new AtomicInteger();

    /** Images that count how often one is asked for, with keys. */
    private TaskImages counted(TaskImages images) {
        return new ImagesAround(images) {
            @Override
            public ImageKey key(int index) {
                return ImageKey.of(new Fingerprint().add(images.identity(index)));
            }

            @Override
            public void load(int index, float[] target, int offset, RandomGenerator random) {
                loaded.incrementAndGet();
                super.load(index, target, offset, random);
            }
        };
    }

    private FeatureRows disk() {
        return new FeatureCache(folder, 1 << 24, warnings::add).of(new FeatureSubject(Map.of("model", "toy")));
    }

    /** The features of some images as a store gives them, twice. */
    private float[][] features(FeatureRows disk, TaskImages images, int computed, int found) {
        try (Device device = new CpuDevice(2); Backbone backbone = new Backbone(device, ToyWorld.clip(1), BATCH)) {
            FeatureStore store = new FeatureStore(backbone, BATCH, disk);
            float[][] rows = store.plain(images, "", Progress.NONE);
            int before = loaded.get();
            assertTrue(Arrays.deepEquals(rows, store.plain(images, "", Progress.NONE)));
            assertEquals(before, loaded.get(), "known now");
            assertEquals(computed, store.tally().computed());
            assertEquals(found, store.tally().found());
            disk.flush();
            return rows;
        }
    }

    @Test
    void featuresOfOtherRunsAreTheSameBits() {
        TaskImages images = counted(ToyWorld.images(0, 6, 8, 1));
        float[][] expected = features(FeatureRows.NONE, images, 48, 0);
        assertArrayEquals(expected, features(disk(), images, 48, 0));
        loaded.set(0);
        assertArrayEquals(expected, features(disk(), images, 0, 48));
        assertEquals(8, loaded.get(), "those that are compared");
        TaskImages more = counted(ToyWorld.images(0, 6, 9, 1)); // the first ones are the same
        assertArrayEquals(features(FeatureRows.NONE, more, 54, 0), features(disk(), more, 6, 48));
        assertArrayEquals(features(FeatureRows.NONE, more, 54, 0), features(disk(), more, 0, 54));
        assertEquals(List.of(), warnings);
    }

    /** A file that is whole but not what this program computes, as one of another version may be. */
    @Test
    void whatThisProgramDoesNotComputeIsNotBelieved() {
        TaskImages images = counted(ToyWorld.images(0, 6, 8, 1));
        float[][] expected = features(FeatureRows.NONE, images, 48, 0);
        FeatureRows other = disk();
        for (int i = 0; i < images.size(); i++) {
            float[] row = expected[i].clone();
            row[3] = Math.nextUp(row[3]);
            other.add(images.key(i), row);
        }
        other.flush();
        assertArrayEquals(expected, features(disk(), images, 48, 0));
        assertTrue(warnings.size() == 1 && warnings.getFirst().endsWith("holds features that are not those which this program computes here; "
                + "they are computed again"), warnings::toString);
        assertArrayEquals(expected, features(disk(), images, 0, 48));
    }

    /** Images that say nothing of themselves are kept in memory alone. */
    @Test
    void imagesWithoutKeysAreNotOnDisk() {
        TaskImages images = ToyWorld.images(0, 6, 8, 1);
        features(disk(), images, 48, 0);
        features(disk(), images, 48, 0);
    }

    /** A prompt for each of two tasks, in a table or alone. */
    private static Entering prompts(int[] chosen) {
        Form.Prefixes form = Form.Prefixes.of(List.of(0, 2), 2, 64);
        TaskPrefix prompting = new TaskPrefix(form, 0);
        Map<String, Tensor> first = prompting.beginTask(0, Map.of(), new RandomStreams(5).stream("first"));
        Map<String, Tensor> both = prompting.beginTask(1, first, new RandomStreams(5).stream("second"));
        both.values().forEach(table -> table.set(table.shape().size() - 3, 0.25f));
        return new Entering(prompting, both, 1, null, chosen);
    }

    private static String[] names(Entering prompts) {
        return Arrays.stream(prompts.chosen()).mapToObj(task -> Entering.name(prompts.prompting(), prompts.prompting().finished(task, prompts.values())))
                .toArray(String[]::new);
    }

    /**
     * The features with finished prompts.
     *
     * @param loads   of images for them
     * @param further for one whose prompt becomes another
     */
    private float[][] finished(FeatureRows disk, TaskImages images, int[] chosen, int loads, int further) {
        try (Device device = new CpuDevice(2); Backbone backbone = new Backbone(device, ToyWorld.clip(1), BATCH)) {
            FeatureStore store = new FeatureStore(backbone, BATCH, disk);
            int[] all = IntStream.range(0, images.size()).toArray();
            loaded.set(0);
            float[][] rows = store.finished(images, all, prompts(chosen), names(prompts(chosen)));
            assertEquals(loads, loaded.get());
            loaded.set(0);
            assertArrayEquals(rows, store.finished(images, all, prompts(chosen), names(prompts(chosen))));
            assertEquals(0, loaded.get(), "known now");
            int[] moved = chosen.clone();
            moved[5] = 1 - moved[5];
            store.finished(images, all, prompts(moved), names(prompts(moved)));
            assertEquals(further, loaded.get(), "the one whose prompt is another now");
            assertArrayEquals(rows, store.finished(images, all, prompts(chosen), names(prompts(chosen))));
            assertEquals(further + (disk.isOff() ? 1 : 0), loaded.get(), "memory has the last prompt's alone");
            store.forgetPrompts();
            return rows;
        }
    }

    @Test
    void featuresWithFinishedPromptsAreComputedOnce() {
        TaskImages images = counted(ToyWorld.images(0, 6, 8, 1));
        int[] chosen = IntStream.range(0, images.size()).map(i -> i % 3 == 0 ? 0 : 1).toArray();
        float[][] expected;
        try (Device device = new CpuDevice(1); Backbone backbone = new Backbone(device, ToyWorld.clip(1), BATCH)) {
            expected = new FeatureStore(backbone, BATCH, FeatureRows.NONE).prompted(images, prompts(chosen), "", Progress.NONE).features();
        }
        assertArrayEquals(expected, finished(FeatureRows.NONE, images, chosen, 48, 1));
        assertArrayEquals(expected, finished(disk(), images, chosen, 48, 1));
        assertArrayEquals(expected, finished(disk(), images, chosen, 2 * 8, 0)); // of each prompt some are compared
        assertEquals(List.of(), warnings);
        FeatureRows other = disk().with(names(prompts(chosen))[0]);
        float[] wrong = expected[0].clone();
        wrong[3] = Math.nextUp(wrong[3]);
        deleteAll();
        other.add(images.key(0), wrong);
        other.flush();
        assertArrayEquals(expected, finished(disk(), images, chosen, 1 + 48, 1));
        assertEquals(1, warnings.size(), warnings::toString);
    }

    private void deleteAll() {
        for (File file : folder.toFile().listFiles()) {
            assertTrue(file.delete());
        }
    }
}
