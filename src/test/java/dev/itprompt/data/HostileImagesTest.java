package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Image files that lie about sizes, or are damaged: refused in one line, and not a byte more is taken than the budget allows. */
class HostileImagesTest {

    private static final Path NAME = Path.of("picture");
    private static final int MEBIBYTE = 1 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** A TIFF file of 176 bytes whose only strip says that it has 788,529,164. */
    private static final String HEAP_TIFF = "4d4d002a00000008000b010000030000000100180000010100030000000100110000010300030000"
            + "000180b200000106000300000001000100000111000400000001000000a401150003000000010001"
            + "000001160003000000010011000001170004000000012f00000c011a00050000000100000094011b"
            + "0005000000010000009c012800030000000100010000000000000000000000010000000100000001"
            + "0000000178da63602019000000330001";

    private static byte[] bytes(ByteOrder order, Object... parts) {
        ByteBuffer out = ByteBuffer.allocate(1 << 16).order(order);
        for (Object part : parts) {
            switch (part) {
                case String text -> out.put(text.getBytes(StandardCharsets.ISO_8859_1));
                case Integer number -> out.putInt(number);
                case Short number -> out.putShort(number);
                case Byte number -> out.put(number);
                case byte[] content -> out.put(content);
                default -> throw new IllegalArgumentException(part.toString());
            }
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static byte[] png(int width, int height) {
        byte[] file = Png.write(1, 1, Png.RGB, 8, new byte[3], null, null);
        return ByteBuffer.wrap(file).putInt(16, width).putInt(20, height).array();
    }

    private static byte[] bmp(int width, int height, int offset) {
        return bytes(ByteOrder.LITTLE_ENDIAN, "BM", 100, 0, offset, 40, width, height, (short) 1, (short) 24, new byte[24],
                new byte[64]);
    }

    private static byte[] gif(int width, int height) {
        return bytes(ByteOrder.LITTLE_ENDIAN, "GIF89a", (short) width, (short) height, "\u0080\0\0", new byte[6], ",", 0, (short) 1,
                (short) 1, "\0\2\2D\1\0;");
    }

    private static byte[] jpeg(int width, int height, int marker) {
        return bytes(ByteOrder.BIG_ENDIAN, "\u00ff\u00d8\u00ff", (byte) marker, (short) 17, (byte) 8, (short) height, (short) width,
                (byte) 3, "\1\42\0\2\21\0\3\21\0", new byte[64]);
    }

    private static byte[] webp(String kind, Object... content) {
        byte[] body = bytes(ByteOrder.LITTLE_ENDIAN, content);
        return bytes(ByteOrder.LITTLE_ENDIAN, "RIFF", 12 + body.length, "WEBP" + kind, body.length, body);
    }

    /** Width, height, bits, photometric interpretation, samples and more as tag, type and value, one strip of eight bytes. */
    private static byte[] tiff(int width, int height, int... more) {
        Map<Integer, int[]> entries = new TreeMap<>();
        entries.put(256, new int[] {4, width});
        entries.put(257, new int[] {4, height});
        entries.put(258, new int[] {3, 8});
        entries.put(262, new int[] {3, 1});
        entries.put(273, new int[] {4, 8});
        entries.put(277, new int[] {3, 1});
        entries.put(279, new int[] {4, 8});
        for (int i = 0; i < more.length; i += 3) {
            entries.put(more[i], new int[] {more[i + 1], more[i + 2]});
        }
        List<Object> parts = new ArrayList<>(List.of("II*\0", 16, new byte[8], (short) entries.size()));
        entries.forEach((tag, entry) -> parts.addAll(List.of((short) (int) tag, (short) entry[0], 1, entry[1])));
        parts.add(0);
        return bytes(ByteOrder.LITTLE_ENDIAN, parts.toArray());
    }

    private static Map<String, byte[]> liars() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("PNG", png(9000, 11000));
        files.put("PNG in one row", png(99_000_000, 1));
        files.put("PNG of too many pixels", png(Integer.MAX_VALUE, Integer.MAX_VALUE));
        files.put("PNG of a negative size", png(-1, 5));
        files.put("PNG chunk longer than all", bytes(ByteOrder.BIG_ENDIAN, Arrays.copyOf(png(5, 5), 33), Integer.MAX_VALUE, "PLTE"));
        files.put("JPEG", jpeg(65000, 1500, 0xC0));
        files.put("JPEG progressive", jpeg(4000, 2000, 0xC2));
        files.put("GIF", gif(65535, 1500));
        files.put("GIF of too many pixels", gif(65535, 65535));
        files.put("BMP", bmp(9000, 11000, 54));
        files.put("BMP palette beyond the file", bmp(2, 2, Integer.MAX_VALUE));
        files.put("BMP of the most negative height", bmp(1, Integer.MIN_VALUE, 54));
        files.put("TIFF", tiff(9000, 11000));
        files.put("TIFF in one column", tiff(1, 99_000_000));
        files.put("TIFF of too many pixels", tiff(-1, -1));
        files.put("TIFF of many samples", tiff(10, 10, 277, 3, 65535));
        files.put("TIFF of many bits", tiff(10, 10, 258, 3, 65535));
        files.put("TIFF tile", tiff(10, 10, 322, 4, 65536, 323, 4, 65536, 324, 4, 8, 325, 4, 8, 259, 3, 7));
        files.put("TIFF tile of nothing", tiff(10, 10, 322, 4, 0, 323, 4, 0, 324, 4, 8, 325, 4, 8));
        files.put("TIFF many tiles", tiff(9999, 9999, 322, 4, 1, 323, 4, 1, 324, 4, 8, 325, 4, 8));
        files.put("TIFF strip of no rows", tiff(10, 10, 278, 4, 0));
        files.put("TIFF strip longer than all", tiff(10, 10, 279, 4, Integer.MAX_VALUE, 259, 3, 8));
        files.put("TIFF strip beyond the end", tiff(10, 10, 273, 4, -8));
        files.put("TIFF of 176 bytes", HexFormat.of().parseHex(HEAP_TIFF));
        files.put("TIFF directory beyond the file", bytes(ByteOrder.LITTLE_ENDIAN, "II*\0", -4));
        files.put("WebP lossy", webp("VP8 ", "\20\0\0\u009d\1*", (short) 16383, (short) 6000, new byte[40]));
        files.put("WebP lossless", webp("VP8L", "/", 9999 | 9999 << 14, new byte[40]));
        files.put("WebP canvas", webp("VP8X", 2, "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff"));
        files.put("WebP chunk longer than all", webp("VP8X", 0, new byte[6], "ICCP", -1));
        return files;
    }

    @Test
    void liesAreRefusedBeforeMemoryIsTaken() {
        ImageDecoder.decode(png(1, 1), NAME);
        liars().forEach((what, file) -> {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            MemoryBudget budget = new MemoryBudget(8 * MEBIBYTE);
            DataException e = assertThrows(DataException.class, () -> ImageDecoder.decode(file, NAME, budget), what);
            long taken = THREADS.getCurrentThreadAllocatedBytes() - before;
            assertTrue(taken < 4 * MEBIBYTE, what + " took " + taken + " bytes: " + e.getMessage());
            assertPlain(e, what);
        });
    }

    private static void assertPlain(DataException e, String what) {
        assertTrue(e.getMessage().startsWith("picture: expected "), what + ": " + e.getMessage());
        assertTrue(e.getMessage().length() < 300 && !e.getMessage().contains("null") && !e.getMessage().contains("\n"),
                what + ": " + e.getMessage());
    }

    @Test
    void aSolidPictureIsNoLie() throws IOException {
        List<ImageFormatsTest.Case> solid = ImageFormatsTest.read().stream().filter(c -> c.name().contains("one colour")).toList();
        assertEquals(1, solid.size());
        assertTrue(solid.getFirst().file().length < 100, "next to nothing");
        assertArrayEquals(solid.getFirst().rgb(), solid.getFirst().decode().rgb());
        byte[] blank = Png.write(3000, 1000, Png.GRAY, 8, new byte[3_000_000], null, null);
        assertTrue(blank.length < 10_000);
        assertEquals(3000, ImageDecoder.decode(blank, NAME).width());
    }

    @Test
    void profilesAndTextsTakeNoMoreThanTheFile() throws IOException {
        byte[] text = new byte[3 * MEBIBYTE];
        Arrays.fill(text, (byte) 'x');
        byte[] plain = png(1, 1);
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.write(plain, 0, 33);
        png.write(Png.chunk("tEXt", text));
        png.write(plain, 33, plain.length - 33);
        assertTrue(allocated(png.toByteArray()) < 12 * MEBIBYTE);
        byte[] picture = ImageFormatsTest.read().stream().filter(c -> c.name().equals("WebP lossless 2x3")).findFirst().orElseThrow()
                .file();
        byte[] profile = bytes(ByteOrder.LITTLE_ENDIAN, "VP8X", 10, 0x20, "\1\0\0\2\0\0", "ICCP", text.length);
        ByteBuffer webp = ByteBuffer.allocate(12 + profile.length + text.length + picture.length - 12).order(ByteOrder.LITTLE_ENDIAN);
        webp.put("RIFF".getBytes()).putInt(webp.capacity() - 8).put("WEBP".getBytes()).put(profile).put(text)
                .put(picture, 12, picture.length - 12);
        assertTrue(allocated(webp.array()) < 2 * MEBIBYTE);
    }

    private static long allocated(byte[] file) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        ImageDecoder.decode(file, NAME);
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void damageIsRefusedInOneLineAndStaysWithinTheBudget() throws IOException {
        List<ImageFormatsTest.Case> cases = ImageFormatsTest.read().stream().filter(c -> c.file().length < 4000).toList();
        MemoryBudget budget = new MemoryBudget(16 * MEBIBYTE);
        int decoded = 0;
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            byte[] file = damaged(cases, random);
            String what = "seed " + seed;
            long before = THREADS.getCurrentThreadAllocatedBytes();
            try {
                RgbaImage image = ImageDecoder.decode(file, NAME, budget);
                assertEquals(3 * image.width() * image.height(), image.rgb().length, what);
                decoded++;
            } catch (DataException e) {
                assertPlain(e, what);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(what + " threw " + e, e);
            }
            long taken = THREADS.getCurrentThreadAllocatedBytes() - before;
            assertTrue(taken < 64 * MEBIBYTE, what + " took " + taken + " bytes");
        }
        assertTrue(decoded > 250 && decoded < 2750, decoded + " of 3000 were decoded");
    }

