package dev.itprompt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Writes files that appear under their name only when they are complete; whatever fails leaves an older file as it was. */
public final class AtomicFile {

    /** Temporary names: that of the file, the process and a number of its own. */
    private static final Pattern TEMPORARY = Pattern.compile(".+\\.\\d+-\\d+\\.part");
    private static final AtomicLong COUNTER = new AtomicLong();

    private AtomicFile() {}

    /** Writes a file's content. */
    @FunctionalInterface
    public interface Body {
        /** @throws IOException if it cannot be written */
        void write(FileChannel channel) throws IOException;
    }

    /**
     * Writes under a temporary name beside the file that no other writer has, then renames.
     *
     * @param path  to create or replace; its folder must exist
     * @param bytes how long the file will be
     * @throws WriteException if it cannot be written; says which file and why
     */
    public static void write(Path path, long bytes, Body body) {
        Path absolute = path.toAbsolutePath();
        Path temporary = null;
        try {
            temporary = create(absolute);
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                body.write(channel);
                channel.force(true);
            }
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            discard(temporary, e);
            throw new WriteException(path, bytes, e);
        } catch (RuntimeException e) {
            discard(temporary, e);
            throw e;
        }
    }

    /** As the other, with the whole content. */
    public static void write(Path path, byte[] content) {
        write(path, content.length, channel -> writeFully(channel, ByteBuffer.wrap(content)));
    }

    /** Writes all that remains in a buffer. */
    public static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /**
     * Deletes what writers that were killed left in a folder. Nobody may be writing there.
     *
     * @throws IOException if the folder cannot be read or a file not be deleted
     */
    public static void deleteLeftovers(Path folder) throws IOException {
        for (Path file : leftovers(folder)) {
            Files.deleteIfExists(file);
        }
    }

    /**
     * As the other, in a folder that others may write to: what is more than a day old.
     *
     * @throws IOException if the folder cannot be read or a file not be deleted
     */
    public static void deleteOldLeftovers(Path folder) throws IOException {
        Instant yesterday = Instant.now().minus(Duration.ofDays(1));
        for (Path file : leftovers(folder)) {
            if (Instant.ofEpochMilli(file.toFile().lastModified()).isBefore(yesterday)) {
                Files.deleteIfExists(file); // one that has been renamed meanwhile is not there, and seems old
            }
        }
    }

    private static List<Path> leftovers(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> TEMPORARY.matcher(file.getFileName().toString()).matches()).toList();
        }
    }

    /** A new file beside another, under a temporary name. */
    static Path create(Path file) throws IOException {
        while (true) {
            try {
                return Files.createFile(file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid() + "-"
                        + COUNTER.incrementAndGet() + ".part"));
            } catch (FileAlreadyExistsException _) {
                // left by another process of the same number: the next name
            }
        }
    }

    private static void discard(Path temporary, Exception reason) {
        try {
            if (temporary != null) {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }
}
