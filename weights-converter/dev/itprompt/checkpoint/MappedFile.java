package dev.itprompt.checkpoint;

import dev.itprompt.Reason;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file mapped into memory for reading; nothing of it is in memory until it is looked at. The mapping lives as long as any
 * segment of it is reachable, so tensors may be views of it.
 *
 * @param path    the file
 * @param content all its bytes
 */
record MappedFile(Path path, MemorySegment content) {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** @throws CheckpointException if there is no such file or it cannot be read */
    static MappedFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new CheckpointException(path, null, "a checkpoint file or a folder with one", Files.exists(path) ? "something else" : "no file",
                    "check the path");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new MappedFile(path, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()));
        } catch (IOException e) {
            throw new CheckpointException(path, null, "a readable file", Reason.of(e), "check its permissions", e);
        }
    }

    long size() {
        return content.byteSize();
    }

    int unsignedByte(long offset) {
        return Byte.toUnsignedInt(content.get(ValueLayout.JAVA_BYTE, offset));
    }

    int unsignedShort(long offset) {
        return Short.toUnsignedInt(content.get(SHORT, offset));
    }

    /** Four bytes as a number from 0 to 2^32-1. */
    long unsignedInt(long offset) {
        return Integer.toUnsignedLong(content.get(INT, offset));
    }

    /** Eight bytes; 2^63 and more come out negative. */
    long int64(long offset) {
        return content.get(LONG, offset);
    }

    byte[] bytes(long offset, int count) {
        return content.asSlice(offset, count).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Whether the file begins with these bytes, each 0 to 255. */
    boolean startsWith(int... bytes) {
        if (size() < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (unsignedByte(i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Bytes from the file's beginning to the segment's, which must be a slice of the content. */
    long offsetOf(MemorySegment slice) {
        return slice.address() - content.address();
    }
}
