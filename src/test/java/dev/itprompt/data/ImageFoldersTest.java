package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.Warnings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link ClassFolders} and {@link CaptionedImages}. */
class ImageFoldersTest {

    @TempDir
    Path folder;

    @Test
    void classDirectoriesInTheOrderOfTheirNames() throws IOException {
        for (int i = 0; i < 20; i++) {
            put("ankle_boot/%02d.png".formatted(i), Png.plain(4, 6, i));
        }
        put("bag/x.PNG", Png.write(1, 1, Png.RGBA, 8, new byte[] {9, 9, 9, 0}, null, null));
        put("bag/notes.txt", new byte[1]);
        put(".hidden/x.png", new byte[1]);
        put("README.md", new byte[1]);
        for (int threads = 1; threads <= 3; threads++) {
            StoredImages images = ClassFolders.read(folder, ImageLoading.asStored(threads, Warnings.NONE));
            assertEquals(List.of("ankle boot", "bag"), images.classNames());
            assertEquals(21, images.size());
            for (int i = 0; i < 20; i++) {
                assertEquals(0, images.label(i));
                assertEquals(i, images.image(i).get(3, 5, 1));
            }
            assertEquals(1, images.label(20));
            assertEquals(255, images.image(20).get(0, 0, 0), "transparent over white");
            assertEquals("bag/x.PNG", images.source(20));
        }
        StoredImages small = ClassFolders.read(folder, new ImageLoading(2, 2, Warnings.NONE));
        assertEquals(2, small.image(0).width());
        assertEquals(3, small.image(0).height());
        assertEquals(1, small.image(20).width());
    }

    @Test
    void badClassFoldersAreNamed() throws IOException {
        assertRefused("nothing", () -> ClassFolders.read(folder.resolve("no"), ImageLoading.asStored(1, Warnings.NONE)));
        assertRefused("no directory", () -> ClassFolders.read(folder, ImageLoading.asStored(1, Warnings.NONE)));
        Files.createDirectory(folder.resolve("empty"));
        assertRefused("empty", () -> ClassFolders.read(folder, ImageLoading.asStored(1, Warnings.NONE)));
        put("empty/a.png", Png.plain(1, 1, 1));
        put("empty/b.png", "text".getBytes());
        put("empty/c.png", "text".getBytes());
        assertRefused("b.png", () -> ClassFolders.read(folder, ImageLoading.asStored(3, Warnings.NONE)).prepare());
        assertThrows(InputException.class, () -> ImageLoading.asStored(0, Warnings.NONE));
    }

    @Test
    void whatIsNotReadIsSaidInOneLine() throws IOException {
        for (String image : List.of("cat/a.png", "cat/b.webp", "cat/c.JFIF", "dog/a.png")) {
            put(image, Png.plain(1, 1, 1));
        }
        List<String> lines = new ArrayList<>();
        ImageLoading loading = ImageLoading.asStored(1, lines::add);
        assertEquals(4, ClassFolders.read(folder, loading).size());
        assertEquals(List.of(), lines);
        for (String other : List.of("README.md", "cat/more/a.png", "cat/more/b.png", "cat/x.png/y.png", "cat/1.heic", "cat/2.heic",
                "dog/3.heic", "dog/notes", ".cache/a.png", "dog/.a.png")) {
            put(other, Png.plain(1, 1, 1));
        }
        assertEquals(4, ClassFolders.read(folder, loading).size());
        assertEquals(List.of(folder + ": not read: 2 hidden files (.cache, dog/.a.png), 1 file beside the folders of the classes "
                + "(README.md), 4 files of another kind (cat/1.heic, cat/2.heic, dog/3.heic, ...), 2 folders inside those of the classes "
                + "(cat/more, cat/x.png)"), lines);
        put("owl/only.heic", new byte[1]);
        assertRefused("owl: expected images of a class (png, jpg, jpeg, jpe, jfif, gif, bmp, tif, tiff, webp), found only 1 file of another "
                + "kind (only.heic)", () -> ClassFolders.read(folder, loading));
    }

