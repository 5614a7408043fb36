package dev.itprompt.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Where the encoded bytes of an image are.
 *
 * @param file   that holds them
 * @param offset of the first byte, from 0
 * @param length in bytes; {@value #WHOLE} for the whole file, and then the offset is 0
 * @param source what lists call the image, wherever its file lies
 * @param shown  where messages say that it is
 */
public record StoredImage(Path file, long offset, long length, String source, Path shown) {

    private static final long WHOLE = -1;

    /** A part of a file beside which the source is found. */
    public StoredImage(Path file, long offset, long length, String source) {
        this(file, offset, length, source, file.resolveSibling(source));
    }

    /** An image that is a file. */
    public static StoredImage of(Path file, String source) {
        return new StoredImage(file, 0, WHOLE, source, file);
    }

    /** Whether the image is a file of its own. */
    boolean isFile() {
        return length == WHOLE;
    }

    /**
     * The bytes, read anew.
     *
     * @throws DataException if they cannot be read
     */
    public byte[] bytes() {
        if (isFile()) {
            return DataFiles.bytes(file, ImageDecoder.IMAGE, MemoryBudget.HEAP);
        }
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(length));
        try (FileChannel channel = FileChannel.open(file)) {
            while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
                // until all is there
            }
        } catch (IOException e) {
            throw DataFiles.unreadable(file, "a readable file", e);
        }
        if (buffer.hasRemaining()) {
            throw new DataException(file, "at least " + (offset + length) + " bytes", offset + buffer.position() + " bytes",
                    "copy it again");
        }
        return buffer.array();
    }

    /**
     * The picture.
     *
     * @throws DataException if it cannot be read or is no image
     */
    RgbaImage decode(byte[] bytes) {
        return ImageDecoder.decode(bytes, shown);
    }

    /**
     * When the file was changed last, in nanoseconds since 1970 as far as the file system knows.
     *
     * @throws DataException if there is no such file
     */
    long modified() {
        try {
            return Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
        } catch (IOException e) {
            throw DataFiles.unreadable(file, "a readable file", e);
        }
    }
}
