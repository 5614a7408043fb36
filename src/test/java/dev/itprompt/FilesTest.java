package dev.itprompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link AtomicFile}, {@link Writable} and {@link FolderLock}. */
class FilesTest {

    @TempDir
    private Path folder;

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void writersOfOneFileDoNotMeet() throws Exception {
        Path file = folder.resolve("file");
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            List<? extends Future<?>> writers = IntStream.range(0, 4).mapToObj(writer -> pool.submit(() -> {
                byte[] content = new byte[10_000];
                Arrays.fill(content, (byte) writer);
                for (int i = 0; i < 50; i++) {
                    AtomicFile.write(file, content);
                }
            })).toList();
            for (Future<?> writer : writers) {
                writer.get();
            }
        }
        byte[] content = Files.readAllBytes(file);
        assertEquals(10_000, content.length);
        for (byte b : content) {
            assertEquals(content[0], b, "one writer's content");
        }
        assertEquals(List.of("file"), names());
    }

    @Test
    void whatFailsLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        WriteException e = assertThrows(WriteException.class, () -> AtomicFile.write(file, 1234, channel -> {
            AtomicFile.writeFully(channel, ByteBuffer.wrap(new byte[10]));
            throw new IOException("No space left on device");
        }));
        assertEquals(file + ": cannot be written (No space left on device); it needs 1,234 bytes", e.getMessage());
        assertThrows(IllegalStateException.class, () -> AtomicFile.write(file, 1, _ -> {
            throw new IllegalStateException();
        }));
        assertEquals("old", Files.readString(file));
        assertEquals(List.of("file"), names());
        e = assertThrows(WriteException.class, () -> AtomicFile.write(folder.resolve("none/file"), new byte[1]));
        assertTrue(e.getMessage().contains("none/file: cannot be written (no such folder); it needs 1 bytes"), e.getMessage());
    }

    @Test
    void leftoversAreDeletedAndNothingElse() throws IOException {
        for (String name : List.of("a.json.12-3.part", "movie.part", "12-3.part", "a.json")) {
            Files.writeString(folder.resolve(name), "");
        }
        AtomicFile.deleteLeftovers(folder);
        assertEquals(List.of("12-3.part", "a.json", "movie.part"), names());
    }

    @Test
    void aFolderIsLockedOnceAtATime() throws IOException {
        Files.writeString(folder.resolve(".lock"), "left by a killed process");
        try (FolderLock _ = FolderLock.of(folder)) {
            InputException e = assertThrows(InputException.class, () -> FolderLock.of(folder.resolve("../" + folder.getFileName())));
            assertTrue(e.getMessage().contains("another run is going on in this folder"), e.getMessage());
            assertThrows(InputException.class, () -> FolderLock.of(folder), "the first still has it");
        }
        FolderLock.of(folder).close();
        assertThrows(InputException.class, () -> FolderLock.of(folder.resolve("none")));
    }

    private static void assertRefused(String part, org.junit.jupiter.api.function.Executable check) {
        InputException e = assertThrows(InputException.class, check);
        assertTrue(e.getMessage().startsWith("--to: ") && e.getMessage().contains(part), e.getMessage());
    }

    @Test
    void placesThatCannotBeWrittenAreRefusedAndOthersLeftAsTheyAre() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Writable.requireFolder("--to", folder);
        Writable.requireFolder("--to", folder.resolve("a/b/c"));
        Writable.requireFile("--to", folder.resolve("new"));
        Writable.requireFile("--to", file);
        assertEquals(List.of("file"), names());
        assertRefused("found a file at " + file, () -> Writable.requireFolder("--to", file));
        assertRefused("found a file at " + file, () -> Writable.requireFolder("--to", file.resolve("below")));
        assertRefused("found a folder at", () -> Writable.requireFile("--to", folder));
        assertRefused("found no folder " + folder.resolve("none"), () -> Writable.requireFile("--to", folder.resolve("none/file")));
        assertRefused("found no folder " + file, () -> Writable.requireFile("--to", file.resolve("file")));
        assertRefused("cannot be written", () -> Writable.requireFile("--to", folder.resolve("n".repeat(300))));
    }

    @Test
    void whatTheSystemRefusesIsRefused() {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")), "nobody can make files in /proc of Linux");
        assertRefused("cannot be written", () -> Writable.requireFolder("--to", Path.of("/proc/itprompt/run")));
        assertRefused("cannot be written", () -> Writable.requireFile("--to", Path.of("/proc/itprompt.json")));
        assertRefused("found no plain file at /dev/null", () -> Writable.requireFile("--to", Path.of("/dev/null")));
    }

    @Test
    void readOnlyFoldersAreRefused() throws IOException {
        Path locked = Files.createDirectory(folder.resolve("locked"));
        assumeTrue(Files.getFileStore(locked).supportsFileAttributeView("posix"), "needs POSIX permissions");
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeTrue(!Files.isWritable(locked), "root may write everywhere");
        assertRefused("permission denied", () -> Writable.requireFolder("--to", locked.resolve("run")));
        assertRefused("permission denied", () -> Writable.requireFile("--to", locked.resolve("file")));
    }

    @Test
    void fingerprintsTellWhereOnePieceEnds() throws IOException {
        assertFalse(new Fingerprint().add("ab").add("c").hex().equals(new Fingerprint().add("a").add("bc").hex()));
        assertFalse(new Fingerprint().add(1).hex().equals(new Fingerprint().add(2).hex()));
        // echo -n abc | sha256sum
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                Fingerprint.ofFile(Files.writeString(folder.resolve("abc"), "abc")));
        assertThrows(InputException.class, () -> Fingerprint.ofFile(folder.resolve("none")));
    }
}