    @Test
    void foldersOfOneClassAreRefused() throws IOException {
        put("Cat/a.png", Png.plain(1, 1, 1));
        put("cat/a.png", Png.plain(1, 1, 1));
        assertEquals(List.of("Cat", "cat"), ClassFolders.read(folder, ImageLoading.asStored(1, Warnings.NONE)).classNames());
        for (String[] pair : new String[][] {{"T-shirt_top", "T-shirt top"}, {"caf\u00e9", "cafe\u0301"}, {"owl", "owl_"}}) {
            Path root = folder.resolve("in " + pair[1]);
            for (String name : pair) {
                Files.createDirectories(root.resolve(name));
                Files.write(root.resolve(name).resolve("a.png"), Png.plain(1, 1, 1));
            }
            DataException e = assertThrows(DataException.class,
                    () -> ClassFolders.read(root, ImageLoading.asStored(1, Warnings.NONE)));
            assertTrue(e.getMessage().contains("expected one folder for each class, found '") && e.getMessage().contains("'" + pair[0] + "'")
                    && e.getMessage().contains("'" + pair[1] + "'"), e.getMessage());
        }
        put("one/_/a.png", Png.plain(1, 1, 1));
        assertRefused("a name of blanks only", () -> ClassFolders.read(folder.resolve("one"), ImageLoading.asStored(1, Warnings.NONE)));
    }

    @Test
    void onlyTheChosenAreDecoded() throws IOException {
        for (int i = 0; i < 5; i++) {
            put("cat/" + i + ".png", i < 2 ? Png.plain(1, 1, i) : new byte[1]);
        }
        ImageLoading loading = ImageLoading.asStored(2, Warnings.NONE);
        StoredImages all = ClassFolders.read(folder, loading);
        all.select(0, 1).prepare();
        assertRefused("2.png", () -> all.select(0, 1, 2).prepare());
        assertRefused("2.png", all::prepare);
        assertRefused("4.png", () -> all.image(4));
    }

    @Test
    void whatNoLineNamesIsSaid() throws IOException {
        for (String file : List.of("a.png", "b.png", "more/c.jpg", "LICENSE")) {
            put("set/" + file, Png.plain(1, 1, 1));
        }
        put("set/metadata.jsonl", "\ufeff{\"file_name\": \"./a.png\", \"text\": \"a\"}\r\n".getBytes(StandardCharsets.UTF_8));
        put("other/x.png", Png.plain(1, 1, 1));
        put("note.txt", new byte[1]);
        List<String> lines = new ArrayList<>();
        List<CaptionedImages.Captioned> images = CaptionedImages.readAll(List.of(folder), ImageLoading.asStored(1, lines::add));
        assertEquals("a", images.getFirst().text());
        assertEquals(List.of(folder + ": not read: 1 file (note.txt), 1 folder without metadata.jsonl (other)",
                folder.resolve("set") + ": not read: 2 images that metadata.jsonl does not name (b.png, more/c.jpg)"), lines);
    }

    @Test
    void whatIsNoOrdinaryFileIsNamed() throws IOException, InterruptedException {
        ImageLoading loading = ImageLoading.asStored(1, Warnings.NONE);
        Files.createDirectories(folder.resolve("set/a.png"));
        put("set/metadata.jsonl", "{\"file_name\": \"a.png\", \"text\": \"a\"}".getBytes());
        assertRefused("a.png: expected an image (PNG, JPEG, GIF, BMP, TIFF, WebP), found a folder",
                () -> CaptionedImages.read(folder.resolve("set"), loading));
        put("cat/empty.png", new byte[0]);
        Files.createDirectories(folder.resolve("r1/cat"));
        Files.createSymbolicLink(folder.resolve("r1/cat/x.png"), folder.resolve("cat/empty.png"));
        assertRefused("found an empty file", () -> ClassFolders.read(folder.resolve("r1"), loading).prepare());
        Files.createDirectories(folder.resolve("r2/cat"));
        Files.createSymbolicLink(folder.resolve("r2/cat/x.png"), folder.resolve("nowhere.png"));
        assertRefused("x.png: expected an image (PNG, JPEG, GIF, BMP, TIFF, WebP), found no file",
                () -> ClassFolders.read(folder.resolve("r2"), loading).prepare());
        Files.createDirectories(folder.resolve("r3/cat"));
        Assumptions.assumeTrue(isMade("mkfifo", folder.resolve("r3/cat/x.png")), "named pipes");
        assertRefused("found a pipe or device", () -> ClassFolders.read(folder.resolve("r3"), loading).prepare());
    }

