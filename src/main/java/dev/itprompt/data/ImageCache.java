package dev.itprompt.data;

import dev.itprompt.CacheFolder;
import dev.itprompt.Fingerprint;
import dev.itprompt.WriteException;
import java.io.IOException;
import java.nio.file.Path;

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

    private final CacheFolder folder;

    /**
     * @param folder made when it is needed
     * @param bytes  most that the packs in the folder take; 0 keeps nothing
     */
    public ImageCache(Path folder, long bytes) {
        this.folder = new CacheFolder(folder, ENDING, bytes);
    }

    /** Whether nothing is kept. */
    boolean isOff() {
        return folder.isOff();
    }

    /** The packs in a folder. */
    public static CacheFolder packs(Path folder) {
        return new CacheFolder(folder, ENDING, 0);
    }

    /** Whether a pack is as it was written; reads all of it. */
    public static boolean isWhole(Path pack) {
        return ImagePack.isWhole(pack);
    }

    /** The pack of some images from an earlier time, or null. */
    synchronized ImagePack find(StoredImages images, ImageLoading loading) {
        if (folder.isOff()) {
            return null;
        }
        Path file = file(images, loading);
        ImagePack pack = ImagePack.open(file, images.size());
        if (pack != null) {
            folder.use(file);
        }
        return pack;
    }

    /**
     * Decodes images and keeps as many as there is room for.
     *
     * @throws DataException for the first image that cannot be decoded
     */
    synchronized ImagePack make(StoredImages images, ImageLoading loading) {
        if (!folder.isOff()) {
            try {
                folder.prepare();
                Path file = file(images, loading);
                folder.use(file);
                return ImagePack.write(file, images, loading, folder::makeRoom);
            } catch (WriteException | IOException e) {
                loading.warnings().warn("image.cache: " + folder.path() + " cannot be written (" + (e instanceof IOException io
                        ? WriteException.reason(io) : e.getMessage()) + "); images are decoded each time they are needed");
            }
        }
        return ImagePack.index(images, loading);
    }

    /** Named by all that the decoded images depend on. */
    private Path file(StoredImages images, ImageLoading loading) {
        Fingerprint key = new Fingerprint().add(ImagePack.MAGIC).add(loading.shorterSide()).add(images.size());
        for (StoredImage image : images.stored()) {
            key.add(image.file().toAbsolutePath().normalize().toString()).add(image.offset()).add(image.length())
                    .add(DataFiles.size(image.file(), ImageDecoder.IMAGE)).add(image.modified());
        }
        return folder.file(key.hex());
    }
}
