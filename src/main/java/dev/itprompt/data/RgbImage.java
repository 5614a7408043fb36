package dev.itprompt.data;

/**
 * A picture of 8-bit red, green and blue values.
 *
 * @param width  in pixels, at least 1
 * @param height in pixels, at least 1
 * @param rgb    row-major, three bytes a pixel, unsigned; not copied, treat as read-only
 */
public record RgbImage(int width, int height, byte[] rgb) {

    /** Checks that the bytes fit the size. */
    public RgbImage {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException("an image of " + width + "x" + height + " needs " + 3L * width * height
                    + " bytes, got " + rgb.length);
        }
    }

    /** One value from 0 to 255; channel 0 is red. */
    public int get(int x, int y, int channel) {
        return Byte.toUnsignedInt(rgb[3 * (y * width + x) + channel]);
    }

    /** The part that starts at {@code (left, top)}, which may reach outside: what lies there is black. */
    public RgbImage crop(int left, int top, int cropWidth, int cropHeight) {
        byte[] part = new byte[3 * cropWidth * cropHeight];
        int from = Math.max(left, 0);
        int count = Math.min(left + cropWidth, width) - from;
        for (int y = Math.max(top, 0); count > 0 && y < Math.min(top + cropHeight, height); y++) {
            System.arraycopy(rgb, 3 * (y * width + from), part, 3 * ((y - top) * cropWidth + from - left), 3 * count);
        }
        return new RgbImage(cropWidth, cropHeight, part);
    }

    /** Mirrored left to right. */
    public RgbImage flipped() {
        byte[] mirrored = new byte[rgb.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                System.arraycopy(rgb, 3 * (y * width + x), mirrored, 3 * (y * width + width - 1 - x), 3);
            }
        }
        return new RgbImage(width, height, mirrored);
    }
}