    private static boolean isMade(String program, Path file) throws InterruptedException {
        try {
            return new ProcessBuilder(program, file.toString()).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void filesInBothListsAreFound() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            put("train/" + name, name.getBytes());
            put("test/" + name, name.equals("b") ? "x".getBytes() : name.getBytes());
        }
        put("test/long", "longer than all others".getBytes());
        StoredImages train = images("train/a", "train/b", "train/c");
        StoredImages test = images("test/c", "test/b", "test/a", "test/long");
        assertEquals(List.of(new SharedFiles.Pair(folder.resolve("train/c"), folder.resolve("test/c")),
                new SharedFiles.Pair(folder.resolve("train/a"), folder.resolve("test/a"))), SharedFiles.of(train, test));
        assertEquals(3, SharedFiles.of(train, train).size());
        assertEquals(List.of(), SharedFiles.of(train, test.select(3)));
    }

    private StoredImages images(String... files) {
        return new StoredImages(Stream.of(files).map(file -> StoredImage.of(folder.resolve(file), file)).toList(), new int[files.length],
                List.of("one"), ImageLoading.asStored(1, Warnings.NONE));
    }

    @Test
    void captionsComeFromMetadata() throws IOException {
        put("images/a.png", Png.plain(2, 3, 7));
        put("b.png", Png.write(1, 1, Png.GRAY_ALPHA, 8, new byte[] {5, 6}, null, null));
        metadata("""
                {"file_name": "images/a.png", "text": "ein Stück \\u2713", "source": 3}

                {"file_name": "b.png", "text": "bee"}
                """);
        List<CaptionedImages.Captioned> images = CaptionedImages.read(folder, ImageLoading.asStored(2, Warnings.NONE)).images();
        assertEquals(2, images.size());
        assertEquals("ein Stück ✓", images.getFirst().text());
        assertEquals(3, images.getFirst().image().height());
        assertEquals("b.png", images.getLast().fileName());
        assertArrayEquals(new byte[] {6}, images.getLast().image().alpha());
    }

