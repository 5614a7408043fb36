package dev.itprompt.data;

import dev.itprompt.Fingerprint;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Images that are kept as they are stored and decoded when they are asked for: what the heap holds of an image is where it is.
 * Transparent ones are laid over white. With a cache, decoded images are read from there once {@link #prepare} has put them into it.
 */
public final class StoredImages implements LabeledImages {

    private final List<StoredImage> images;
    private final int[] labels;
    private final List<String> classNames;
    private final ImageLoading loading;
    private volatile ImagePack pack;
    private boolean searched;

    /**
     * Nothing is read yet.
     *
     * @param labels     of the images
     * @param classNames of all classes
     * @param loading    how images are decoded and cached
     */
    public StoredImages(List<StoredImage> images, int[] labels, List<String> classNames, ImageLoading loading) {
        if (images.size() != labels.length) {
            throw new IllegalArgumentException(images.size() + " images, " + labels.length + " labels");
        }
        this.images = List.copyOf(images);
        this.labels = labels.clone();
        this.classNames = List.copyOf(classNames);
        this.loading = loading;
    }

    /** Where the images are, in their order. */
    List<StoredImage> stored() {
        return images;
    }

    /** The encoded bytes of all images, in their order; each is read when it is asked for. */
    public Stream<byte[]> encoded() {
        return images.stream().map(StoredImage::bytes);
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public RgbImage image(int index) {
        ImagePack cached = pack;
        RgbImage image = cached == null ? null : cached.image(index);
        return image == null ? decode(index, images.get(index).bytes()) : image;
    }

    /** The picture as it is handed out and cached. */
    RgbImage decode(int index, byte[] bytes) {
        return loading.shrink(images.get(index).decode(bytes)).over(255, 255, 255);
    }

    /** The file below the root, with forward slashes. */
    @Override
    public String source(int index) {
        return images.get(index).source();
    }

    @Override
    public long cachedBytes(int index) {
        return loading.cache().isOff() ? 0 : image(index).rgb().length;
    }

    /** Decodes every image once, by several threads, unless a cache knows them all. */
    @Override
    public void prepare() {
        if (known() == null) {
            make();
        }
    }

    /** SHA-256 of an image's encoded bytes. */
    String sha256(int index) {
        ImagePack known = known();
        return known == null ? DataFiles.sha256(images.get(index).bytes()) : known.sha256(index);
    }

    @Override
    public void identify(int index, Fingerprint fingerprint) {
        fingerprint.add(sha256(index));
    }

    @Override
    public void identifyPixels(int index, Fingerprint fingerprint) {
        identify(index, fingerprint.add(loading.shorterSide()));
    }

    private synchronized ImagePack known() {
        if (pack == null && !searched) {
            searched = true;
            pack = loading.cache().find(this, loading);
        }
        return pack;
    }

    private synchronized void make() {
        if (pack == null) {
            pack = loading.cache().make(this, loading);
        }
    }

    @Override
    public StoredImages select(int... indices) {
        return new StoredImages(IntStream.of(indices).mapToObj(images::get).toList(), IntStream.of(indices).map(this::label).toArray(),
                classNames, loading);
    }

    /** The same images with other names of the classes. */
    public StoredImages named(List<String> names) {
        return new StoredImages(images, labels, names, loading);
    }

    /** The same images with other labels and names of the classes. */
    public StoredImages relabeled(IntUnaryOperator label, List<String> names) {
        return new StoredImages(images, IntStream.of(labels).map(label).toArray(), names, loading);
    }

    /** The files, where each image is one; otherwise the files that hold the images. */
    public List<Path> files() {
        return images.stream().map(StoredImage::file).distinct().toList();
    }
}
