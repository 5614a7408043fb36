package dev.itprompt.data.sets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.Warnings;
import dev.itprompt.data.DataException;
import dev.itprompt.data.DataFiles;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.StoredImages;
import dev.itprompt.data.UnpackedImages;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Parquet files that hyparquet-writer wrote, against what hyparquet reads; see {@code src/test/python/parquet_goldens.mjs}. */
class ParquetTest {

    @TempDir
    private Path folder;

    private static Path golden(String name) throws URISyntaxException {
        return Path.of(ParquetTest.class.getResource("parquet/expected.json").toURI()).resolveSibling(name);
    }

    /** A copy, which may be written to. */
    private Path copy(String name) throws IOException, URISyntaxException {
        Path root = folder.resolve(name);
        try (Stream<Path> files = Files.walk(golden(name))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = root.resolve(golden(name).relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        return root;
    }

    private static Split open(Path root, String... classNames) {
        DatasetOptions all = DatasetOptions.of(root, Layouts.loading(Warnings.NONE));
        return Datasets.open("parquet", new DatasetOptions(root, null, List.of(classNames), null, true, 0, 0, all.unpacked(), all.train(),
                all.test()));
    }

    /** Images of some files in their order, by their hash, with their label's text or number. */
    private static List<String> expected(String... files) throws IOException, URISyntaxException {
        JsonNode all = JsonMapper.shared().readTree(Files.readString(golden("expected.json")));
        List<String> rows = new ArrayList<>();
        for (String file : files) {
            all.required(file + ".parquet").forEach(row -> rows.add(row.required("sha256").asString() + " " + row.required("label").asString()));
        }
        return rows;
    }

    private static List<String> found(LabeledImages images, boolean text) {
        List<String> hashes = ((StoredImages) images).encoded().map(DataFiles::sha256).toList();
        return IntStream.range(0, images.size()).mapToObj(i -> hashes.get(i) + " "
                + (text ? images.classNames().get(images.label(i)).replace(' ', '_') : Integer.toString(images.label(i)))).toList();
    }

    @Test
    void readsHuggingFacesShards() throws Exception {
        Split split = open(copy("hf"));
        assertEquals(List.of("red fox", "hen", "tabby cat"), split.train().classNames());
        assertEquals(expected("hf/data/train-00000-of-00002", "hf/data/train-00001-of-00002"), found(split.train(), false));
        assertEquals(expected("hf/data/test-00000-of-00001"), found(split.test(), false));
        assertEquals("train-00001-of-00002.parquet/2", split.train().source(7));
        // Image 7 of the script: 5x5 pixels of one colour.
        assertEquals(5, split.train().image(7).width());
        assertArrayEquals(new byte[] {(byte) (280 - 256), (byte) (630 - 512), 49}, Arrays.copyOf(split.train().image(7).rgb(), 3));
    }

    @Test
    void readsBareBytesWithTextOrNumbers() throws Exception {
        Split text = open(copy("plain"));
        assertEquals(List.of("ant hill", "zebra"), text.train().classNames());
        assertEquals(expected("plain/train"), found(text.train(), true));
        assertEquals(expected("plain/validation"), found(text.test(), true));
        assertEquals(List.of("zebra", "ant_hill"), open(folder.resolve("plain"), "zebra", "ant_hill").train().classNames());
        assertEquals(0, open(folder.resolve("plain"), "zebra", "ant_hill").train().label(0));
        Path numbers = copy("numbers");
        assertTrue(assertThrows(DataException.class, () -> open(numbers)).getMessage().contains("classnames.txt"));
        Files.writeString(numbers.resolve("classnames.txt"), "one_hump\ntwo_humps\n");
        Split split = open(numbers);
        assertEquals(List.of("one hump", "two humps"), split.train().classNames());
        assertEquals(expected("numbers/train"), found(split.train(), false));
    }

    @Test
    void imagesAreUnpackedOnceWhileTheFileStaysAsItWas() throws Exception {
        Path root = copy("hf");
        String hash = open(root).hash();
        List<Path> unpacked = UnpackedImages.folder(root.resolve(".unpacked")).files();
        assertEquals(3, unpacked.size());
        assertTrue(unpacked.stream().allMatch(UnpackedImages::isWhole));
        FileTime time = FileTime.fromMillis(1_000_000_000_000L);
        for (Path file : unpacked) {
            Files.setLastModifiedTime(file, time);
        }
        List<Object> keys = keys(unpacked);
        assertEquals(hash, open(root).hash());
        assertEquals(keys, keys(UnpackedImages.folder(root.resolve(".unpacked")).files()), "the same files, not written again");
        Path damaged = unpacked.getFirst();
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length - 1] ^= 1;
        Files.write(damaged, bytes);
        assertFalse(UnpackedImages.isWhole(damaged));
        Files.write(damaged, new byte[10]);
        assertEquals(expected("hf/data/train-00000-of-00002", "hf/data/train-00001-of-00002"), found(open(root).train(), false));
        Path train = root.resolve("data/train-00001-of-00002.parquet");
        Files.setLastModifiedTime(train, FileTime.fromMillis(Files.getLastModifiedTime(train).toMillis() + Duration.ofDays(1).toMillis()));
        open(root);
        assertEquals(4, UnpackedImages.folder(root.resolve(".unpacked")).files().size());
    }

    private static List<Object> keys(List<Path> files) throws IOException {
        List<Object> keys = new ArrayList<>();
        for (Path file : files.stream().sorted().toList()) {
            keys.add(Files.getAttribute(file, "unix:ino"));
        }
        return keys;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "null-image     | expected a value of 'image.bytes' in each row, found none in row 1",
        "null-bytes     | expected a value of 'image.bytes' in each row, found none in row 1",
        "null-label     | expected a value of 'label' in each row, found none in row 1",
        "label          | expected labels from 0 to 2, found '3' in row 1",
        "no-image       | expected a column 'image', found label text",
        "no-label       | expected a column 'label' of whole numbers or text, found none",
        "image-type     | expected images in column 'image' as binary, or as a struct of bytes and path, found image INT32",
        "label-type     | expected labels as whole numbers or text in column 'label', found label DOUBLE"})
    void saysWhatIsWrong(String name, String message) throws Exception {
        Path root = copy("wrong/" + name);
        Path file = root.resolve("train.parquet");
        Files.copy(file, root.resolve("test.parquet"));
        String found = assertThrows(DataException.class, () -> open(root)).getMessage();
        assertTrue(found.startsWith(file + ": " + message), found);
        assertEquals(1, found.lines().count());
    }

