package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PreprocessTest {

    @Test
    void planesAreNormalised() {
        RgbImage image = new RgbImage(2, 1, new byte[] {0, (byte) 255, 51, (byte) 255, 0, 102});
        assertArrayEquals(new float[] {0, 1, 1, 0, 0.2f, 0.4f}, values(image, Normalization.NONE), 1e-7f);
        assertArrayEquals(new float[] {-1, 1, 1, -1, -0.6f, -0.2f}, values(image, Normalization.HALF), 1e-6f);
        assertArrayEquals(new float[] {-1.7922626f, 1.9303361f, 2.0748837f, -1.7520971f, -0.754996f, -0.029773f},
                values(image, Normalization.CLIP), 1e-5f);
        assertArrayEquals(new float[] {(1 - 0.485f) / 0.229f}, Arrays.copyOfRange(values(image, Normalization.IMAGENET), 1, 2),
                1e-6f);
    }

    private static float[] values(RgbImage image, Normalization normalization) {
        float[] values = new float[6];
        normalization.apply(image, values, 0);
        return values;
    }

    @Test
    void paddingPutsTheWholeImageInTheMiddleOfBlack() {
        byte[] rgb = new byte[3 * 28 * 28];
        Arrays.fill(rgb, (byte) 9);
        RgbImage square = Preprocess.pad(32, Normalization.HALF).square(new RgbImage(28, 28, rgb));
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 32; x++) {
                boolean inside = x >= 2 && x < 30 && y >= 2 && y < 30;
                assertEquals(inside ? 9 : 0, square.get(x, y, 1), x + "," + y);
            }
        }
        RgbImage wide = Preprocess.pad(8, Normalization.NONE).square(new RgbImage(28, 14, Arrays.copyOf(rgb, 3 * 28 * 14)));
        assertEquals(0, wide.get(4, 1, 0));
        assertEquals(9, wide.get(4, 2, 0));
        assertEquals(9, wide.get(0, 5, 0));
        assertEquals(0, wide.get(4, 6, 0));
    }

    @Test
    void aBatchIsFilledAtItsIndex() {
        Preprocess preprocess = Preprocess.clip(2);
        RgbImage image = new RgbImage(4, 2, new byte[24]);
        Tensor batch = Tensor.zeros(Shape.of(3, 3, 2, 2));
        preprocess.into(image, batch, 1);
        assertArrayEquals(preprocess.apply(image), batch.slice(1, 1).toArray());
        assertEquals(0, batch.get(0));
        assertEquals(0, batch.get(24));
    }

    /** Only the middle is computed; a strip resized as a whole would have a hundred million pixels. */
    @Test
    void theMiddleOfALongStripIsThatOfTheWhole() {
        Random random = new Random(3);
        for (int[] size : new int[][] {{3, 400}, {900, 7}, {40, 41}, {32, 200}, {61, 32}}) {
            byte[] rgb = new byte[3 * size[0] * size[1]];
            random.nextBytes(rgb);
            RgbImage image = new RgbImage(size[0], size[1], rgb);
            int shorter = Math.min(size[0], size[1]);
            RgbImage whole = ImageResize.resize(image, size[0] == shorter ? 32 : 32 * size[0] / shorter,
                    size[1] == shorter ? 32 : 32 * size[1] / shorter, ImageResize.Filter.BICUBIC);
            int left = (int) Math.rint((whole.width() - 30) / 2.0);
            int top = (int) Math.rint((whole.height() - 30) / 2.0);
            Preprocess preprocess = new Preprocess(30, Preprocess.Fit.CROP, 32, ImageResize.Filter.BICUBIC, Normalization.NONE);
            assertArrayEquals(whole.crop(left, top, 30, 30).rgb(), preprocess.square(image).rgb(), Arrays.toString(size));
        }
        assertEquals(224, Preprocess.clip(224).square(new RgbImage(1, 2_000_000, new byte[6_000_000])).width());
        RgbImage strip = new RgbImage(2_000_000, 1, new byte[6_000_000]);
        Arrays.fill(strip.rgb(), (byte) 9);
        RgbImage padded = Preprocess.pad(2048, Normalization.NONE).square(strip);
        assertEquals(9, padded.get(0, 1023, 0));
        assertEquals(0, padded.get(0, 1022, 0));
    }

    @Test
    void sizesOutOfRangeAreRefused() {
        assertThrows(InputException.class, () -> Preprocess.clip(0));
        assertThrows(InputException.class,
                () -> new Preprocess(32, Preprocess.Fit.CROP, 16, ImageResize.Filter.BICUBIC, Normalization.NONE));
        InputException elongated = assertThrows(InputException.class,
                () -> Preprocess.clip(224).square(new RgbImage(1, 20_000_000, new byte[60_000_000])));
        assertTrue(elongated.getMessage().contains("1x20000000"), elongated.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Preprocess.clip(2).normalize(new RgbImage(3, 2, new byte[18])));
        assertThrows(IllegalArgumentException.class, () -> new RgbImage(3, 2, new byte[17]));
    }
}
