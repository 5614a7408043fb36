package dev.itprompt.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * Small colour images of one size whose pixels lie bare in files: red, green and blue planes of bytes one after the other, at a fixed
 * distance from image to image. They are read at their place when they are asked for.
 */
public final class PixelImages implements LabeledImages {

    /** In which order a plane's pixels lie. */
    public enum Order { ROWS, COLUMNS }

    /** Gives the bytes of images. */
    @FunctionalInterface
    public interface Bytes {
        /** Fills the target with the bytes from an offset on. */
        void read(long offset, byte[] target) throws IOException;
    }

    /**
     * A run of images.
     *
     * @param name   what messages call it
     * @param bytes  where they are
     * @param first  offset of the first pixel of the first image
     * @param stride from image to image
     * @param count  number of images
     */
    public record Run(Path name, Bytes bytes, long first, long stride, int count) {

        /** Of a file, which is opened for each image: no thread's interrupt closes it for others. */
        public static Run of(Path file, long first, long stride, int count) {
            return new Run(file, (offset, target) -> {
                try (FileChannel channel = FileChannel.open(file)) {
                    ByteBuffer buffer = ByteBuffer.wrap(target);
                    while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
                        // until all is there
                    }
                    if (buffer.hasRemaining()) {
                        throw new IOException("the file has become shorter");
                    }
                }
            }, first, stride, count);
        }

        /** Of memory. */
        public static Run of(Path name, byte[] values, long stride, int count) {
            return new Run(name, (offset, target) -> System.arraycopy(values, (int) offset, target, 0, target.length), 0, stride, count);
        }
    }

    private final int width;
    private final int height;
    private final Order order;
    private final List<Run> runs;
    private final int[] labels;
    private final List<String> classNames;

    /**
     * @param labels one for each image of all runs
     */
    public PixelImages(int width, int height, Order order, List<Run> runs, int[] labels, List<String> classNames) {
        this.width = width;
        this.height = height;
        this.order = order;
        this.runs = List.copyOf(runs);
        this.labels = labels.clone();
        this.classNames = List.copyOf(classNames);
        if (runs.stream().mapToInt(Run::count).sum() != labels.length) {
            throw new IllegalArgumentException("as many labels as images are needed");
        }
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
        int rest = index;
        for (Run run : runs) {
            if (rest < run.count()) {
                return image(run, rest);
            }
            rest -= run.count();
        }
        throw new IndexOutOfBoundsException(index);
    }

    private RgbImage image(Run run, int index) {
        int plane = width * height;
        byte[] planes = new byte[3 * plane];
        try {
            run.bytes().read(run.first() + index * run.stride(), planes);
        } catch (IOException e) {
            throw DataFiles.unreadable(run.name(), "a readable file", e);
        }
        byte[] rgb = new byte[3 * plane];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int from = order == Order.ROWS ? y * width + x : x * height + y;
                for (int c = 0; c < 3; c++) {
                    rgb[3 * (y * width + x) + c] = planes[c * plane + from];
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }
}
