package dev.itprompt.data;

import dev.itprompt.Fingerprint;
import java.util.Arrays;
import java.util.List;

/** Several sets of images one after the other, the classes of each after those of the ones before. */
public final class JoinedImages implements LabeledImages {

    private final List<LabeledImages> parts;
    private final int[] starts;
    private final int[] firstLabels;
    private final List<String> classNames;

    /**
     * @param parts      at least one
     * @param classNames of all of them, one after the other
     */
    public JoinedImages(List<? extends LabeledImages> parts, List<String> classNames) {
        this.parts = List.copyOf(parts);
        this.starts = new int[parts.size() + 1];
        this.firstLabels = new int[parts.size()];
        this.classNames = List.copyOf(classNames);
        int labels = 0;
        for (int i = 0; i < parts.size(); i++) {
            starts[i + 1] = Math.addExact(starts[i], parts.get(i).size());
            firstLabels[i] = labels;
            labels += parts.get(i).classNames().size();
        }
        if (labels != classNames.size()) {
            throw new IllegalArgumentException(labels + " classes, " + classNames.size() + " names");
        }
    }

    /** Which part an image is in. */
    private int part(int index) {
        int found = Arrays.binarySearch(starts, index);
        int part = found >= 0 ? found : -found - 2;
        while (part + 1 < parts.size() && starts[part + 1] == index) {
            part++; // parts without images
        }
        return part;
    }

    @Override
    public int size() {
        return starts[parts.size()];
    }

    @Override
    public int label(int index) {
        int part = part(index);
        return firstLabels[part] + parts.get(part).label(index - starts[part]);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public RgbImage image(int index) {
        int part = part(index);
        return parts.get(part).image(index - starts[part]);
    }

    /** The number of the part, from 1, and the source in it. */
    @Override
    public String source(int index) {
        int part = part(index);
        return part + 1 + ":" + parts.get(part).source(index - starts[part]);
    }

    @Override
    public long cachedBytes(int index) {
        int part = part(index);
        return parts.get(part).cachedBytes(index - starts[part]);
    }

    @Override
    public void prepare() {
        parts.forEach(LabeledImages::prepare);
    }

    @Override
    public void identify(int index, Fingerprint fingerprint) {
        int part = part(index);
        parts.get(part).identify(index - starts[part], fingerprint);
    }

    @Override
    public void identifyPixels(int index, Fingerprint fingerprint) {
        int part = part(index);
        parts.get(part).identifyPixels(index - starts[part], fingerprint);
    }
}
