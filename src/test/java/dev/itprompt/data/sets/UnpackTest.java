package dev.itprompt.data.sets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.data.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link Unpack} with good archives and those that would do harm. */
class UnpackTest {

    private static final Unpack SMALL = new Unpack(20, 10_000, 50);

    @TempDir
    Path folder;
    private Path target;

    @BeforeEach
    void makeTarget() throws IOException {
        target = Files.createDirectories(folder.resolve("in/target"));
    }

    private Path tar(String name, TarArchiveEntry... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (TarArchiveEntry entry : entries) {
                byte[] content = new byte[(int) entry.getSize()];
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        Path file = folder.resolve(name);
        if (name.endsWith("gz")) {
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
                out.write(bytes.toByteArray());
            }
        } else {
            Files.write(file, bytes.toByteArray());
        }
        return file;
    }

    private static TarArchiveEntry file(String name, int size) {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(size);
        return entry;
    }

    private static TarArchiveEntry link(String name, byte kind, String to) {
        TarArchiveEntry entry = new TarArchiveEntry(name, kind);
        entry.setLinkName(to);
        return entry;
    }

    private Path zip(String name, String... entries) throws IOException {
        Path file = folder.resolve(name);
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(file)) {
            for (String entry : entries) {
                ZipArchiveEntry own = new ZipArchiveEntry(entry.replaceFirst("^link:", ""));
                if (entry.startsWith("link:")) {
                    own.setUnixMode(0120777);
                }
                zip.putArchiveEntry(own);
                if (!entry.endsWith("/")) {
                    zip.write(new byte[entry.contains("bomb") ? 3_000_000 : 10]);
                }
                zip.closeArchiveEntry();
            }
        }
        return file;
    }

    private void assertRefused(Path archive, String part) throws IOException {
        DataException e = assertThrows(DataException.class, () -> SMALL.into(archive, target), archive.toString());
        assertTrue(e.getMessage().startsWith(archive.toString()) && e.getMessage().contains(part), e.getMessage());
        assertEquals(List.of(), names(target), "nothing is left");
        assertEquals(List.of("target"), names(target.getParent()));
    }

    private static List<String> names(Path at) throws IOException {
        try (Stream<Path> files = Files.list(at)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void goodArchivesAreUnpackedAndFillUpWhatIsThere() throws IOException {
        Files.createDirectories(target.resolve("a/b"));
        Files.write(target.resolve("a/old"), new byte[3]);
        Files.write(target.resolve("a/new"), new byte[3]);
        for (Path archive : List.of(tar("x.tar", file("a/new", 7), file("./a/b/c", 9), file("é/" + "long".repeat(60), 1)),
                tar("x.tar.gz", file("a/new", 7), file("a/b/c", 9)), tar("x.tgz", file("a/new", 7)), zip("x.zip", "a/", "a/new", "z/deep/file"))) {
            assertTrue(Unpack.isArchive(archive));
            SMALL.into(archive, target);
        }
        assertEquals(List.of("b", "new", "old"), names(target.resolve("a")));
        assertEquals(10, Files.size(target.resolve("a/new")));
        assertEquals(9, Files.size(target.resolve("a/b/c")));
        assertEquals(10, Files.size(target.resolve("z/deep/file")));
        assertFalse(Unpack.isArchive(folder.resolve("x.mat")));
        assertEquals(List.of("a", "z", "é"), names(target));
    }

    @Test
    void harmfulArchivesAreRefused() throws IOException {
        assertRefused(tar("up.tar", file("ok", 1), file("../out", 1)), "entries inside the folder, found '../out'");
        assertRefused(tar("up2.tar", file("a/../../out", 1)), "'a/../../out'");
        assertRefused(tar("root.tar", file("/etc/x", 1)), "'/etc/x'");
        assertRefused(tar("link.tar", link("l", TarConstants.LF_SYMLINK, "/etc")), "a link or device 'l'");
        assertRefused(tar("hard.tgz", file("ok", 1), link("l", TarConstants.LF_LINK, "ok")), "a link or device 'l'");
        assertRefused(tar("fifo.tar", link("p", TarConstants.LF_FIFO, "")), "a link or device 'p'");
        assertRefused(tar("twice.tar", file("a", 1), file("a", 1)), "twice");
        assertRefused(tar("bomb.tar.gz", file("a", 3_000_000)), "bytes in an archive of this size");
        assertRefused(tar("many.tar", Stream.iterate(0, i -> i + 1).limit(60).map(i -> file("f" + i, 0)).toArray(TarArchiveEntry[]::new)),
                "at most 50 entries");
        assertRefused(zip("up.zip", "ok", "../out"), "'../out'");
        assertRefused(zip("back.zip", "..\\out"), "out'");
        assertRefused(zip("link.zip", "link:l"), "a link 'l'");
        assertRefused(zip("bomb.zip", "bomb"), "bytes in an archive of this size");
        assertRefused(zip("self.zip", "a", "a/b"), "");
    }

    /** Cut anywhere, and changed anywhere: what is there before or all of it, or one line. */
    @Test
    void damagedArchivesLeaveNothing() throws IOException {
        Random random = new Random(3);
        byte[] noise = new byte[4000];
        random.nextBytes(noise);
        for (String name : List.of("d.tgz", "d.zip")) {
            Path whole = name.endsWith("zip") ? zip(name, "a/x", "a/y") : tar(name, file("a/x", 500), file("a/y", 500));
            byte[] bytes = Files.readAllBytes(whole);
            for (int i = 0; i < 60; i++) {
                byte[] changed = i < 30 ? Arrays.copyOf(bytes, bytes.length * i / 30) : bytes.clone();
                if (i >= 30) {
                    changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
                }
                Files.write(whole, changed);
                try {
                    SMALL.into(whole, target);
                } catch (DataException e) {
                    assertFalse(e.getMessage().contains("\n"), "seed 3, change " + i + ": " + e.getMessage());
                }
                assertTrue(names(target).stream().noneMatch(file -> file.startsWith(".unpacking")));
            }
        }
        assertArrayEquals(new byte[10], Files.readAllBytes(zipTarget()));
    }

    private Path zipTarget() throws IOException {
        SMALL.into(zip("last.zip", "q/x"), target);
        return target.resolve("q/x");
    }
}
