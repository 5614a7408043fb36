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

    /** A picture whose alpha values, if there are any, may all be opaque. */
    static RgbaImage of(int width, int height, byte[] rgb, byte[] alpha) {
        if (alpha != null) {
            for (byte value : alpha) {
                if (value != -1) {
                    return new RgbaImage(width, height, rgb, alpha);
                }
            }
        }
        return new RgbaImage(width, height, rgb, null);
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

    /**
     * The picture as it is to be looked at.
     *
     * @param orientation 1 to 8 as in TIFF's and EXIF's tag of that name: 2 mirrored left to right, 3 turned by 180 degrees, 4
     *                    mirrored top to bottom, 5 mirrored along the main diagonal, 6 to be turned clockwise, 7 mirrored along
     *                    the other diagonal, 8 to be turned anticlockwise; the picture itself for 1 and all else
     */
    RgbaImage oriented(int orientation) {
        if (orientation < 2 || orientation > 8) {
            return this;
        }
        boolean turned = orientation >= 5;
        boolean right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        int newWidth = turned ? height : width;
        int newHeight = turned ? width : height;
        byte[] newRgb = new byte[rgb.length];
        byte[] newAlpha = alpha == null ? null : new byte[alpha.length];
        for (int to = 0; to < width * height; to++) {
            int along = turned ? to / newWidth : to % newWidth;
            int down = turned ? to % newWidth : to / newWidth;
            int from = (bottom ? height - 1 - down : down) * width + (right ? width - 1 - along : along);
            System.arraycopy(rgb, 3 * from, newRgb, 3 * to, 3);
            if (alpha != null) {
                newAlpha[to] = alpha[from];
            }
        }
        return new RgbaImage(newWidth, newHeight, newRgb, newAlpha);
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
