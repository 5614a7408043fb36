package dev.itprompt.data;

import java.awt.image.Raster;
import java.nio.ByteBuffer;

/**
 * From the components a JPEG file stores to red, green and blue, bit for bit as libjpeg and Pillow do it: which colours the
 * components are is told by the JFIF and Adobe markers, or else by the names of the components; inks are inverted, as
 * Adobe writes them, and laid over each other without a colour profile.
 */
enum JpegColors {

    GRAY, RGB, YCC, CMYK, YCCK;

    private static final int FRACTION = 16;
    private static final int HALF = 1 << (FRACTION - 1);
    private static final int RED_CR = fixed(1.402);
    private static final int GREEN_CB = fixed(0.34414);
    private static final int GREEN_CR = fixed(0.71414);
    private static final int BLUE_CB = fixed(1.772);

    private static int fixed(double factor) {
        return (int) (factor * (1 << FRACTION) + 0.5);
    }

    /**
     * Tells the colours.
     *
     * @param frame          the content of the frame header
     * @param jfif           whether the file has a JFIF marker
     * @param adobeTransform what its Adobe marker says; -1 without one
     * @throws ImageFormatException if no colours are known for the number of components
     */
    static JpegColors of(ByteBuffer frame, boolean jfif, int adobeTransform) throws ImageFormatException {
        int count = frame.get(5);
        return switch (count) {
            case 1 -> GRAY;
            case 3 -> {
                boolean namedRgb = frame.limit() >= 15 && frame.get(6) == 'R' && frame.get(9) == 'G' && frame.get(12) == 'B';
                yield !jfif && (adobeTransform == 0 || adobeTransform == -1 && namedRgb) ? RGB : YCC;
            }
            case 4 -> adobeTransform == 0 || adobeTransform == -1 ? CMYK : YCCK;
            default -> throw new ImageFormatException("1, 3 or 4 colour components", String.valueOf(count), ImageDecoder.REMEDY);
        };
    }

    /**
     * Converts a whole picture.
     *
     * @param raster the components as stored, 8 bits each
     * @return row-major, three bytes a pixel
     */
    byte[] toRgb(Raster raster) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        int bands = raster.getNumBands();
        byte[] rgb = new byte[3 * width * height];
        byte[] row = new byte[bands * width];
        int[] pixel = new int[4];
        for (int y = 0; y < height; y++) {
            raster.getDataElements(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            if (this == YCC) {
                fromYcc(row, rgb, 3 * y * width);
                continue;
            }
            for (int x = 0; x < width; x++) {
                for (int band = 0; band < bands; band++) {
                    pixel[band] = Byte.toUnsignedInt(row[bands * x + band]);
                }
                convert(pixel);
                for (int channel = 0; channel < 3; channel++) {
                    rgb[3 * (y * width + x) + channel] = (byte) pixel[channel];
                }
            }
        }
        return rgb;
    }

    /** A row of the colours that nearly all files have. */
    private static void fromYcc(byte[] row, byte[] rgb, int to) {
        for (int i = 0; i < row.length; i += 3) {
            int luma = Byte.toUnsignedInt(row[i]);
            int cb = Byte.toUnsignedInt(row[i + 1]) - 128;
            int cr = Byte.toUnsignedInt(row[i + 2]) - 128;
            rgb[to + i] = (byte) red(luma, cr);
            rgb[to + i + 1] = (byte) green(luma, cb, cr);
            rgb[to + i + 2] = (byte) blue(luma, cb);
        }
    }

    /** In place: up to four components become three colours. */
    void convert(int[] pixel) {
        switch (this) {
            case GRAY -> {
                pixel[1] = pixel[0];
                pixel[2] = pixel[0];
            }
            case RGB -> { }
            case YCC -> fromYcc(pixel);
            case CMYK -> fromInks(pixel);
            case YCCK -> {
                fromYcc(pixel);
                for (int ink = 0; ink < 3; ink++) {
                    pixel[ink] = 255 - pixel[ink];
                }
                fromInks(pixel);
            }
        }
    }

    private static void fromYcc(int[] pixel) {
        int luma = pixel[0];
        int cb = pixel[1] - 128;
        int cr = pixel[2] - 128;
        pixel[0] = red(luma, cr);
        pixel[1] = green(luma, cb, cr);
        pixel[2] = blue(luma, cb);
    }

    private static int red(int luma, int cr) {
        return clamp(luma + (RED_CR * cr + HALF >> FRACTION));
    }

    private static int green(int luma, int cb, int cr) {
        return clamp(luma + (HALF - GREEN_CB * cb - GREEN_CR * cr >> FRACTION));
    }

    private static int blue(int luma, int cb) {
        return clamp(luma + (BLUE_CB * cb + HALF >> FRACTION));
    }

    /** {@code Math.clamp} counts in longs. */
    private static int clamp(int value) {
        return Math.max(0, Math.min(255, value));
    }

    /** Each stored value says how much light the ink lets through: 255 is no ink. */
    private static void fromInks(int[] pixel) {
        int black = pixel[3];
        for (int ink = 0; ink < 3; ink++) {
            pixel[ink] = black - RgbaImage.multiply(255 - pixel[ink], black);
        }
    }
}
