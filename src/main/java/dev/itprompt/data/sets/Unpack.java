package dev.itprompt.data.sets;

import dev.itprompt.FailureException;
import dev.itprompt.WriteException;
import dev.itprompt.data.DataException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Unpacks zip, tar and gzipped tar files that anybody may have made. Refused are entries outside the folder, links, devices, names twice,
 * and archives that hold more than they could honestly: pictures hardly shrink when they are packed. Everything is unpacked beside
 * first; the folder gets it when all of it is right.
 *
 * @param ratio  most bytes that a byte of the archive may stand for, on average
 * @param slack  bytes that any archive may hold
 * @param files  most entries
 */
public record Unpack(int ratio, long slack, int files) {

    /** For published data sets. */
    public static final Unpack USUAL = new Unpack(20, 1L << 30, 5_000_000);

    /** Kinds of ordinary files in a tar. */
    private static final String PLAIN = "\0" + "07";
    private static final String REMEDY = "do not use it; fetch it elsewhere";

    /** Whether a file is an archive by its name. */
    public static boolean isArchive(Path file) {
        return isZip(file) || isTar(file);
    }

    private static String name(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT);
    }

    private static boolean isZip(Path file) {
        return name(file).endsWith(".zip");
    }

    private static boolean isTar(Path file) {
        return name(file).endsWith(".tar") || isGzipped(file);
    }

    private static boolean isGzipped(Path file) {
        return name(file).endsWith(".tar.gz") || name(file).endsWith(".tgz");
    }

    /**
     * Unpacks an archive.
     *
     * @param folder gets what is in it; exists
     * @throws DataException  if the archive is damaged or refused; nothing of it is left then
     * @throws WriteException if it cannot be written
     */
    public void into(Path archive, Path folder) {
        Path beside = null;
        try {
            beside = Files.createTempDirectory(folder, ".unpacking-");
            Room room = new Room(archive, Files.size(archive));
            if (isZip(archive)) {
                unzip(archive, beside, room);
            } else {
                untar(archive, beside, room);
            }
            move(archive, beside, folder);
        } catch (FailureException | DataException e) {
            throw e;
        } catch (IOException e) {
            throw new WriteException(folder, e);
        } finally {
            delete(beside);
        }
    }

    /** What may still be written. */
    private final class Room {

        private final Path archive;
        private final long most;
        private long written;
        private int entries;

        Room(Path archive, long size) {
            this.archive = archive;
            this.most = slack + ratio * size;
        }

        void entry() {
            if (++entries > files) {
                throw new DataException(archive, "at most " + files + " entries", "more", REMEDY);
            }
        }

        void take(int count) {
            written += count;
            if (written > most) {
                throw new DataException(archive, String.format(Locale.ROOT, "at most %,d bytes in an archive of this size", most), "more", REMEDY);
            }
        }
    }

    private void unzip(Path archive, Path target, Room room) throws IOException {
        try (ZipFile zip = ZipFile.builder().setPath(archive).get()) {
            Enumeration<ZipArchiveEntry> entries = zip.getEntries();
            while (entries.hasMoreElements()) {
                ZipArchiveEntry entry = entries.nextElement();
                room.entry();
                if (entry.isUnixSymlink()) {
                    throw new DataException(archive, "files and folders only", "a link '" + entry.getName() + "'", REMEDY);
                }
                Path file = inside(archive, target, entry.getName());
                if (entry.isDirectory()) {
                    makeFolder(archive, file);
                } else {
                    try (InputStream in = zip.getInputStream(entry)) {
                        write(archive, in, file, room);
                    }
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw damaged(archive, e);
        }
    }

    private void untar(Path archive, Path target, Room room) throws IOException {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
                InputStream plain = isGzipped(archive) ? new GZIPInputStream(raw, 1 << 16) : raw;
                TarArchiveInputStream tar = new TarArchiveInputStream(plain)) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                room.entry();
                Path file = inside(archive, target, entry.getName());
                if (entry.isDirectory()) {
                    makeFolder(archive, file);
                } else if (PLAIN.indexOf(entry.getLinkFlag()) >= 0) {
                    write(archive, tar, file, room);
                } else {
                    throw new DataException(archive, "files and folders only", "a link or device '" + entry.getName() + "'", REMEDY);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw damaged(archive, e);
        }
    }

    private static DataException damaged(Path archive, Exception e) {
        return new DataException(archive, "a complete archive", "damage (" + e.getMessage() + ")", "fetch it again", e);
    }

    private static void makeFolder(Path archive, Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (FileAlreadyExistsException e) {
            throw new DataException(archive, "each name once", "'" + e.getFile() + "' twice", REMEDY, e);
        } catch (IOException e) {
            throw new WriteException(folder, e);
        }
    }

    private static Path inside(Path archive, Path target, String name) {
        try {
            Path file = target.resolve(name.replace('\\', '/')).normalize();
            if (file.startsWith(target) && !name.startsWith("/") && (!file.equals(target) || name.matches("[./]*"))) {
                return file;
            }
        } catch (InvalidPathException _) {
            // as if it lay outside
        }
        throw new DataException(archive, "entries inside the folder", "'" + name + "'", REMEDY);
    }

    /** @throws IOException if the archive cannot be read; what cannot be written is a {@link WriteException} */
    private static void write(Path archive, InputStream in, Path file, Room room) throws IOException {
        makeFolder(archive, file.getParent());
        try (OutputStream out = create(archive, file)) {
            byte[] buffer = new byte[1 << 16];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                room.take(count);
                try {
                    out.write(buffer, 0, count);
                } catch (IOException e) {
                    throw new WriteException(file, e);
                }
            }
        }
    }

    private static OutputStream create(Path archive, Path file) {
        try {
            return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw new DataException(archive, "each name once", "'" + e.getFile() + "' twice", REMEDY, e);
        } catch (IOException e) {
            throw new WriteException(file, e);
        }
    }

    /** Puts what was unpacked into the folder; folders that are there already are filled up, files are replaced. */
    private static void move(Path archive, Path beside, Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(beside)) {
            all = walk.filter(path -> !path.equals(beside)).sorted().toList();
        }
        for (Path path : all) {
            Path target = folder.resolve(beside.relativize(path).toString());
            if (!Files.exists(path)) {
                continue; // moved with its folder
            }
            if (Files.isDirectory(path) && Files.isDirectory(target)) {
                continue;
            }
            if (Files.isDirectory(path) != Files.isDirectory(target) && Files.exists(target)) {
                throw new DataException(target, "to be replaced from " + archive, "a file in place of a folder, or a folder of a file",
                        "remove it");
            }
            Files.move(path, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
