package dev.itprompt.data;

import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

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
     * Reads a file's header.
     *
     * @throws IOException if it is damaged or has a number of components that no colours are known for
     */
    static JpegColors of(byte[] file) throws IOException {
        boolean jfif = false;
        int adobeTransform = -1;
        ByteBuffer in = ByteBuffer.wrap(file).position(2);
        while (in.remaining() >= 4) {
            if (in.get() != -1) {
                continue;
            }
            int marker = Byte.toUnsignedInt(in.get(in.position()));
            if (marker < 0xC0 || marker == 0xFF || (marker >= 0xD0 && marker <= 0xD8)) {
                continue;
            }
            in.get();
            int length = Short.toUnsignedInt(in.getShort(in.position()));
            if (length < 2 || length > in.remaining()) {
                break;
            }
            ByteBuffer segment = in.slice(in.position() + 2, length - 2);
            in.position(in.position() + length);
            if (marker == 0xE0 && length >= 16 && startsWith(segment, "JFIF\0")) {
                jfif = true;
            } else if (marker == 0xEE && length >= 14 && startsWith(segment, "Adobe")) {
                adobeTransform = segment.get(11);
            } else if (marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC && length >= 8) {
                return of(segment, jfif, adobeTransform);
            }
        }
        throw new IOException("no frame header");
    }

    private static boolean startsWith(ByteBuffer segment, String name) {
        return segment.slice(0, name.length()).equals(ByteBuffer.wrap(name.getBytes(StandardCharsets.US_ASCII)));
    }

    private static JpegColors of(ByteBuffer frame, boolean jfif, int adobeTransform) throws IOException {
        int count = frame.get(5);
        return switch (count) {
            case 1 -> GRAY;
            case 3 -> {
                boolean namedRgb = frame.limit() >= 15 && frame.get(6) == 'R' && frame.get(9) == 'G' && frame.get(12) == 'B';
                yield !jfif && (adobeTransform == 0 || adobeTransform == -1 && namedRgb) ? RGB : YCC;
            }
            case 4 -> adobeTransform == 0 || adobeTransform == -1 ? CMYK : YCCK;
            default -> throw new IOException(count + " colour components");
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
        int[] row = new int[bands * width];
        int[] pixel = new int[4];
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                System.arraycopy(row, bands * x, pixel, 0, bands);
                convert(pixel);
                for (int channel = 0; channel < 3; channel++) {
                    rgb[3 * (y * width + x) + channel] = (byte) pixel[channel];
                }
            }
        }
        return rgb;
    }

    /** In place: up to four components become three colours. */
    private void convert(int[] pixel) {
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
        pixel[0] = Math.clamp(luma + (RED_CR * cr + HALF >> FRACTION), 0, 255);
        pixel[1] = Math.clamp(luma + (HALF - GREEN_CB * cb - GREEN_CR * cr >> FRACTION), 0, 255);
        pixel[2] = Math.clamp(luma + (BLUE_CB * cb + HALF >> FRACTION), 0, 255);
    }

    /** Each stored value says how much light the ink lets through: 255 is no ink. */
    private static void fromInks(int[] pixel) {
        int black = pixel[3];
        for (int ink = 0; ink < 3; ink++) {
            pixel[ink] = black - RgbaImage.multiply(255 - pixel[ink], black);
        }
    }
}
