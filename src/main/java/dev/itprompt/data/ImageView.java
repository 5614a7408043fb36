package dev.itprompt.data;

import dev.itprompt.Fingerprint;
import dev.itprompt.RandomStreams;
import java.util.random.RandomGenerator;

/**
 * One augmented version of each of some images. Its random numbers follow from the image, the kind of augmentation and the number of the
 * view alone, so that its features can be found again in any pass, task and run.
 *
 * @param images that are augmented
 * @param number of the view, from 0 to {@value #MOST} - 1
 */
public record ImageView(Images images, int number) implements Images {

    /** Views that an image may have. */
    public static final int MOST = 30;

    /** Identities of images are below, so that those of views are others. */
    private static final int IDENTITIES = 1 << 26;

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public int identity(int index) {
        return Math.addExact(Math.multiplyExact(number + 1, IDENTITIES), images.identity(index));
    }

    @Override
    public ImageKey key(int index) {
        ImageKey key = images.key(index);
        return key == null ? null : ImageKey.of(new Fingerprint().add(key.high()).add(key.low()).add(images.augmentation()).add(number));
    }

    @Override
    public String source(int index) {
        return images.source(index);
    }

    /** Augmented by the view's own random numbers, whatever others are given. */
    @Override
    public void load(int index, float[] target, int offset, RandomGenerator random) {
        ImageKey key = key(index);
        long seed = key == null ? images.identity(index) : key.high() ^ key.low();
        images.load(index, target, offset, new RandomStreams(seed).stream("image.views", number));
    }
}
