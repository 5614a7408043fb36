package dev.itprompt.data;

import dev.itprompt.Fingerprint;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Gray images and labels out of a pair of IDX files; gray becomes red, green and blue alike. Kept as one byte a pixel. */
public final class IdxImages implements LabeledImages {

    private final int width;
    private final int height;
    private final byte[] pixels;
    private final byte[] labels;
    private final List<String> classNames;

    private IdxImages(IdxFile images, IdxFile labels, List<String> classNames) {
        this.height = images.dims().get(1);
        this.width = images.dims().get(2);
        this.pixels = images.values();
        this.labels = labels.values();
        this.classNames = List.copyOf(classNames);
    }

    /**
     * Reads two files, plain or gzipped.
     *
     * @param images     count x height x width
     * @param labels     count
     * @param classNames the name of each label
     * @throws DataException if a file is bad, the counts differ or a label has no name
     */
    public static IdxImages read(Path images, Path labels, List<String> classNames) {
        IdxFile pictures = IdxFile.read(images, 3);
        IdxFile classes = IdxFile.read(labels, 1);
        if (!pictures.dims().getFirst().equals(classes.dims().getFirst())) {
            throw new DataException(labels, "as many labels as images in " + images + ", " + pictures.dims().getFirst(),
                    classes.dims().getFirst().toString(), "check that the files belong together");
        }
        for (int i = 0; i < classes.values().length; i++) {
            int label = Byte.toUnsignedInt(classes.values()[i]);
            if (label >= classNames.size()) {
                throw new DataException(labels, "labels from 0 to " + (classNames.size() - 1),
                        "label " + label + " of image " + i, "check that it is the right file");
            }
        }
        return new IdxImages(pictures, classes, classNames);
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int index) {
        return Byte.toUnsignedInt(labels[index]);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    /** Of the gray values, which are a third of the pixels. */
    @Override
    public void identifyPixels(int index, Fingerprint fingerprint) {
        int size = width * height;
        fingerprint.add("gray").add(width).add(height).add(ByteBuffer.wrap(pixels, index * size, size));
    }

    @Override
    public RgbImage image(int index) {
        int size = width * height;
        byte[] rgb = new byte[3 * size];
        for (int i = 0; i < size; i++) {
            byte value = pixels[index * size + i];
            rgb[3 * i] = value;
            rgb[3 * i + 1] = value;
            rgb[3 * i + 2] = value;
        }
        return new RgbImage(width, height, rgb);
    }
}