    private static byte[] damaged(List<ImageFormatsTest.Case> cases, Random random) {
        byte[] file = cases.get(random.nextInt(cases.size())).file().clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            int header = Math.min(file.length, 200);
            int at = random.nextInt(random.nextBoolean() ? header : file.length);
            switch (random.nextInt(5)) {
                case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> file[at] = (byte) random.nextInt(256);
                case 2 -> Arrays.fill(file, at, Math.min(file.length, at + 4), (byte) (random.nextBoolean() ? 0xff : 0x7f));
                case 3 -> file = Arrays.copyOf(file, at);
                default -> {
                    byte[] other = cases.get(random.nextInt(cases.size())).file();
                    int count = Math.min(random.nextInt(64), Math.min(file.length - at, other.length));
                    System.arraycopy(other, other.length - count, file, at, count);
                }
            }
            if (file.length == 0) {
                return file;
            }
        }
        return file;
    }

    @Test
    void otherThingsAreNoImages() {
        Random random = new Random(1);
        for (int length = 0; length < 3000; length += 7) {
            byte[] zeros = new byte[length];
            byte[] noise = new byte[length];
            random.nextBytes(noise);
            for (byte[] file : List.of(zeros, noise)) {
                assertPlain(assertThrows(DataException.class, () -> ImageDecoder.decode(file, NAME)), length + " bytes");
            }
        }
    }
}
