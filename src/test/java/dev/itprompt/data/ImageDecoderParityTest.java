package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The cases are written by src/test/python/decode_goldens.py; not one pixel may differ. */
class ImageDecoderParityTest {

    private record Case(String name, byte[] file, int width, int height, byte[] rgb) {

        int differingValues() {
            RgbaImage image = ImageDecoder.decode(file, Path.of(name));
            assertEquals(width, image.width(), name);
            assertEquals(height, image.height(), name);
            return (int) IntStream.range(0, rgb.length).filter(i -> rgb[i] != image.rgb()[i]).count();
        }
    }

    @Test
    void everyPixelIsPillows() throws IOException {
        List<Case> cases = read();
        assertTrue(cases.size() >= 100);
        assertEquals(List.of(), cases.stream().filter(c -> c.differingValues() > 0)
                .map(c -> c.name + ": " + c.differingValues() + " of " + c.rgb.length + " values").toList());
    }

    @Test
    void damagedInksAreNamed() throws IOException {
        for (Case whole : read()) {
            if (whole.name.contains("CMYK") || whole.name.contains("YCCK")) {
                for (int length = 4; length < whole.file.length; length += 7) {
                    assertRefused(Arrays.copyOf(whole.file, length), whole.name + " cut to " + length);
                }
                byte[] huge = whole.file.clone();
                int height = indexOfFrame(huge) + 5;
                for (int at = height; at < height + 4; at += 2) {
                    huge[at] = (byte) (60000 >> 8);
                    huge[at + 1] = (byte) 60000;
                }
                assertTrue(assertRefused(huge, whole.name).getMessage().contains("3600000000 pixels"));
            }
        }
    }

    private static DataException assertRefused(byte[] file, String what) {
        DataException e = assertThrows(DataException.class, () -> ImageDecoder.decode(file, Path.of("inks.jpg")), what);
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        return e;
    }

    private static int indexOfFrame(byte[] file) {
        String text = new String(file, StandardCharsets.ISO_8859_1);
        return Math.max(text.indexOf("\u00ff\u00c0"), text.indexOf("\u00ff\u00c2"));
    }

    private static List<Case> read() throws IOException {
        try (DataInputStream in = new DataInputStream(ImageDecoderParityTest.class.getResourceAsStream("pillow-decode.bin"))) {
            int count = in.readInt();
            List<Case> cases = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String name = in.readUTF();
                byte[] file = in.readNBytes(in.readInt());
                int width = in.readInt();
                int height = in.readInt();
                cases.add(new Case(name, file, width, height, in.readNBytes(3 * width * height)));
            }
            assertEquals(-1, in.read(), "the whole file is used");
            return cases;
        }
    }
}
