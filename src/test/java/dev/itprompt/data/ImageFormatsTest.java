package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** GIF, TIFF, BMP and WebP: the cases are written by src/test/python/format_goldens.py. */
public class ImageFormatsTest {

    /** What the brightness of lossy WebP may differ by on average; the colours are not interpolated. */
    private static final double LOSSY_TOLERANCE = 2;

    /**
     * An image file.
     *
     * @param width of what Pillow makes of it; 0 if it is to be refused
     */
    record Case(String name, byte[] file, int width, int height, byte[] rgb, byte[] alpha) {

        boolean refused() {
            return width == 0;
        }

        boolean lossy() {
            return name.startsWith("WebP lossy");
        }

        /** Mean absolute difference of values, or of brightness if the picture is lossy. */
        double difference(byte[] actual) {
            return IntStream.range(0, rgb.length / 3).mapToDouble(pixel -> {
                int at = 3 * pixel;
                double red = (rgb[at] & 0xff) - (actual[at] & 0xff);
                double green = (rgb[at + 1] & 0xff) - (actual[at + 1] & 0xff);
                double blue = (rgb[at + 2] & 0xff) - (actual[at + 2] & 0xff);
                return lossy() ? Math.abs(0.299 * red + 0.587 * green + 0.114 * blue)
                        : (Math.abs(red) + Math.abs(green) + Math.abs(blue)) / 3;
            }).average().orElseThrow();
        }

        RgbaImage decode() {
            return ImageDecoder.decode(file, Path.of("picture"));
        }
    }

    static List<Case> read() throws IOException {
        try (DataInputStream in = new DataInputStream(new GZIPInputStream(
                ImageFormatsTest.class.getResourceAsStream("pillow-formats.bin.gz")))) {
            int count = in.readInt();
            List<Case> cases = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String name = in.readUTF();
                byte[] file = in.readNBytes(in.readInt());
                int width = in.readInt();
                int height = in.readInt();
                cases.add(new Case(name, file, width, height, in.readNBytes(3 * width * height), in.readNBytes(width * height)));
            }
            assertEquals(-1, in.read(), "the whole file is used");
            return cases;
        }
    }

    /** Small files of every format that can be decoded. */
    public static List<byte[]> validFiles() throws IOException {
        return read().stream().filter(c -> !c.refused() && c.file.length < 4096).map(Case::file).toList();
    }

    /** Decodes a file while no more memory is free for it than so much. */
    public static RgbaImage decodeWithin(long bytes, byte[] file) {
        return ImageDecoder.decode(file, Path.of("image"), new MemoryBudget(bytes));
    }

    @Test
    void everyPixelIsPillows() throws IOException {
        List<Case> cases = read().stream().filter(c -> !c.refused()).toList();
        assertTrue(cases.size() >= 130, cases.size() + " cases");
        List<String> different = new ArrayList<>();
        for (Case c : cases) {
            RgbaImage image = c.decode();
            assertEquals(c.width + "x" + c.height, image.width() + "x" + image.height(), c.name);
            double difference = c.difference(image.rgb());
            if (difference > (c.lossy() ? LOSSY_TOLERANCE : 0)) {
                different.add(c.name + ": differs by " + difference + " on average");
            }
            byte[] alpha = new byte[c.alpha.length];
            Arrays.fill(alpha, (byte) -1);
            assertArrayEquals(c.alpha, image.hasAlpha() ? image.alpha() : alpha, c.name);
        }
        assertEquals(List.of(), different);
    }

    @Test
    void whatCannotBeReadSoIsRefused() throws IOException {
        for (Case c : read().stream().filter(Case::refused).toList()) {
            DataException e = assertThrows(DataException.class, c::decode, c.name);
            assertTrue(e.getMessage().startsWith("picture: expected ") && e.getMessage().length() < 250, e.getMessage());
        }
    }

    @Test
    void aFileThatEndsTooEarlyIsRefusedUnlessNothingIsMissing() throws IOException {
        for (Case c : read().stream().filter(c -> !c.refused() && c.width < 50).toList()) {
            RgbaImage whole = c.decode();
            for (int length = 0; length < c.file.length; length += 1 + c.file.length / 40) {
                RgbaImage image;
                try {
                    image = ImageDecoder.decode(Arrays.copyOf(c.file, length), Path.of("picture"));
                } catch (DataException e) {
                    continue;
                }
                assertArrayEquals(whole.rgb(), image.rgb(), c.name + " cut to " + length);
                assertArrayEquals(whole.alpha(), image.alpha(), c.name + " cut to " + length);
            }
        }
    }
}
