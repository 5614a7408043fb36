package dev.itprompt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes files that appear under their name only when they are complete; whatever fails leaves an older file as it was. */
public final class AtomicFile {

    private AtomicFile() {}

    /** Writes a file's content. */
    @FunctionalInterface
    public interface Body {
        /** @throws IOException if it cannot be written */
        void write(FileChannel channel) throws IOException;
    }

    /**
     * Writes under a temporary name beside the file, then renames.
     *
     * @param path to create or replace; its folder must exist
     * @throws UncheckedIOException if it cannot be written; says which file and why
     */
    public static void write(Path path, Body body) {
        Path absolute = path.toAbsolutePath();
        Path temporary = absolute.resolveSibling(absolute.getFileName() + ".part");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                body.write(channel);
                channel.force(true);
            }
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            discard(temporary, e);
            throw new UncheckedIOException("cannot write " + path + ": " + e, e);
        } catch (RuntimeException e) {
            discard(temporary, e);
            throw e;
        }
    }

    /** As the other, with the whole content. */
    public static void write(Path path, byte[] content) {
        write(path, channel -> writeFully(channel, ByteBuffer.wrap(content)));
    }

    /** Writes all that remains in a buffer. */
    public static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static void discard(Path temporary, Exception reason) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }
}
