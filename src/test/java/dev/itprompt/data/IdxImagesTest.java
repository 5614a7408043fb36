package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxImagesTest {

    private static final byte[] PIXELS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, (byte) 200};
    private static final List<String> NAMES = List.of("cat", "dog");

    @TempDir
    Path folder;

    @Test
    void imagesAndLabelsPlainAndGzipped() throws IOException {
        byte[] images = idx(PIXELS, 2, 2, 3);
        byte[] labels = idx(new byte[] {1, 0}, 2);
        for (boolean zipped : new boolean[] {false, true}) {
            LabeledImages read = IdxImages.read(file("i", zipped ? gzip(images) : images), file("l", labels), NAMES);
            assertEquals(2, read.size());
            assertEquals(1, read.label(0));
            assertEquals(3, read.image(1).width());
            assertEquals(2, read.image(1).height());
            assertEquals(200, read.image(1).get(2, 1, 2));
            assertArrayEquals(new byte[] {7, 7, 7, 8, 8, 8}, Arrays.copyOf(read.image(1).rgb(), 6));
            assertArrayEquals(new int[] {0}, read.indicesOf(1));
            LabeledImages chosen = read.select(1, 1, 0);
            assertEquals(3, chosen.size());
            assertEquals(0, chosen.label(1));
            assertEquals(NAMES, chosen.classNames());
            assertArrayEquals(read.image(1).rgb(), chosen.image(0).rgb());
        }
    }

    @Test
    void badFilesAreNamedWithBytesExpectedAndFound() throws IOException {
        byte[] images = idx(PIXELS, 2, 2, 3);
        assertTrue(refused(Arrays.copyOf(images, images.length - 1))
                .contains("12 bytes of values for extents [2, 2, 3], found 11"));
        assertTrue(refused(Arrays.copyOf(images, images.length + 1)).contains("found more"));
        assertTrue(refused(idx(PIXELS, 2, 6)).contains("00000803"));
        assertTrue(refused(idx(PIXELS, 2, 2, 0)).contains("extent 0"));
        assertTrue(refused(idx(PIXELS, 2, 2, -1)).contains("extent 4294967295"));
        assertTrue(refused(idx(PIXELS, 2_000_000, 2_000_000, 2_000_000)).contains("2^31"));
        assertTrue(refused(idx(PIXELS, 1000, 1000, 1000)).contains("found 12 bytes"));
        byte[] zipped = gzip(images);
        refused(Arrays.copyOf(zipped, zipped.length - 12));
        refused(Arrays.copyOf(zipped, 5));
        for (int length = 0; length < 16; length++) {
            refused(Arrays.copyOf(images, length));
        }
        DataException missing = assertThrows(DataException.class, () -> IdxFile.read(folder.resolve("none"), 3));
        assertTrue(missing.getMessage().contains("no file"));
    }

    @Test
    void randomDamageNeverEscapesAsAnythingElse() throws IOException {
        byte[] zipped = gzip(idx(PIXELS, 2, 2, 3));
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] damaged = seed % 2 == 0 ? zipped.clone() : idx(PIXELS, 2, 2, 3);
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            Path file = file("damaged", damaged);
            try {
                IdxFile.read(file, 3);
            } catch (DataException e) {
                assertFalse(e.getMessage().contains("\n"), "seed " + seed);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + " threw " + e, e);
            }
        }
    }

    @Test
    void labelsMustFitImagesAndNames() throws IOException {
        Path images = file("i", idx(PIXELS, 2, 2, 3));
        DataException e = assertThrows(DataException.class,
                () -> IdxImages.read(images, file("l", idx(new byte[] {0, 2}, 2)), NAMES));
        assertTrue(e.getMessage().contains("labels from 0 to 1, found label 2 of image 1"), e.getMessage());
        assertThrows(DataException.class, () -> IdxImages.read(images, file("l", idx(new byte[] {0, 1, 1}, 3)), NAMES));
    }

    @Test
    void fashionMnistIsSoughtInBothPlaces() throws IOException {
        Path system = folder.resolve("system");
        DataException e = assertThrows(DataException.class, () -> FashionMnist.locate(folder, system));
        assertTrue(e.getMessage().contains(folder.resolve("fashion-mnist").toString())
                && e.getMessage().contains(system.toString())
                && e.getMessage().contains("dataset-fashion-mnist"), e.getMessage());
        for (Path place : List.of(system, folder.resolve("fashion-mnist"))) {
            Files.createDirectories(place);
            for (String set : List.of("train", "t10k")) {
                Files.write(place.resolve(set + "-images-idx3-ubyte"), idx(PIXELS, 2, 2, 3));
                Files.write(place.resolve(set + "-labels-idx1-ubyte.gz"), gzip(idx(new byte[] {9, 0}, 2)));
            }
            assertEquals(place, FashionMnist.locate(folder, system));
        }
        assertEquals(9, FashionMnist.test(system).label(0));
        assertEquals(10, FashionMnist.train(system).classNames().size());
    }

    @Test
    void theBundledSubsetIsBalanced() {
        Path bundled = Path.of("datasets", "fashion-mnist-subset");
        for (int label = 0; label < 10; label++) {
            assertEquals(200, FashionMnist.train(bundled).indicesOf(label).length, FashionMnist.CLASS_NAMES.get(label));
            assertEquals(100, FashionMnist.test(bundled).indicesOf(label).length, FashionMnist.CLASS_NAMES.get(label));
        }
    }

    @Test
    void fashionMnistItself() {
        assumeTrue(Files.isDirectory(FashionMnist.DEBIAN), "the Debian package dataset-fashion-mnist is not installed");
        LabeledImages test = FashionMnist.test(FashionMnist.locate(folder));
        assertEquals(10_000, test.size());
        assertEquals(28, test.image(0).width());
        for (int label = 0; label < 10; label++) {
            assertEquals(1000, test.indicesOf(label).length, FashionMnist.CLASS_NAMES.get(label));
        }
        assertEquals("ankle boot", test.classNames().get(test.label(0)));
    }

    private String refused(byte[] bytes) throws IOException {
        Path file = file("bad", bytes);
        DataException e = assertThrows(DataException.class, () -> IdxFile.read(file, 3));
        assertEquals(file, e.file());
        return e.getMessage();
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static byte[] idx(byte[] values, int... dims) {
        ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dims.length + values.length).putInt(0x800 | dims.length);
        for (int dim : dims) {
            buffer.putInt(dim);
        }
        return buffer.put(values).array();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }
}
