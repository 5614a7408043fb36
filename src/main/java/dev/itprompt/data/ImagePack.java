package dev.itprompt.data;

import dev.itprompt.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * The decoded pixels of a set of images in one {@link EntryFile}. An entry is SHA-256 of the encoded image, width, height, CRC-32 of the
 * pixels and their offset in the file, -1 where there was no room for them. Of an image the heap holds its entry only. Safe for use by
 * several threads.
 */
final class ImagePack {

    static final String MAGIC = "itp-img2";

    private static final int HASH = 32;
    private static final int ENTRY = HASH + 3 * Integer.BYTES + Long.BYTES;
    private static final EntryFile FORMAT = new EntryFile(MAGIC, ENTRY);
    /** Images that are decoded ahead, for each thread. */
    private static final int AHEAD = 3;
    /** How much more room is asked for at a time. */
    private static final long STEP = 1 << 24;

    private final Path file;
    private final ByteBuffer entries;

    private ImagePack(Path file, ByteBuffer entries) {
        this.file = file;
        this.entries = entries;
    }

    /** Says whether a file may grow to a size. */
    @FunctionalInterface
    interface Room {
        /** @throws IOException if that cannot be found out */
        boolean isThere(Path file, long size) throws IOException;
    }

    /** The pack in a file; null if there is none, or one that is not whole or of another number of images. */
    static ImagePack open(Path file, int count) {
        ImagePack pack = open(file);
        return pack == null || pack.size() != count ? null : pack;
    }

    private static ImagePack open(Path file) {
        ByteBuffer entries = FORMAT.read(file);
        return entries == null ? null : new ImagePack(file, entries);
    }

    /** Whether a file is a pack of which every image is what was written; reads all of it. */
    static boolean isWhole(Path file) {
        ImagePack pack = open(file);
        return pack != null && IntStream.range(0, pack.size()).allMatch(i -> pack.offset(i) < 0 || pack.image(i) != null);
    }

    /** Number of images. */
    private int size() {
        return entries.capacity() / ENTRY;
    }

    /** Of the pixels of an image; -1 without them. */
    private long offset(int index) {
        return entries.getLong(index * ENTRY + HASH + 3 * Integer.BYTES);
    }

    /** An image, decoded, with the hash of what it was decoded from. */
    private record Decoded(RgbImage image, String sha256) {}

    /** What becomes of decoded images in their order. */
    @FunctionalInterface
    private interface Taker {
        /** @throws IOException if it cannot be written */
        void take(int index, Decoded decoded) throws IOException;
    }

    /**
     * Decodes images, by several threads, and writes them as long as there is room.
     *
     * @throws DataException                for the first image that cannot be decoded
     * @throws dev.itprompt.WriteException if the file cannot be written
     */
    static ImagePack write(Path file, StoredImages images, ImageLoading loading, Room room) {
        ByteBuffer entries = ByteBuffer.allocate(images.size() * ENTRY);
        AtomicFile.write(file, entries.capacity(), channel -> {
            long[] end = {FORMAT.end(images.size())};
            long[] limit = {end[0]};
            decode(images, loading, (index, decoded) -> {
                byte[] rgb = decoded.image().rgb();
                while (end[0] + rgb.length > limit[0] && room.isThere(file, limit[0] + STEP)) {
                    limit[0] += STEP;
                }
                boolean kept = end[0] + rgb.length <= limit[0];
                put(entries, decoded, kept ? end[0] : -1);
                if (kept) {
                    channel.position(end[0]);
                    AtomicFile.writeFully(channel, ByteBuffer.wrap(rgb));
                    end[0] += rgb.length;
                }
            });
            FORMAT.write(channel, entries);
        });
        return new ImagePack(file, entries);
    }

    /**
     * Decodes images, by several threads, and keeps only their hashes.
     *
     * @throws DataException for the first image that cannot be decoded
     */
    static ImagePack index(StoredImages images, ImageLoading loading) {
        ByteBuffer entries = ByteBuffer.allocate(images.size() * ENTRY);
        try {
            decode(images, loading, (_, decoded) -> put(entries, decoded, -1));
        } catch (IOException e) {
            throw new IllegalStateException("nothing is written", e);
        }
        return new ImagePack(null, entries);
    }

    private static void put(ByteBuffer entries, Decoded decoded, long offset) {
        entries.put(HexFormat.of().parseHex(decoded.sha256())).putInt(decoded.image().width()).putInt(decoded.image().height())
                .putInt(EntryFile.checksum(decoded.image().rgb())).putLong(offset);
    }

    /** Hands images over in their order; only a few are decoded at a time. */
    private static void decode(StoredImages images, ImageLoading loading, Taker taker) throws IOException {
        try (ExecutorService pool = Executors.newFixedThreadPool(loading.threads())) {
            Deque<Future<Decoded>> ahead = new ArrayDeque<>();
            try {
                int next = 0;
                for (int i = 0; i < images.size(); i++) {
                    for (; next < images.size() && next < i + AHEAD * loading.threads(); next++) {
                        int index = next;
                        ahead.add(pool.submit(() -> {
                            byte[] bytes = images.stored().get(index).bytes();
                            return new Decoded(images.decode(index, bytes), DataFiles.sha256(bytes));
                        }));
                    }
                    taker.take(i, ImageLoading.await(ahead.remove()));
                }
            } finally {
                ahead.forEach(future -> future.cancel(false));
            }
        }
    }

    /** SHA-256 of an encoded image. */
    String sha256(int index) {
        byte[] hash = new byte[HASH];
        entries.get(index * ENTRY, hash);
        return HexFormat.of().formatHex(hash);
    }

    /** An image; null if there was no room for it, or the file has gone or been damaged since. */
    RgbImage image(int index) {
        int entry = index * ENTRY + HASH;
        int width = entries.getInt(entry);
        int height = entries.getInt(entry + Integer.BYTES);
        long offset = offset(index);
        if (offset < 0) {
            return null;
        }
        // Opened for each image: a channel that is kept would be closed for all by an interrupt of one thread.
        try (FileChannel channel = FileChannel.open(file)) {
            byte[] rgb = EntryFile.read(channel, offset, 3 * width * height).array();
            return EntryFile.checksum(rgb) == entries.getInt(entry + 2 * Integer.BYTES) ? new RgbImage(width, height, rgb) : null;
        } catch (IOException _) {
            return null;
        }
    }
}
