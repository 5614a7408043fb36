package dev.itprompt.continual;

import dev.itprompt.Fingerprint;
import dev.itprompt.data.ImageKey;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.RgbImage;
import dev.itprompt.data.TaskImages;
import dev.itprompt.data.Transforms;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** The images of one task out of a data set, preprocessed when they are asked for. */
public final class ScenarioImages implements TaskImages {

    private final LabeledImages images;
    private final int[] indices;
    private final int[] labels;
    private final int firstIdentity;
    private final Transforms transforms;
    /** How an image becomes the model's input, by a hash. */
    private final ImageKey preparation;

    private ScenarioImages(LabeledImages images, int[] indices, int[] labels, int firstIdentity, Transforms transforms) {
        this.images = images;
        this.indices = indices;
        this.labels = labels;
        this.firstIdentity = firstIdentity;
        this.transforms = transforms;
        this.preparation = ImageKey.of(new Fingerprint().add(transforms.test().toString()));
    }

    /**
     * The images of a task's classes, in the data set's order.
     *
     * @param firstIdentity added to an image's index to make its identity
     */
    public static ScenarioImages of(LabeledImages images, Scenario scenario, int task, int firstIdentity, Transforms transforms) {
        int[] learned = IntStream.range(0, scenario.classes()).map(scenario::learnedLabel).toArray();
        int first = scenario.firstLabel(task);
        int end = scenario.seen(task);
        int[] indices = IntStream.range(0, images.size())
                .filter(i -> learned[images.label(i)] >= first && learned[images.label(i)] < end).toArray();
        int[] labels = IntStream.of(indices).map(i -> learned[images.label(i)]).toArray();
        return new ScenarioImages(images, indices, labels, firstIdentity, transforms);
    }

    /** All images with their own labels and indices: a data set that is in no scenario. */
    public static ScenarioImages all(LabeledImages images, Transforms transforms) {
        int[] indices = IntStream.range(0, images.size()).toArray();
        return new ScenarioImages(images, indices, IntStream.of(indices).map(images::label).toArray(), 0, transforms);
    }

    /** The data set that these are of, whose indices are the identities of training images. */
    public ScenarioImages whole() {
        return all(images, transforms);
    }

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public int identity(int index) {
        return firstIdentity + indices[index];
    }

    /** Of the pixels, and of how they become the model's input. */
    @Override
    public ImageKey key(int index) {
        Fingerprint fingerprint = new Fingerprint().add(preparation.high()).add(preparation.low());
        images.identifyPixels(indices[index], fingerprint);
        return ImageKey.of(fingerprint);
    }

    @Override
    public int views() {
        return transforms.views();
    }

    @Override
    public String augmentation() {
        return transforms.augmentation();
    }

    /** The part of an image that the model sees, as it is after the transform without chance. */
    public RgbImage picture(int index) {
        return transforms.test().square(images.image(indices[index]));
    }

    /**
     * Bytes that all images take on disk once they are decoded, by some of them; 0 if they are not kept there.
     *
     * @param sample most images that are decoded to find out
     */
    public long cachedBytes(int sample) {
        int chosen = Math.min(sample, size());
        long bytes = IntStream.range(0, chosen).mapToLong(i -> images.cachedBytes(indices[(int) ((long) i * size() / chosen)])).sum();
        return chosen == 0 ? 0 : bytes * size() / chosen;
    }

    @Override
    public String source(int index) {
        return images.source(indices[index]);
    }

    @Override
    public void load(int index, float[] target, int offset, RandomGenerator random) {
        transforms.test().normalization().apply(transforms.square(images.image(indices[index]), random), target, offset);
    }

    /** As {@link #load} without chance, of a {@link #picture} that is there already. */
    public void normalize(RgbImage picture, float[] target, int offset) {
        transforms.test().normalization().apply(picture, target, offset);
    }
}
