package dev.itprompt.data;

/**
 * A decoded picture that may be transparent.
 *
 * @param width  in pixels, at least 1
 * @param height in pixels, at least 1
 * @param rgb    row-major, three bytes a pixel, unsigned, not multiplied by alpha; not copied, treat as read-only
 * @param alpha  row-major, one byte a pixel, 255 being opaque; null if every pixel is opaque
 */
public record RgbaImage(int width, int height, byte[] rgb, byte[] alpha) {

    /** Checks that the bytes fit the size. */
    public RgbaImage {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height
                || (alpha != null && alpha.length != (long) width * height)) {
            throw new IllegalArgumentException("an image of " + width + "x" + height + " does not have " + rgb.length
                    + " colour and " + (alpha == null ? 0 : alpha.length) + " alpha bytes");
        }
    }

    /** Whether any pixel may be transparent. */
    public boolean hasAlpha() {
        return alpha != null;
    }

    /** The product of two values that stand for 0 to 1 as 0 to 255, rounded to the nearest. */
    static int multiply(int a, int b) {
        int product = a * b + 128;
        return ((product >> 8) + product) >> 8;
    }

    /** The picture laid over a background colour; values from 0 to 255, rounded to the nearest. */
    public RgbImage over(int red, int green, int blue) {
        if (alpha == null) {
            return new RgbImage(width, height, rgb);
        }
        int[] background = {red, green, blue};
        byte[] mixed = new byte[rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            int opacity = Byte.toUnsignedInt(alpha[i / 3]);
            int weighted = Byte.toUnsignedInt(rgb[i]) * opacity + background[i % 3] * (255 - opacity);
            mixed[i] = (byte) ((2 * weighted + 255) / 510);
        }
        return new RgbImage(width, height, mixed);
    }
}
