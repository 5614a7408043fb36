package dev.itprompt.method.simplecil;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.StateFile;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrototypesTest {

    private static final Tensor TEXTS = Tensor.of(Shape.of(2, 2), 0, 1, 1, 0);

    @TempDir
    private Path root;

    /** Worked out by hand: means (0.8, 0.6)/|.| and (0, 1); the texts say the opposite. */
    private static Prototypes learned(double share, Tensor texts) {
        Prototypes prototypes = new Prototypes(new SimpleCilSettings(share), texts);
        prototypes.addClass(new float[][] {{3, 0}, {0.6f, 0.8f}, {1, 0}});
        prototypes.addClass(new float[][] {{0, 5}, {0, 1}});
        prototypes.taskDone();
        return prototypes;
    }

    @Test
    void prototypesAreMeansOfNormalizedFeatures() {
        double length = Math.hypot(2.6, 0.8);
        assertArrayEquals(new double[] {2.6 / length, 0}, learned(1, null).scores(new float[] {7, 0}, 2), 1e-7);
        assertArrayEquals(new double[] {2.6 / length, 0}, learned(1, TEXTS).scores(new float[] {7, 0}, 2), 1e-7);
    }

    @Test
    void textsAreMixedIn() {
        assertArrayEquals(new double[] {0, 1}, learned(0, TEXTS).scores(new float[] {2, 0}, 2), 1e-7);
        double x = 0.5 * 2.6 / Math.hypot(2.6, 0.8);
        double y = 0.5 * 0.8 / Math.hypot(2.6, 0.8) + 0.5;
        assertArrayEquals(new double[] {x / Math.hypot(x, y), Math.sqrt(0.5)}, learned(0.5, TEXTS).scores(new float[] {1, 0}, 2), 1e-7);
    }

    /** Texts that are wrong for the images are left out, texts that are right where images say nothing are taken. */
    @Test
    void theShareIsChosen() {
        assertEquals(1, learned(-1, TEXTS).share());
        Prototypes scattered = new Prototypes(new SimpleCilSettings(-1), Tensor.of(Shape.of(2, 3), 1, 0, 0, 0, 1, 0));
        scattered.addClass(new float[][] {{0.3f, 0, 1}, {0.3f, 0, -1}});
        scattered.addClass(new float[][] {{0, 0.3f, 1}, {0, 0.3f, -1}});
        scattered.taskDone();
        double share = scattered.share();
        double[] scores = scattered.scores(new float[] {0.3f, 0, 1}, 2);
        assertEquals(0, scores[0] > scores[1] ? 0 : 1, "share " + share);
        assertEquals(true, share < 1, "share " + share);
    }

    @Test
    void isSavedWhole() {
        Prototypes learned = learned(-1, TEXTS);
        Path file = root.resolve("state.safetensors");
        StateFile.save(file, learned, Map.of());
        Prototypes loaded = new Prototypes(new SimpleCilSettings(-1), TEXTS);
        StateFile.load(file, loaded);
        assertEquals(learned.share(), loaded.share());
        assertArrayEquals(learned.scores(new float[] {1, 2}, 2), loaded.scores(new float[] {1, 2}, 2));
    }

    @Test
    void sharesOutsideAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new SimpleCilSettings(-0.5));
    }
}