    /** Of a limited number, spread evenly, nothing else is even looked at. */
    @Test
    void aLimitLeavesTheOtherImagesAlone() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            put(i + ".png", i % 5 == 0 || i == 3 ? Png.plain(1 + i, 1, 1) : "no image".getBytes());
            lines.append("{\"file_name\": \"%d.png\", \"text\": \"%d\"}\n".formatted(i, i));
        }
        metadata(lines.toString());
        List<CaptionedImages.Captioned> two = CaptionedImages.read(folder, ImageLoading.asStored(2, Warnings.NONE), 2).images();
        assertEquals(List.of("0.png", "5.png"), two.stream().map(CaptionedImages.Captioned::fileName).toList());
        assertEquals(6, two.getLast().image().width());
        assertEquals("5", two.getLast().text());
        assertRefused("6.png", () -> CaptionedImages.read(folder, ImageLoading.asStored(2, Warnings.NONE), 3));
        assertRefused("1.png", () -> CaptionedImages.read(folder, ImageLoading.asStored(2, Warnings.NONE), 20));
    }

    /** A fingerprint tells pixels, captions, names and order apart. */
    @Test
    void fingerprintsTellImagesApart() throws IOException {
        put("a.png", Png.plain(2, 3, 7));
        put("b.png", Png.write(1, 1, Png.GRAY_ALPHA, 8, new byte[] {5, 6}, null, null));
        Set<String> seen = new HashSet<>();
        for (String lines : List.of("a.png a b.png b", "a.png a b.png c", "b.png b a.png a", "a.png a", "b.png b", "a.png ab b.png b")) {
            String[] words = lines.split(" ");
            StringBuilder metadata = new StringBuilder();
            for (int i = 0; i < words.length; i += 2) {
                metadata.append("{\"file_name\": \"%s\", \"text\": \"%s\"}\n".formatted(words[i], words[i + 1]));
            }
            metadata(metadata.toString());
            assertTrue(seen.add(fingerprint()), lines);
            assertEquals(fingerprint(), fingerprint());
        }
        metadata("{\"file_name\": \"b.png\", \"text\": \"b\"}\n");
        assertFalse(seen.add(fingerprint()), "the same as before");
        put("b.png", Png.write(1, 1, Png.GRAY_ALPHA, 8, new byte[] {5, 7}, null, null));
        assertTrue(seen.add(fingerprint()), "another transparency");
        put("b.png", Png.write(1, 1, Png.GRAY_ALPHA, 8, new byte[] {4, 7}, null, null));
        assertTrue(seen.add(fingerprint()), "another colour");
    }

    private String fingerprint() {
        return CaptionedImages.fingerprint(CaptionedImages.read(folder, ImageLoading.asStored(1, Warnings.NONE)).images());
    }

    /** So does one of classes: also their names, labels and files. */
    @Test
    void fingerprintsTellClassesApart() throws IOException {
        Set<String> seen = new HashSet<>();
        put("cat/1.png", Png.plain(2, 2, 7));
        put("dog/1.png", Png.plain(2, 2, 8));
        assertTrue(seen.add(classes()));
        assertEquals(classes(), classes());
        put("dog/1.png", Png.plain(2, 2, 9));
        assertTrue(seen.add(classes()), "other pixels");
        put("dog/1.png", Png.plain(4, 1, 9));
        assertTrue(seen.add(classes()), "another shape");
        Files.move(folder.resolve("dog"), folder.resolve("hen"));
        assertTrue(seen.add(classes()), "another name of a class");
        Files.move(folder.resolve("hen/1.png"), folder.resolve("hen/2.png"));
        assertTrue(seen.add(classes()), "another file");
        put("hen/3.png", Png.plain(4, 1, 9));
        assertTrue(seen.add(classes()), "one image more");
        StoredImages all = ClassFolders.read(folder, ImageLoading.asStored(1, Warnings.NONE));
        assertTrue(seen.add(all.select(0, 2).fingerprint()), "fewer");
        assertTrue(seen.add(all.select(1, 0, 2).fingerprint()), "another order");
    }

    private String classes() {
        return ClassFolders.read(folder, ImageLoading.asStored(1, Warnings.NONE)).fingerprint();
    }

    @Test
    void badMetadataIsNamedWithItsLine() throws IOException {
        assertRefused("no file", this::captions);
        put("a.png", Png.plain(1, 1, 1));
        for (String[] bad : new String[][] {
            {"", "no line"}, {"{\"file_name\": \"a.png\", \"text\": \"a\"}\nnonsense", "line 2"},
            {"{\"file_name\": \"a.png\"}", "'text' in line 1"}, {"{\"file_name\": 3, \"text\": \"a\"}", "'file_name' in line 1"},
            {"{\"file_name\": \"a.png\", \"text\": \" \"}", "'text'"}, {"[1]", "line 1"},
            {"{\"file_name\": \"../a.png\", \"text\": \"a\"}", "inside the folder"},
            {"{\"file_name\": \"/etc/passwd\", \"text\": \"a\"}", "inside the folder"},
            {"{\"file_name\": \"a\\u0000.png\", \"text\": \"a\"}", "line 1"},
            {"{\"file_name\": \"b.png\", \"text\": \"a\"}", "b.png"},
            {"\n{\"text\": \"" + "x".repeat(1 << 20) + "\"}", "lines of at most 1048576 characters, found a longer one in line 2"},
        }) {
            metadata(bad[0]);
            assertRefused(bad[1], this::captions);
        }
        put("metadata.jsonl", "{\"file_name\": \"a.png\", \"text\": \"é\"}".getBytes(StandardCharsets.UTF_16));
        assertRefused("text in UTF-8", this::captions);
    }

    private void captions() {
        CaptionedImages.read(folder, ImageLoading.asStored(1, Warnings.NONE));
    }

    private static void assertRefused(String part, org.junit.jupiter.api.function.Executable reading) {
        DataException e = assertThrows(DataException.class, reading);
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    private void metadata(String lines) throws IOException {
        Files.writeString(folder.resolve("metadata.jsonl"), lines);
    }

    private void put(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }
}
