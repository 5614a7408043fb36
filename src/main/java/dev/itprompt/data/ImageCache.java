package dev.itprompt.data;

import dev.itprompt.AtomicFile;
import dev.itprompt.Fingerprint;
import dev.itprompt.WriteException;
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
 * Decoded images on disk, so that later epochs and runs need not decode them again: one {@link ImagePack} a set of images and a size
 * they are shrunk to. A pack is found again while every file has the size and the time of its last change that it had; otherwise it is
 * made anew. What is least recently used goes when there is not enough room. Safe for use by several threads; processes may share a
 * folder.
 */
public final class ImageCache {

    /** Keeps nothing. */
    public static final ImageCache NONE = new ImageCache(null, 0);

    private static final String ENDING = ".images";

    private final Path folder;
    private final long bytes;
    private final Set<Path> inUse = new HashSet<>();

    /**
     * @param folder made when it is needed
     * @param bytes  most that the packs in the folder take; 0 keeps nothing
     */
    public ImageCache(Path folder, long bytes) {
        this.folder = folder;
        this.bytes = bytes;
    }

    /** The pack of some images from an earlier time, or null. */
    synchronized ImagePack find(StoredImages images, ImageLoading loading) {
        if (bytes == 0) {
            return null;
        }
        Path file = file(images, loading);
        ImagePack pack = ImagePack.open(file, images.size());
        if (pack != null) {
            inUse.add(file);
            try {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            } catch (IOException _) {
                // a folder that may only be read serves as well; nothing is evicted there
            }
        }
        return pack;
    }

    /**
     * Decodes images and keeps as many as there is room for.
     *
     * @throws DataException for the first image that cannot be decoded
     */
    synchronized ImagePack make(StoredImages images, ImageLoading loading) {
        if (bytes > 0) {
            try {
                Files.createDirectories(folder);
                AtomicFile.deleteOldLeftovers(folder);
                Path file = file(images, loading);
                inUse.add(file);
                return ImagePack.write(file, images, loading, this::makeRoom);
            } catch (WriteException | IOException e) {
                loading.warnings().warn("image.cache: " + folder + " cannot be written (" + (e instanceof IOException io
                        ? WriteException.reason(io) : e.getMessage()) + "); images are decoded each time they are needed");
            }
        }
        return ImagePack.index(images, loading);
    }

    /**
     * Evicts packs that this process does not use until there is room.
     *
     * @param growing the pack that is written, under its final name
     * @param size    that it is to have
     * @return whether there is room
     */
    private boolean makeRoom(Path growing, long size) throws IOException {
        List<Path> packs;
        try (Stream<Path> files = Files.list(folder)) {
            packs = files.filter(file -> file.getFileName().toString().endsWith(ENDING) && !file.equals(growing))
                    .sorted(Comparator.comparing(file -> file.toFile().lastModified())).toList();
        }
        long taken = 0;
        for (Path pack : packs) {
            taken += pack.toFile().length();
        }
        for (Path pack : packs) {
            if (taken + size > bytes && !inUse.contains(pack)) {
                taken -= pack.toFile().length();
                Files.deleteIfExists(pack);
            }
        }
        return taken + size <= bytes;
    }

    /** Named by all that the decoded images depend on. */
    private Path file(StoredImages images, ImageLoading loading) {
        Fingerprint key = new Fingerprint().add(ImagePack.MAGIC).add(loading.shorterSide()).add(images.size());
        for (StoredImage image : images.stored()) {
            key.add(image.file().toAbsolutePath().normalize().toString()).add(image.offset()).add(image.length())
                    .add(DataFiles.size(image.file(), ImageDecoder.IMAGE)).add(image.modified());
        }
        return folder.resolve(key.hex() + ENDING);
    }
}
