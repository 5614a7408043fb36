package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.data.ImageResize.Filter;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ImageResizeTest {

    /** The cases are written by src/test/python/pillow_goldens.py; not one pixel may differ. */
    @Test
    void everyPixelIsPillows() throws IOException, GeneralSecurityException {
        try (InputStream file = ImageResizeTest.class.getResourceAsStream("pillow-resize.bin");
                DataInputStream in = new DataInputStream(file)) {
            int cases = in.readInt();
            assertTrue(cases >= 200);
            int differing = 0;
            StringBuilder where = new StringBuilder();
            for (int i = 0; i < cases; i++) {
                int seed = in.readInt();
                int channels = in.readInt();
                int width = in.readInt();
                int height = in.readInt();
                int filter = in.readInt();
                int newWidth = in.readInt();
                int newHeight = in.readInt();
                byte[] actual = filter >= 100 ? preprocess(seed, width, height, filter - 100, newWidth, newHeight)
                        : resize(seed, channels, width, height, filter, newWidth, newHeight);
                if (actual.length > 4096) {
                    actual = MessageDigest.getInstance("SHA-256").digest(actual);
                }
                byte[] expected = in.readNBytes(actual.length);
                int count = 0;
                for (int k = 0; k < actual.length; k++) {
                    count += expected[k] != actual[k] ? 1 : 0;
                }
                differing += count;
                if (count > 0) {
                    where.append("\nseed %d: %dx%dx%d filter %d to %dx%d: %d of %d bytes".formatted(seed, channels,
                            width, height, filter, newWidth, newHeight, count, actual.length));
                }
            }
            assertEquals(-1, in.read(), "the whole file is used");
            assertEquals(0, differing, where.toString());
        }
    }

    private static byte[] resize(int seed, int channels, int width, int height, int filter, int newWidth, int newHeight) {
        byte[] values = values(seed, channels * width * height);
        if (channels == 3) {
            return ImageResize.resize(new RgbImage(width, height, values), newWidth, newHeight, Filter.values()[filter]).rgb();
        }
        byte[] rgb = new byte[3 * width * height];
        byte[] alpha = new byte[width * height];
        for (int i = 0; i < alpha.length; i++) {
            System.arraycopy(values, 4 * i, rgb, 3 * i, 3);
            alpha[i] = values[4 * i + 3];
        }
        RgbaImage result = ImageResize.resize(new RgbaImage(width, height, rgb, alpha), newWidth, newHeight,
                Filter.values()[filter]);
        byte[] interleaved = new byte[4 * newWidth * newHeight];
        for (int i = 0; i < newWidth * newHeight; i++) {
            System.arraycopy(result.rgb(), 3 * i, interleaved, 4 * i, 3);
            interleaved[4 * i + 3] = result.alpha()[i];
        }
        return interleaved;
    }

    private static byte[] preprocess(int seed, int width, int height, int filter, int shorter, int side) {
        return new Preprocess(side, Preprocess.Fit.CROP, shorter, Filter.values()[filter], Normalization.NONE)
                .square(new RgbImage(width, height, values(seed, 3 * width * height))).rgb();
    }

    private static byte[] values(int seed, int count) {
        byte[] values = new byte[count];
        int state = seed;
        for (int i = 0; i < count; i++) {
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF;
            int value = state >> 16 & 0x3FF;
            values[i] = (byte) (value < 170 ? 0 : value < 340 ? 255 : value);
        }
        return values;
    }

    @Test
    void theSameSizeIsTheSameImage() {
        RgbImage image = new RgbImage(3, 2, values(1, 18));
        assertSame(image, ImageResize.resize(image, 3, 2, Filter.BICUBIC));
    }

    @Test
    void aUniformImageStaysUniform() {
        byte[] rgb = new byte[3 * 13 * 7];
        Arrays.fill(rgb, (byte) 201);
        for (Filter filter : Filter.values()) {
            for (byte value : ImageResize.resize(new RgbImage(13, 7, rgb), 5, 29, filter).rgb()) {
                assertEquals((byte) 201, value, filter.name());
            }
        }
    }
}
