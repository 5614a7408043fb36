package dev.itprompt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files in one folder that can be made again, of which the least recently used ones go when there is not enough room. Safe for use by
 * several threads; processes may share a folder.
 */
public final class CacheFolder {

    private final Path path;
    private final String ending;
    private final long bytes;
    private final Set<Path> inUse = new HashSet<>();

    /**
     * @param path   made when it is needed
     * @param ending of the files' names; others in the folder are left alone
     * @param bytes  most that the files take; 0 keeps nothing
     */
    public CacheFolder(Path path, String ending, long bytes) {
        this.path = path;
        this.ending = ending;
        this.bytes = bytes;
    }

    /** Where the files are. */
    public Path path() {
        return path;
    }

    /** Most that the files take. */
    public long bytes() {
        return bytes;
    }

    /** Whether nothing is kept. */
    public boolean isOff() {
        return bytes == 0;
    }

    /** The file of a name, which is given without its ending. */
    public Path file(String name) {
        return path.resolve(name + ending);
    }

    /**
     * All files, the least recently used first; none if there is no folder.
     *
     * @throws IOException if the folder cannot be read
     */
    public List<Path> files() throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(file -> file.getFileName().toString().endsWith(ending)).map(file -> new Used(file, file.toFile().lastModified()))
                    .sorted(Comparator.comparing(Used::millis).thenComparing(Used::file)).map(Used::file).toList();
        }
    }

    /** A file and when it was used, as it was when it was asked for: other processes may use it while files are sorted. */
    private record Used(Path file, long millis) {}

    /**
     * Makes the folder where there is none, and deletes what writers that were killed have left there.
     *
     * @throws IOException if that cannot be done
     */
    public void prepare() throws IOException {
        Files.createDirectories(path);
        AtomicFile.deleteOldLeftovers(path);
    }

    /** Says that a file is used by this process, which keeps it as long as the process lives, and is the most recently used one now. */
    public synchronized void use(Path file) {
        inUse.add(file);
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (IOException _) {
            // not there yet, or in a folder that may only be read, where nothing is evicted
        }
    }

    /**
     * Evicts files that this process does not use until there is room for another.
     *
     * @param growing the file that is written, under its final name
     * @param size    that it is to have, in bytes
     * @return whether there is room
     * @throws IOException if the folder cannot be read
     */
    public synchronized boolean makeRoom(Path growing, long size) throws IOException {
        return evict(bytes - size, files().stream().filter(file -> !file.equals(growing)).toList()) + size <= bytes;
    }

    /**
     * Deletes the least recently used files of those that this process does not use.
     *
     * @param most bytes that may stay
     * @return bytes that stay
     * @throws IOException if the folder cannot be read
     */
    public synchronized long evict(long most) throws IOException {
        return evict(most, files());
    }

    private long evict(long most, List<Path> files) {
        long taken = files.stream().mapToLong(file -> file.toFile().length()).sum();
        for (Path file : files) {
            if (taken > most && !inUse.contains(file)) {
                long size = file.toFile().length();
                try {
                    Files.deleteIfExists(file);
                    taken -= size;
                } catch (IOException _) {
                    // a system that keeps files which are open, or a folder that may only be read: it stays
                }
            }
        }
        return taken;
    }
}
