package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Warnings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link StoredImages} with an {@link ImageCache}. */
class ImageCacheTest {

    private static final int COUNT = 40;
    private static final int ROOM = 1 << 26;

    @TempDir
    Path folder;
    private Path cache;
    private Path images;

    @BeforeEach
    void writeImages() throws IOException {
        cache = folder.resolve("cache");
        images = Files.createDirectories(folder.resolve("set/one")).getParent();
        Random random = new Random(1);
        for (int i = 0; i < COUNT; i++) {
            int side = 5 + i % 7;
            byte[] rgb = new byte[3 * side * side];
            random.nextBytes(rgb);
            Files.write(images.resolve("one/%02d.png".formatted(i)), Png.write(side, side, Png.RGB, 8, rgb, null, null));
        }
    }

    private StoredImages open(Path at, long bytes, int threads, Warnings warnings) {
        return ClassFolders.read(at, new ImageLoading(threads, 6, warnings, new ImageCache(cache, bytes)));
    }

    private StoredImages open(long bytes) {
        return open(images, bytes, 2, Warnings.NONE);
    }

    private List<byte[]> pixels(StoredImages opened) {
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < opened.size(); i++) {
            all.add(opened.image(i).rgb());
        }
        return all;
    }

    private void assertSame(List<byte[]> expected, List<byte[]> actual) {
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "image " + i);
        }
    }

    private List<Path> packs() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.sorted().toList();
        }
    }

    /** That the cache is read and not the files shows when the files are gone. */
    @Test
    void whatIsCachedIsWhatWouldBeDecoded() throws IOException {
        List<byte[]> decoded = pixels(open(0));
        String fingerprint = open(0).fingerprint();
        StoredImages first = open(ROOM);
        first.prepare();
        assertSame(decoded, pixels(first));
        assertEquals(1, packs().size());
        byte[] pack = Files.readAllBytes(packs().getFirst());
        Files.delete(packs().getFirst());
        open(images, ROOM, 1, Warnings.NONE).prepare();
        assertArrayEquals(pack, Files.readAllBytes(packs().getFirst()), "whatever the number of threads");
        StoredImages second = open(ROOM);
        assertEquals(fingerprint, second.fingerprint());
        for (int i = 0; i < COUNT; i++) {
            Files.delete(images.resolve("one/%02d.png".formatted(i)));
        }
        assertSame(decoded, pixels(second));
    }

    @Test
    void changedFilesAreDecodedAgain() throws IOException {
        StoredImages before = open(ROOM);
        String fingerprint = before.fingerprint();
        byte[] old = before.image(3).rgb();
        Path changed = images.resolve("one/03.png");
        byte[] file = Png.plain(8, 8, 77);
        Files.write(changed, file);
        StoredImages after = open(ROOM);
        assertNotEquals(fingerprint, after.fingerprint());
        assertEquals(77, after.image(3).get(0, 0, 0));
        assertNotEquals(77, old[0]);
        Files.write(changed, Png.plain(8, 8, 78));
        assertEquals(file.length, Files.size(changed));
        Files.setLastModifiedTime(changed, FileTime.fromMillis(1_000_000));
        StoredImages sameSize = open(ROOM);
        sameSize.prepare();
        assertEquals(78, sameSize.image(3).get(0, 0, 0));
    }

    @Test
    void damagedPacksAreNotBelieved() throws IOException {
        List<byte[]> decoded = pixels(open(0));
        open(ROOM).prepare();
        Path pack = packs().getFirst();
        for (long at = 0; at < Files.size(pack); at += 97) {
            assertTrue(ImageCache.isWhole(pack));
            byte[] whole = Files.readAllBytes(pack);
            flip(pack, at);
            assertFalse(ImageCache.isWhole(pack), "byte " + at);
            StoredImages opened = open(ROOM);
            opened.prepare();
            assertSame(decoded, pixels(opened));
            Files.write(pack, whole);
        }
        for (int length : new int[] {0, 5, 100, 16 + 52 * COUNT + 1000}) {
            byte[] whole = Files.readAllBytes(pack);
            Files.write(pack, java.util.Arrays.copyOf(whole, length));
            StoredImages opened = open(ROOM);
            opened.prepare();
            assertSame(decoded, pixels(opened));
            Files.write(pack, whole);
        }
        StoredImages opened = open(ROOM);
        opened.prepare();
        Files.delete(pack);
        assertSame(decoded, pixels(opened));
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(at);
            int value = access.read();
            access.seek(at);
            access.write(value ^ 0x55);
        }
    }

    @Test
    void theBoundHoldsAndTheOldestGoes() throws IOException {
        List<byte[]> decoded = pixels(open(0));
        StoredImages none = open(1000);
        none.prepare();
        assertSame(decoded, pixels(none));
        assertTrue(Files.size(packs().getFirst()) < 16 + 52L * COUNT + 1, "no pixels");
        Files.delete(packs().getFirst());
        long bound = (1 << 24) + 100_000;
        for (int set = 0; set < 3; set++) {
            Path other = Files.createDirectories(folder.resolve("set" + set + "/big")).getParent();
            for (int i = 0; i < 12; i++) {
                Files.write(other.resolve("big/%02d.png".formatted(i)), Png.plain(1000, 1000, i));
            }
            StoredImages big = ClassFolders.read(other, new ImageLoading(2, 0, Warnings.NONE, new ImageCache(cache, bound)));
            big.prepare();
            for (int i = 0; i < 12; i++) {
                assertEquals(i, big.image(i).get(999, 999, 2));
            }
            long taken = 0;
            for (Path pack : packs()) {
                taken += Files.size(pack);
            }
            assertTrue(taken <= bound + 1000, "" + taken);
            assertTrue(taken > 5 * 3_000_000, "" + taken);
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsSaid() throws IOException {
        Files.writeString(cache, "a file");
        List<String> lines = new ArrayList<>();
        StoredImages opened = open(images, ROOM, 2, lines::add);
        opened.prepare();
        assertSame(pixels(open(0)), pixels(opened));
        assertEquals(1, lines.size());
        assertTrue(lines.getFirst().startsWith("image.cache: " + cache + " cannot be written ("), lines.getFirst());
    }

    @Test
    void damagedImagesAreFoundWhenPreparing() throws IOException {
        Files.write(images.resolve("one/07.png"), new byte[] {1, 2});
        Files.write(images.resolve("one/31.png"), new byte[] {1, 2});
        for (long bytes : new long[] {0, ROOM}) {
            StoredImages opened = open(bytes);
            DataException e = assertThrows(DataException.class, opened::prepare);
            assertTrue(e.getMessage().startsWith(images.resolve("one/07.png") + ": expected an image"), e.getMessage());
        }
        assertEquals(List.of(), Files.exists(cache) ? packs() : List.of());
    }
}