    @Test
    void namesTheRowThatIsNoImage() throws Exception {
        Path root = copy("wrong/not-an-image");
        Files.copy(root.resolve("train.parquet"), root.resolve("test.parquet"));
        Split split = open(root);
        String found = assertThrows(DataException.class, () -> split.train().image(1)).getMessage();
        assertTrue(found.startsWith(root.resolve("train.parquet/1") + ": "), found);
    }

    @Test
    void missingFilesAreNamed() throws Exception {
        Path root = copy("hf");
        Files.delete(root.resolve("data/train-00000-of-00002.parquet"));
        String found = assertThrows(DataException.class, () -> open(root)).getMessage();
        assertTrue(found.contains("train-00000-of-00002.parquet: expected one of 2 files"), found);
        Files.delete(root.resolve("data/train-00001-of-00002.parquet"));
        found = assertThrows(DataException.class, () -> open(root)).getMessage();
        assertTrue(found.contains("expected Parquet files called train*.parquet, found none"), found);
    }

    /** Cut anywhere or with a byte of its description changed, a file is refused in a line, or what it holds is read; nothing else happens. */
    @Test
    void damagedFilesAreRefused() throws Exception {
        byte[] whole = Files.readAllBytes(golden("hf/data/train-00000-of-00002.parquet"));
        Path file = folder.resolve("damaged.parquet");
        for (int length = 0; length < whole.length; length += 29) {
            Files.write(file, Arrays.copyOf(whole, length));
            String message = assertThrows(DataException.class, () -> read(file), "cut at " + length).getMessage();
            assertTrue(message.startsWith(file.toString()) && message.lines().count() == 1, message);
        }
        Random random = new Random(20);
        int refused = 0;
        int description = whole.length - 8 - (Byte.toUnsignedInt(whole[whole.length - 8]) | Byte.toUnsignedInt(whole[whole.length - 7]) << 8);
        for (int i = 0; i < 300; i++) {
            byte[] changed = whole.clone();
            int at = random.nextInt(description, changed.length);
            changed[at] ^= (byte) (1 + random.nextInt(255));
            Files.write(file, changed);
            try {
                read(file);
            } catch (InputException e) {
                assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > 50, refused + " of 300");
    }

    @Test
    void aReaderThatSearchesForEverIsLeft() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        String found = assertThrows(IOException.class, () -> ParquetFile.withPatience(() -> {
            never.await();
            return true;
        }, Duration.ofMillis(20))).getMessage();
        assertTrue(found.startsWith("no rows were found"), found);
        assertTrue(ParquetFile.withPatience(() -> true, Duration.ofMinutes(1)));
        assertEquals("bad page", assertThrows(IOException.class, () -> ParquetFile.withPatience(() -> {
            throw new IllegalStateException("bad page");
        }, Duration.ofMinutes(1))).getMessage());
    }

    private void read(Path file) {
        ParquetFile rows = ParquetFile.open(file);
        rows.labels();
        rows.images(folder.resolve("unpacked"));
    }
}
