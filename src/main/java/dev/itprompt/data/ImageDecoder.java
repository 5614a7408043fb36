package dev.itprompt.data;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes PNG, JPEG and what else the platform reads, to 8 bits a channel. Sample values are taken as they are stored:
 * colour profiles, gamma and EXIF rotation are ignored, gray becomes red, green and blue alike, and of 16-bit samples the
 * upper byte counts; except that 16-bit gray without transparency is cut off at 255.
 *
 * <p>The colours of PNG and JPEG files equal those of Pillow's {@code convert("RGB")} bit for bit. Exceptions are due to the
 * platform's decoders: JPEG colours stored at half height and full width (4:4:0) are repeated where Pillow interpolates
 * them, arithmetic coding is refused, and 16-bit gray with a transparent level cannot be told from gray with alpha.
 */
public final class ImageDecoder {

    /** The most pixels an image may have. */
    public static final long MAX_PIXELS = 100_000_000;

    private static final String REMEDY = "replace or remove the file";

    private ImageDecoder() { }

    /**
     * Reads and decodes a file.
     *
     * @throws DataException if it cannot be read, is no image of a known format, is damaged or has over 100 million pixels
     */
    public static RgbaImage read(Path file) {
        try {
            return decode(Files.readAllBytes(file), file);
        } catch (IOException e) {
            throw new DataException(file, "a readable image file", Files.exists(file) ? e.toString() : "no file",
                    "check the path", e);
        }
    }

    /**
     * Decodes the bytes of a file.
     *
     * @param name what messages call it
     * @throws DataException as {@link #read}
     */
    public static RgbaImage decode(byte[] bytes, Path name) {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new DataException(name, "an image (PNG, JPEG, GIF, BMP, TIFF)",
                        bytes.length == 0 ? "an empty file" : bytes.length + " bytes of something else", REMEDY);
            }
            ImageReader reader = readers.next();
            try {
                boolean[] truncated = new boolean[1];
                reader.addIIOReadWarningListener((_, warning) -> truncated[0] |= warning.contains("premature end")
                        || warning.contains("Missing EOI"));
                reader.setInput(in, true, true);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > MAX_PIXELS) {
                    throw new DataException(name, "at most " + MAX_PIXELS + " pixels", pixels + " pixels", "shrink the image");
                }
                RgbaImage image = reader.getFormatName().equalsIgnoreCase("jpeg") ? readJpeg(reader, JpegColors.of(bytes))
                        : convert(reader.read(0));
                if (truncated[0]) {
                    throw new DataException(name, "a complete image", "one that ends too early", REMEDY);
                }
                return image;
            } finally {
                reader.dispose();
            }
        } catch (DataException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new DataException(name, "an image that can be decoded", "damage or a format variant ("
                    + e.getMessage() + ")", REMEDY, e);
        }
    }

    private static RgbaImage readJpeg(ImageReader reader, JpegColors colors) throws IOException {
        Raster components = reader.readRaster(0, null);
        return new RgbaImage(components.getWidth(), components.getHeight(), colors.toRgb(components), null);
    }

    private static RgbaImage convert(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        Raster raster = image.getRaster();
        ColorModel colors = image.getColorModel();
        int bands = raster.getNumBands();
        if (bands > 4) {
            throw new IllegalArgumentException(bands + " channels");
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
        return new RgbaImage(width, height, rgb, isOpaque(alpha) ? null : alpha);
    }

    private static int toByte(int sample, int bits) {
        return bits >= 8 ? sample >> (bits - 8) : sample * 255 / ((1 << bits) - 1);
    }

    private static void set(byte[] rgb, int pixel, int red, int green, int blue) {
        rgb[3 * pixel] = (byte) red;
        rgb[3 * pixel + 1] = (byte) green;
        rgb[3 * pixel + 2] = (byte) blue;
    }

    private static boolean isOpaque(byte[] alpha) {
        if (alpha != null) {
            for (byte value : alpha) {
                if (value != -1) {
                    return false;
                }
            }
        }
        return true;
    }
}
