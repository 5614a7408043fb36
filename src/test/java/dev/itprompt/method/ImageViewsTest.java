package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.itprompt.RandomStreams;
import dev.itprompt.data.ImageKey;
import dev.itprompt.data.ImageView;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.store.FeatureRows;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Features of augmented images, of which each has so many versions. */
class ImageViewsTest {

    private static final int IMAGES = 12;
    private static final int BATCH = 4;
    private static final int PIXELS = 3 * ToyWorld.SIDE * ToyWorld.SIDE;
    private static final long SEED = 5;

    /** Images of which every value is moved by chance; counts how often one is loaded. */
    private static final class Moved extends ImagesAround {

        private final int views;
        private final String augmentation;
        private final AtomicInteger loads = new AtomicInteger();

        private Moved(int views, String augmentation) {
            super(ToyWorld.images(0, 2, IMAGES / 2, 1));
            this.views = views;
            this.augmentation = augmentation;
        }

        @Override
        public int views() {
            return views;
        }

        @Override
        public String augmentation() {
            return augmentation;
        }

        @Override
        public ImageKey key(int index) {
            return new ImageKey(100 + index, 7);
        }

        @Override
        public void load(int index, float[] target, int offset, RandomGenerator random) {
            loads.incrementAndGet();
            super.load(index, target, offset, random);
            for (int p = 0; random != null && p < PIXELS; p++) {
                target[offset + p] += random.nextFloat();
            }
        }
    }

    private static float[] pixels(ImageView view, int index) {
        float[] pixels = new float[PIXELS];
        view.load(index, pixels, 0, null);
        return pixels;
    }

    @Test
    void chanceFollowsFromTheImageTheAugmentationAndTheNumber() {
        Moved images = new Moved(2, "flip");
        ImageView view = new ImageView(images, 1);
        float[] expected = new float[PIXELS];
        ImageKey key = view.key(3);
        images.load(3, expected, 0, new RandomStreams(key.high() ^ key.low()).stream("image.views", 1));
        assertArrayEquals(expected, pixels(view, 3));
        assertArrayEquals(expected, pixels(new ImageView(new Moved(9, "flip"), 1), 3), "the same in other runs");
        assertFalse(Arrays.equals(expected, pixels(new ImageView(images, 0), 3)));
        assertFalse(Arrays.equals(expected, pixels(new ImageView(new Moved(2, "no flip"), 1), 3)));
        assertNotEquals(images.key(3), key);
        assertNotEquals(new ImageView(images, 0).key(3), key);
        assertNotEquals(new ImageView(new Moved(2, "no flip"), 1).key(3), key);
        assertNotEquals(images.identity(3), view.identity(3));
        assertNotEquals(new ImageView(images, 0).identity(3), view.identity(3));
        assertNull(new ImageView(ToyWorld.images(0, 2, 2, 1), 0).key(0));
    }

    /** Five passes over images of two versions cost two passes of the model; without versions they cost five. */
    @Test
    void versionsAreEmbeddedOnceAndTakenInTurn() {
        try (Device device = new CpuDevice(1); Backbone backbone = new Backbone(device, ToyWorld.clip(SEED), 8)) {
            Moved images = new Moved(2, "flip");
            float[][][] passes = passes(backbone, images);
            assertEquals(2 * IMAGES, images.loads.get());
            for (int i = 0; i < IMAGES; i++) {
                for (int pass = 0; pass < 5; pass++) {
                    assertArrayEquals(passes[pass % 2][i], passes[pass][i]);
                    float[] direct = backbone.images(new ImageView(images, pass % 2), new int[] {i}, null, Backbone.Chance.NONE).toArray();
                    assertArrayEquals(direct, passes[pass][i], 1e-5f);
                }
                assertFalse(Arrays.equals(passes[0][i], passes[1][i]));
            }
            Moved anew = new Moved(0, "flip");
            float[][][] others = passes(backbone, anew);
            assertEquals(5 * IMAGES, anew.loads.get());
            assertFalse(Arrays.equals(others[0][0], others[2][0]));
        }
    }

    /** Features by pass and image. */
    private static float[][][] passes(Backbone backbone, Moved images) {
        RandomStreams streams = new RandomStreams(SEED);
        Orders orders = new Orders(IMAGES, BATCH, pass -> streams.stream("order", pass));
        FeatureClassifier.Rows rows = FeatureClassifier.Rows.augmented(backbone, new FeatureStore(backbone, 16, FeatureRows.NONE), images, orders,
                (step, position) -> streams.stream("augment", step, position), new Stage("task inference", "rate"));
        float[][][] passes = new float[5][IMAGES][];
        float[] features = new float[BATCH * backbone.features()];
        float[] labels = new float[BATCH];
        for (int step = 0; step < 5 * orders.perPass(); step++) {
            rows.write(step, features, labels);
            int[] chosen = orders.apply(step);
            for (int i = 0; i < BATCH; i++) {
                assertEquals(images.label(chosen[i]), labels[i]);
                passes[(int) orders.pass(step)][chosen[i]] = Arrays.copyOfRange(features, i * backbone.features(), (i + 1) * backbone.features());
            }
        }
        return passes;
    }
}
