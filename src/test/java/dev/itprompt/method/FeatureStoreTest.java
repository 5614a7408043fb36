package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Fingerprint;
import dev.itprompt.Progress;
import dev.itprompt.data.ImageKey;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.store.FeatureCache;
import dev.itprompt.store.FeatureRows;
import dev.itprompt.store.FeatureSubject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
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
}
