package dev.itprompt.data;

import dev.itprompt.AtomicFile;
import dev.itprompt.CacheFolder;
import dev.itprompt.Fingerprint;
import dev.itprompt.WriteException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Encoded images out of a file in which they cannot be read one at a time, unpacked once into an {@link EntryFile} in which they can: an entry is
 * offset, length and CRC-32 of an image. Files are found again while the one they come from has the size and the time of its last change
 * that it had. Processes may share a folder.
 */
public final class UnpackedImages {

    private static final int ENTRY = Long.BYTES + 2 * Integer.BYTES;
    private static final EntryFile FORMAT = new EntryFile("itp-enc1", ENTRY);

    private UnpackedImages() { }

    /** Takes one image after the other. */
    @FunctionalInterface
    public interface Taker {
        /**
         * The next image is some of these bytes.
         *
         * @throws WriteException if it cannot be written
         */
        void take(byte[] bytes, int from, int length);
    }

    /** What holds the images. */
    @FunctionalInterface
    public interface Source {
        /** Hands over all images in their order. */
        void each(Taker taker);
    }

    /** Where such files are. */
    public static CacheFolder folder(Path path) {
        return new CacheFolder(path, ".encoded", Long.MAX_VALUE);
    }

    /**
     * The images of a file, which are unpacked if they are not yet.
     *
     * @param folder for unpacked files; made when it is needed
     * @param origin file that holds the images
     * @param count  number of its images
     * @param source its images, asked for when they have to be unpacked
     * @throws DataException  if there is no such file
     * @throws WriteException if they cannot be written
     */
    public static List<StoredImage> of(Path folder, Path origin, int count, Source source) {
        CacheFolder unpacked = folder(folder);
        StoredImage whole = StoredImage.of(origin, "");
        Path file = unpacked.file(new Fingerprint().add(FORMAT.magic()).add(origin.toAbsolutePath().normalize().toString())
                .add(DataFiles.size(origin, "a file of images")).add(whole.modified()).add(count).hex());
        ByteBuffer entries = FORMAT.read(file);
        if (entries == null || entries.capacity() != count * ENTRY) {
            try {
                unpacked.prepare();
            } catch (IOException e) {
                throw new WriteException(folder, e);
            }
            entries = write(file, count, source);
        }
        unpacked.use(file);
        ByteBuffer found = entries;
        return IntStream.range(0, count).mapToObj(i -> new StoredImage(file, found.getLong(i * ENTRY), found.getInt(i * ENTRY + Long.BYTES),
                origin.getFileName() + "/" + i, origin.resolve(Integer.toString(i)))).toList();
    }

    private static ByteBuffer write(Path file, int count, Source source) {
        ByteBuffer entries = ByteBuffer.allocate(Math.multiplyExact(count, ENTRY));
        AtomicFile.write(file, entries.capacity(), channel -> {
            channel.position(FORMAT.end(count));
            source.each((bytes, from, length) -> {
                try {
                    entries.putLong(channel.position()).putInt(length).putInt(EntryFile.checksum(bytes, from, length));
                    AtomicFile.writeFully(channel, ByteBuffer.wrap(bytes, from, length));
                } catch (IOException e) {
                    throw new WriteException(file, e);
                }
            });
            if (entries.hasRemaining()) {
                throw new IllegalStateException(count + " images were promised, " + entries.position() / ENTRY + " came");
            }
            FORMAT.write(channel, entries);
        });
        return entries;
    }

    /** Whether every image in a file is what was written; reads all of it. */
    public static boolean isWhole(Path file) {
        ByteBuffer entries = FORMAT.read(file);
        if (entries == null) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            for (int at = 0; at < entries.capacity(); at += ENTRY) {
                byte[] bytes = EntryFile.read(channel, entries.getLong(at), entries.getInt(at + Long.BYTES)).array();
                if (EntryFile.checksum(bytes) != entries.getInt(at + Long.BYTES + Integer.BYTES)) {
                    return false;
                }
            }
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
