package dev.itprompt.data;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.EOFException;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;

/** Decoding by Java's own image readers and by plug-ins for them. */
final class PlatformReader {

    private PlatformReader() { }

    /** What to ask a reader for. */
    @FunctionalInterface
    private interface Request<T> {
        T of(ImageReader reader) throws IOException;
    }

    /**
     * The first picture of a file, the sample values taken as they are stored.
     *
     * @param format the name of a format that Java reads
     * @throws IOException if it is damaged or ends too early
     */
    static RgbaImage image(String format, byte[] file) throws IOException {
        return image(ImageIO.getImageReadersByFormatName(format).next(), EncodedBytes.of(file));
    }

    /** The samples of the first picture of a file, without regard to what they mean; see {@link #image}. */
    static Raster raster(String format, byte[] file) throws IOException {
        return raster(ImageIO.getImageReadersByFormatName(format).next(), EncodedBytes.of(file));
    }

    /** As the other, by a reader that is used for this file only. */
    static Raster raster(ImageReader reader, EncodedBytes file) throws IOException {
        return read(reader, file, r -> r.readRaster(0, null));
    }

    /** As {@link #image(String, byte[])}, by a reader that is used for this file only. */
    static RgbaImage image(ImageReader reader, EncodedBytes file) throws IOException {
        return toRgba(read(reader, file, r -> r.read(0)));
    }

    private static <T> T read(ImageReader reader, EncodedBytes file, Request<T> request) throws IOException {
        boolean[] truncated = new boolean[1];
        try (EncodedBytes in = file) {
            reader.addIIOReadWarningListener((_, warning) -> truncated[0] |= warning.contains("premature end")
                    || warning.contains("Missing EOI"));
            reader.setInput(in, true, true);
            T result = request.of(reader);
            if (truncated[0]) {
                throw new EOFException();
            }
            return result;
        } catch (IOException e) {
            if (e.getCause() instanceof OutOfMemoryError error) {
                throw error;
            }
            throw e;
        } finally {
            reader.dispose();
        }
    }

    private static RgbaImage toRgba(BufferedImage image) throws IOException {
        int width = image.getWidth();
        int height = image.getHeight();
        Raster raster = image.getRaster();
        ColorModel colors = image.getColorModel();
        int bands = raster.getNumBands();
        if (bands > 4) {
            throw new IOException(bands + " channels");
        }
        byte[] rgb = new byte[3 * width * height];
        byte[] alpha = colors.hasAlpha() ? new byte[width * height] : null;
        int[] row = new int[bands * width];
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int pixel = y * width + x;
                int at = bands * x;
                if (colors instanceof IndexColorModel palette) {
                    set(rgb, pixel, palette.getRed(row[at]), palette.getGreen(row[at]), palette.getBlue(row[at]));
                } else if (bands < 3) {
                    int bits = colors.getComponentSize(0);
                    int gray = bits == 16 && bands == 1 ? Math.min(row[at], 255) : toByte(row[at], bits);
                    set(rgb, pixel, gray, gray, gray);
                } else {
                    set(rgb, pixel, toByte(row[at], colors.getComponentSize(0)),
                            toByte(row[at + 1], colors.getComponentSize(1)), toByte(row[at + 2], colors.getComponentSize(2)));
                }
                if (alpha != null) {
                    alpha[pixel] = (byte) (colors instanceof IndexColorModel palette ? palette.getAlpha(row[at])
                            : toByte(row[at + bands - 1], colors.getComponentSize(bands - 1)));
                }
            }
        }
        return RgbaImage.of(width, height, rgb, alpha);
    }

    /** A sample of some bits as one of eight: the upper ones, or spread over the range. */
    static int toByte(int sample, int bits) {
        return bits >= 8 ? sample >> (bits - 8) : sample * 255 / ((1 << bits) - 1);
    }

    private static void set(byte[] rgb, int pixel, int red, int green, int blue) {
        rgb[3 * pixel] = (byte) red;
        rgb[3 * pixel + 1] = (byte) green;
        rgb[3 * pixel + 2] = (byte) blue;
    }
}
