package dev.itprompt.data;

import dev.itprompt.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * Files of many things with an entry for each: a magic number, the number of entries, CRC-32 of all entries, the entries, and then what
 * they tell of. Parts are read at their place and not mapped: mapped pages would count as resident memory of the process.
 *
 * @param magic  of the kind of file, in ASCII
 * @param length of an entry in bytes
 */
record EntryFile(String magic, int length) {

    /** Where what the entries tell of begins. */
    long end(int count) {
        return header() + (long) count * length;
    }

    private int header() {
        return magic.length() + 2 * Integer.BYTES;
    }

    /** The entries of a file; null if there is no such file, or one whose entries are not whole. */
    ByteBuffer read(Path file) {
        if (!Files.exists(file)) {
            return null;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer header = read(channel, 0, header());
            byte[] found = new byte[magic.length()];
            header.get(found);
            if (!magic.equals(new String(found, StandardCharsets.US_ASCII))) {
                return null;
            }
            ByteBuffer entries = read(channel, header(), Math.multiplyExact(header.getInt(), length));
            return checksum(entries.array()) == header.getInt() ? entries : null;
        } catch (IOException | ArithmeticException _) {
            return null; // as good as none: it is made anew
        }
    }

    /** Writes what stands before the things themselves, which are in the file already. */
    void write(FileChannel channel, ByteBuffer entries) throws IOException {
        channel.position(0);
        AtomicFile.writeFully(channel, ByteBuffer.allocate(header()).put(magic.getBytes(StandardCharsets.US_ASCII))
                .putInt(entries.capacity() / length).putInt(checksum(entries.array())).flip());
        AtomicFile.writeFully(channel, entries.flip());
    }

    /** Bytes at a place, all of them. */
    static ByteBuffer read(FileChannel channel, long offset, int count) throws IOException {
        if (count < 0 || offset + count > channel.size()) {
            throw new IOException("the file ends too early");
        }
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
            // until all is there
        }
        return buffer.flip();
    }

    /** CRC-32 of all bytes. */
    static int checksum(byte[] bytes) {
        return checksum(bytes, 0, bytes.length);
    }

    /** CRC-32 of some bytes. */
    static int checksum(byte[] bytes, int from, int count) {
        CRC32 crc = new CRC32();
        crc.update(bytes, from, count);
        return (int) crc.getValue();
    }
}
