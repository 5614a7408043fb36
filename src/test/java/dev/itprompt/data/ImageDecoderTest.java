package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ImageDecoderTest {

    private static final Path NAME = Path.of("picture.png");

    @Test
    void grayValuesAreTakenAsStored() {
        assertPixels(png(Png.GRAY, 8, bytes(0, 1, 77, 255)), bytes(0, 0, 0, 1, 1, 1, 77, 77, 77, 255, 255, 255), null);
        assertPixels(png(Png.GRAY, 16, bytes(0, 255, 1, 0, 0, 77, 255, 255)),
                bytes(255, 255, 255, 255, 255, 255, 77, 77, 77, 255, 255, 255), null);
        assertPixels(png(Png.GRAY_ALPHA, 16, bytes(9, 1, 0, 0, 8, 2, 255, 3, 7, 4, 100, 5, 200, 6, 1, 7)),
                bytes(9, 9, 9, 8, 8, 8, 7, 7, 7, 200, 200, 200), bytes(0, 255, 100, 1));
        assertPixels(png(Png.GRAY, 1, bytes(0b01100000)), bytes(0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0), null);
        assertPixels(png(Png.GRAY, 2, bytes(0b00011011)), bytes(0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255), null);
        assertPixels(png(Png.GRAY, 4, bytes(0x01, 0xAF)), bytes(0, 0, 0, 17, 17, 17, 170, 170, 170, 255, 255, 255), null);
        assertPixels(png(Png.GRAY_ALPHA, 8, bytes(9, 0, 8, 255, 7, 100, 200, 1)),
                bytes(9, 9, 9, 8, 8, 8, 7, 7, 7, 200, 200, 200), bytes(0, 255, 100, 1));
    }

    @Test
    void colorsAndTransparency() {
        byte[] rgb = bytes(1, 2, 3, 250, 251, 252, 0, 128, 255, 9, 9, 9);
        assertPixels(png(Png.RGB, 8, rgb), rgb, null);
        byte[] wide = new byte[24];
        for (int i = 0; i < 12; i++) {
            wide[2 * i] = rgb[i];
            wide[2 * i + 1] = (byte) (7 * i);
        }
        assertPixels(png(Png.RGB, 16, wide), rgb, null);
        assertPixels(png(Png.RGBA, 8, bytes(1, 2, 3, 0, 250, 251, 252, 255, 0, 128, 255, 7, 9, 9, 9, 254)), rgb,
                bytes(0, 255, 7, 254));
        assertPixels(png(Png.RGBA, 8, bytes(1, 2, 3, 255, 250, 251, 252, 255, 0, 128, 255, 255, 9, 9, 9, 255)), rgb, null);
    }

    @Test
    void palettes() {
        byte[] palette = bytes(10, 20, 30, 40, 50, 60, 255, 0, 1);
        byte[] expected = bytes(40, 50, 60, 10, 20, 30, 255, 0, 1, 10, 20, 30);
        assertPixels(Png.write(4, 1, Png.PALETTE, 8, bytes(1, 0, 2, 0), palette, null), expected, null);
        assertPixels(Png.write(4, 1, Png.PALETTE, 2, bytes(0b01001000), palette, bytes(0, 128)), expected,
                bytes(128, 0, 255, 0));
    }

    @Test
    void jpegIsCloseToWhatWasWritten() throws IOException {
        for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_BYTE_GRAY}) {
            BufferedImage image = new BufferedImage(16, 16, type);
            for (int y = 0; y < 16; y++) {
                for (int x = 0; x < 16; x++) {
                    for (int band = 0; band < image.getRaster().getNumBands(); band++) {
                        image.getRaster().setSample(x, y, band, 180 - 40 * band);
                    }
                }
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(image, "jpg", out);
            RgbaImage decoded = ImageDecoder.decode(out.toByteArray(), NAME);
            assertFalse(decoded.hasAlpha());
            int last = type == BufferedImage.TYPE_BYTE_GRAY ? 180 : 100;
            assertEquals(180, decoded.over(0, 0, 0).get(8, 8, 0), 3);
            assertEquals(last, decoded.over(0, 0, 0).get(8, 8, 2), 3);
        }
    }

    @Test
    void compositing() {
        RgbaImage image = new RgbaImage(3, 1, bytes(0, 100, 200, 0, 100, 200, 0, 100, 200), bytes(0, 255, 51));
        assertArrayEquals(bytes(255, 255, 255, 0, 100, 200, 204, 224, 244), image.over(255, 255, 255).rgb());
    }

    @Test
    void whatIsNoImageIsNamed() throws IOException {
        byte[] good = png(Png.RGB, 8, new byte[12]);
        byte[] huge = Png.write(200_000, 200_000, Png.GRAY, 8, new byte[200_000], null, null);
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        BufferedImage noise = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(1);
        noise.setRGB(0, 0, 64, 64, random.ints(64 * 64).toArray(), 0, 64);
        ImageIO.write(noise, "jpg", jpeg);
        byte[] cutJpeg = Arrays.copyOf(jpeg.toByteArray(), jpeg.size() - 40);
        for (byte[] bad : new byte[][] {{}, "hello, this is text".getBytes(StandardCharsets.UTF_8), Arrays.copyOf(good, 20),
            Arrays.copyOf(good, good.length - 24), huge, cutJpeg}) {
            DataException e = assertThrows(DataException.class, () -> ImageDecoder.decode(bad, NAME));
            assertEquals(NAME, e.file());
            assertTrue(e.getMessage().startsWith("picture.png: expected "), e.getMessage());
        }
        DataException missing = assertThrows(DataException.class, () -> ImageDecoder.read(Path.of("no", "such.png")));
        assertTrue(missing.getMessage().contains("no file"), missing.getMessage());
    }

    @Test
    void randomDamageNeverEscapesAsAnythingElse() throws IOException {
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB), "jpg", jpeg);
        byte[][] whole = {jpeg.toByteArray(), png(Png.RGBA, 8, new byte[16]),
            Png.write(4, 1, Png.PALETTE, 8, bytes(1, 0, 2, 0), new byte[9], new byte[3])};
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] damaged = whole[seed % whole.length].clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            try {
                ImageDecoder.decode(damaged, NAME);
            } catch (DataException e) {
                assertFalse(e.getMessage().contains("\n"), "seed " + seed);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + " threw " + e, e);
            }
        }
    }

    private static byte[] png(int type, int depth, byte[] rows) {
        return Png.write(4, 1, type, depth, rows, null, null);
    }

    private static void assertPixels(byte[] file, byte[] rgb, byte[] alpha) {
        RgbaImage image = ImageDecoder.decode(file, NAME);
        assertEquals(4, image.width());
        assertArrayEquals(rgb, image.rgb());
        assertArrayEquals(alpha, image.alpha());
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
