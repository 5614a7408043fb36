package dev.itprompt.data.sets;

import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Pictures of the classes of a data set. */
public final class ContactSheet {

    private static final int SIDE = 64;

    private ContactSheet() { }

    /** The first image of each class in rows, labels from left to right, as a PNG file; black where a class has none. */
    public static byte[] png(LabeledImages images) {
        int[] first = IntStream.range(0, images.classNames().size()).map(_ -> -1).toArray();
        for (int i = images.size() - 1; i >= 0; i--) {
            first[images.label(i)] = i;
        }
        int columns = (int) Math.ceil(Math.sqrt(first.length));
        BufferedImage sheet = new BufferedImage(columns * SIDE, Math.ceilDiv(first.length, columns) * SIDE, BufferedImage.TYPE_INT_RGB);
        for (int c = 0; c < first.length; c++) {
            if (first[c] >= 0) {
                draw(sheet, square(images.image(first[c])), c % columns * SIDE, c / columns * SIDE);
            }
        }
        return encode(sheet);
    }

    /** Some images in a row, as a PNG file. */
    static byte[] row(LabeledImages images, List<Integer> indices) {
        BufferedImage row = new BufferedImage(Math.max(1, indices.size()) * SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < indices.size(); i++) {
            draw(row, square(images.image(indices.get(i))), i * SIDE, 0);
        }
        return encode(row);
    }

    private static RgbImage square(RgbImage image) {
        return Preprocess.pad(SIDE, Normalization.NONE).square(image);
    }

    private static void draw(BufferedImage target, RgbImage image, int left, int top) {
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                target.setRGB(left + x, top + y, image.get(x, y, 0) << 16 | image.get(x, y, 1) << 8 | image.get(x, y, 2));
            }
        }
    }

    private static byte[] encode(BufferedImage image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
