package dev.itprompt.data;

import dev.itprompt.Fingerprint;
import java.util.List;
import java.util.stream.IntStream;

/** Images with a class each; those of large sets are decoded when they are asked for. Safe for use by several threads. */
public interface LabeledImages {

    /** Number of images. */
    int size();

    /** The class of an image, an index into {@link #classNames()}. */
    int label(int index);

    /** The names of all classes; a class may have no image. */
    List<String> classNames();

    /**
     * An image.
     *
     * @throws DataException if it has to be decoded and cannot be
     */
    RgbImage image(int index);

    /**
     * Bytes that an image takes on disk once {@link #prepare} has decoded it; 0 if it is not kept there.
     *
     * @throws DataException as {@link #image}
     */
    default long cachedBytes(int index) {
        return 0;
    }

    /**
     * Sees that every image can be had, and makes having it as cheap as settings allow; may take as long as decoding all of them.
     *
     * @throws DataException for the first one that cannot be read
     */
    default void prepare() {}

    /** Adds what tells an image from others to a fingerprint: its pixels, or the bytes that they are decoded from. */
    default void identify(int index, Fingerprint fingerprint) {
        RgbImage image = image(index);
        fingerprint.add(image.width()).add(image.height()).add(image.rgb());
    }

    /** As the other, with all else that {@link #image} depends on. */
    default void identifyPixels(int index, Fingerprint fingerprint) {
        identify(index, fingerprint);
    }

    /** Where an image comes from, for messages and prediction lists. */
    default String source(int index) {
        return Integer.toString(index);
    }

    /** SHA-256 over all that can be seen here: names of classes, and each image with its label and where it comes from; prepares. */
    default String fingerprint() {
        prepare();
        Fingerprint fingerprint = new Fingerprint().add(classNames().size());
        classNames().forEach(fingerprint::add);
        fingerprint.add(size());
        for (int i = 0; i < size(); i++) {
            fingerprint.add(label(i)).add(source(i));
            identify(i, fingerprint);
        }
        return fingerprint.hex();
    }

    /** The images of a class, ascending. */
    default int[] indicesOf(int label) {
        return IntStream.range(0, size()).filter(i -> label(i) == label).toArray();
    }

    /** Some of the images, in the given order, with the same class names. */
    default LabeledImages select(int... indices) {
        LabeledImages all = this;
        int[] chosen = indices.clone();
        return new LabeledImages() {
            @Override
            public int size() {
                return chosen.length;
            }

            @Override
            public int label(int index) {
                return all.label(chosen[index]);
            }

            @Override
            public List<String> classNames() {
                return all.classNames();
            }

            @Override
            public RgbImage image(int index) {
                return all.image(chosen[index]);
            }

            @Override
            public String source(int index) {
                return all.source(chosen[index]);
            }

            @Override
            public long cachedBytes(int index) {
                return all.cachedBytes(chosen[index]);
            }

            @Override
            public void prepare() {
                all.prepare();
            }

            @Override
            public void identify(int index, Fingerprint fingerprint) {
                all.identify(chosen[index], fingerprint);
            }

            @Override
            public void identifyPixels(int index, Fingerprint fingerprint) {
                all.identifyPixels(chosen[index], fingerprint);
            }
        };
    }
}
