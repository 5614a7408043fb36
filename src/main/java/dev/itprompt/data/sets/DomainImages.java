package dev.itprompt.data.sets;

import dev.itprompt.Fingerprint;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.RgbImage;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images of which a class of each domain has a label of its own, {@code domain * classes + class}. Images that belong to all domains go
 * round them, one after the other, so that all of them together are tested once.
 */
public final class DomainImages implements LabeledImages {

    private final LabeledImages images;
    private final int[] labels;
    private final List<String> classNames;

    private DomainImages(LabeledImages images, int[] labels, List<String> classNames) {
        this.images = images;
        this.labels = labels;
        this.classNames = classNames;
    }

    /**
     * Relabels images.
     *
     * @param domains of each image; -1 for one that belongs to all
     * @param names   of the domains
     */
    public static DomainImages of(LabeledImages images, int[] domains, List<String> names) {
        int classes = images.classNames().size();
        int[] next = new int[classes];
        int[] labels = IntStream.range(0, images.size()).map(i -> {
            int label = images.label(i);
            int domain = domains[i] >= 0 ? domains[i] : next[label]++ % names.size();
            return domain * classes + label;
        }).toArray();
        return new DomainImages(images, labels, Collections.nCopies(names.size(), images.classNames()).stream().flatMap(List::stream).toList());
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    /** The names once for each domain. */
    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public RgbImage image(int index) {
        return images.image(index);
    }

    @Override
    public String source(int index) {
        return images.source(index);
    }

    @Override
    public long cachedBytes(int index) {
        return images.cachedBytes(index);
    }

    @Override
    public void prepare() {
        images.prepare();
    }

    @Override
    public void identify(int index, Fingerprint fingerprint) {
        images.identify(index, fingerprint);
    }

    @Override
    public void identifyPixels(int index, Fingerprint fingerprint) {
        images.identifyPixels(index, fingerprint);
    }
}
