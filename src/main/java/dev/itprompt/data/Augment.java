package dev.itprompt.data;

import java.util.random.RandomGenerator;

/**
 * Random changes to training images. All chance comes from the generator handed in; give each image of each epoch a stream
 * of its own and the result does not depend on threads.
 */
public final class Augment {

    private static final int TRIES = 10;
    private static final double MIN_ASPECT = 3 / 4.0;
    private static final double MAX_ASPECT = 4 / 3.0;

    private Augment() { }

    /**
     * A random part of the image, resized to a square, with aspect 3/4 to 4/3; the middle of the image if no part of the wanted
     * area and shape is found in ten tries. Source: Szegedy et al. 2015, as torchvision's RandomResizedCrop.
     *
     * @param side    of the result in pixels
     * @param minArea least area of the part, as a share of the image's (0.08 is usual)
     * @param maxArea largest area, at most 1
     */
    public static RgbImage randomResizedCrop(RgbImage image, int side, double minArea, double maxArea,
            ImageResize.Filter filter, RandomGenerator random) {
        Region region = region(image.width(), image.height(), minArea, maxArea, random);
        RgbImage part = image.crop(region.left(), region.top(), region.width(), region.height());
        return ImageResize.resize(part, side, side, filter);
    }

    static Region region(int width, int height, double minArea, double maxArea, RandomGenerator random) {
        for (int i = 0; i < TRIES; i++) {
            double area = (double) width * height * uniform(random, minArea, maxArea);
            double aspect = Math.exp(uniform(random, Math.log(MIN_ASPECT), Math.log(MAX_ASPECT)));
            int w = (int) Math.rint(Math.sqrt(area * aspect));
            int h = (int) Math.rint(Math.sqrt(area / aspect));
            if (w >= 1 && w <= width && h >= 1 && h <= height) {
                return new Region(random.nextInt(width - w + 1), random.nextInt(height - h + 1), w, h);
            }
        }
        double aspect = Math.clamp((double) width / height, MIN_ASPECT, MAX_ASPECT);
        int w = Math.min(width, Math.max(1, (int) Math.rint(height * aspect)));
        int h = Math.min(height, Math.max(1, (int) Math.rint(width / aspect)));
        return new Region((width - w) / 2, (height - h) / 2, w, h);
    }

    private static double uniform(RandomGenerator random, double from, double to) {
        return from + (to - from) * random.nextDouble();
    }

    /**
     * Makes an image brighter or darker by a factor of {@code 1 - amount} to {@code 1 + amount}. Source: torchvision's ColorJitter.
     *
     * @param amount from 0, which changes nothing and takes no chance, to 1
     */
    public static RgbImage randomBrightness(RgbImage image, double amount, RandomGenerator random) {
        return amount == 0 ? image : brightness(image, (float) uniform(random, 1 - amount, 1 + amount));
    }

    /** Each value times a factor, cut to a whole number and at 255; as Pillow's ImageEnhance.Brightness. */
    public static RgbImage brightness(RgbImage image, float factor) {
        byte[] rgb = new byte[image.rgb().length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.min(255, (int) (factor * Byte.toUnsignedInt(image.rgb()[i])));
        }
        return new RgbImage(image.width(), image.height(), rgb);
    }

    /** Mirrors left to right in half of all cases. */
    public static RgbImage randomFlip(RgbImage image, RandomGenerator random) {
        return random.nextBoolean() ? image.flipped() : image;
    }
}
