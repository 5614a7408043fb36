package dev.itprompt.pretrain;

import dev.itprompt.data.RgbaImage;
import java.util.random.RandomGenerator;

/**
 * Random views of a picture with a transparent background: placed by a random affine map on a random background, recoloured,
 * shaded, turned to gray, inverted, with noise. The aim is features of shape rather than of one artist's palette.
 */
public final class PictureAugment {

    private static final int CHANNELS = 3;
    private static final float[] LUMA = {0.299f, 0.587f, 0.114f};

    private final PretrainSettings.AugmentSettings settings;
    private final int size;

    /**
     * @param size side of the square result in pixels
     */
    public PictureAugment(PretrainSettings.AugmentSettings settings, int size) {
        this.settings = settings;
        this.size = size;
    }

    /**
     * Draws one view.
     *
     * @return [3, size, size], values in 0…255
     */
    public float[] view(RgbaImage picture, RandomGenerator random) {
        float[] colors = new float[CHANNELS * size * size];
        float[] alpha = new float[size * size];
        place(picture, random, colors, alpha);
        if (random.nextDouble() < settings.recolor()) {
            recolor(colors, alpha, random);
        }
        if (random.nextDouble() < settings.shade()) {
            shade(colors, random);
        }
        compose(colors, alpha, random);
        if (random.nextDouble() < settings.gray()) {
            toGray(colors);
        }
        if (random.nextDouble() < settings.invert()) {
            for (int i = 0; i < colors.length; i++) {
                colors[i] = 255 - colors[i];
            }
        }
        finish(colors, random);
        return colors;
    }

    /** Samples the picture through a random affine map; colours come out multiplied by alpha. */
    private void place(RgbaImage picture, RandomGenerator random, float[] colors, float[] alpha) {
        int width = picture.width();
        int height = picture.height();
        double scale = uniform(random, settings.minScale(), settings.maxScale());
        double stretch = Math.exp(uniform(random, -1, 1) * Math.log(settings.aspect()) / 2);
        double angle = Math.toRadians(uniform(random, -1, 1) * settings.rotation());
        double shear = uniform(random, -1, 1) * settings.shear();
        double mirror = random.nextDouble() < settings.flip() ? -1 : 1;
        double room = Math.max(0.08, (1 - scale) / 2);
        double shiftX = uniform(random, -room, room) * size;
        double shiftY = uniform(random, -room, room) * size;
        double pixels = Math.max(width, height) / (scale * size);
        double cos = Math.cos(angle) * pixels;
        double sin = Math.sin(angle) * pixels;
        double center = (size - 1) / 2.0;
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                double dx = x - center - shiftX;
                double dy = y - center - shiftY;
                double u = mirror * stretch * (cos * dx + sin * dy + shear * pixels * dy) + (width - 1) / 2.0;
                double v = (-sin * dx + cos * dy) / stretch + (height - 1) / 2.0;
                sample(picture, u, v, colors, alpha, y * size + x);
            }
        }
    }

    private void sample(RgbaImage picture, double u, double v, float[] colors, float[] alpha, int at) {
        int left = (int) Math.floor(u);
        int top = (int) Math.floor(v);
        for (int j = 0; j < 2; j++) {
            for (int i = 0; i < 2; i++) {
                int column = left + i;
                int row = top + j;
                if (column < 0 || row < 0 || column >= picture.width() || row >= picture.height()) {
                    continue;
                }
                double share = (i == 0 ? 1 - (u - left) : u - left) * (j == 0 ? 1 - (v - top) : v - top);
                int pixel = row * picture.width() + column;
                float weight = (float) (picture.hasAlpha() ? share * (picture.alpha()[pixel] & 0xff) / 255 : share);
                alpha[at] += weight;
                for (int c = 0; c < CHANNELS; c++) {
                    colors[c * size * size + at] += weight * (picture.rgb()[3 * pixel + c] & 0xff);
                }
            }
        }
    }

    /** Moves all colours by one random linear map from luminance to colour, keeping contrasts in the picture. */
    private void recolor(float[] colors, float[] alpha, RandomGenerator random) {
        int plane = size * size;
        float[] dark = color(random);
        float[] light = color(random);
        for (int p = 0; p < plane; p++) {
            float luma = (LUMA[0] * colors[p] + LUMA[1] * colors[plane + p] + LUMA[2] * colors[2 * plane + p]) / 255;
            for (int c = 0; c < CHANNELS; c++) {
                colors[c * plane + p] = dark[c] * (alpha[p] - luma) + light[c] * luma;
            }
        }
    }

    /** Multiplies by a random linear ramp between 0.4 and 1.3. */
    private void shade(float[] colors, RandomGenerator random) {
        double angle = uniform(random, 0, 2 * Math.PI);
        double dx = Math.cos(angle) / size;
        double dy = Math.sin(angle) / size;
        double from = uniform(random, 0.6, 1.1);
        double slope = uniform(random, 0, 0.6);
        int plane = size * size;
        for (int p = 0; p < plane; p++) {
            double factor = from + slope * ((p % size - size / 2.0) * dx + (p / size - size / 2.0) * dy);
            for (int c = 0; c < CHANNELS; c++) {
                colors[c * plane + p] *= (float) Math.max(0.3, factor);
            }
        }
    }

    private void compose(float[] colors, float[] alpha, RandomGenerator random) {
        double choice = random.nextDouble();
        float[] from;
        if (choice < settings.black()) {
            from = new float[CHANNELS];
        } else if (choice < settings.black() + settings.white()) {
            from = new float[] {255, 255, 255};
        } else {
            from = color(random);
        }
        boolean plain = choice < settings.black() + settings.white() || random.nextBoolean();
        float[] to = plain ? from : color(random);
        boolean upright = random.nextBoolean();
        int plane = size * size;
        for (int p = 0; p < plane; p++) {
            float position = (upright ? p / size : p % size) / (float) size;
            for (int c = 0; c < CHANNELS; c++) {
                float background = from[c] + position * (to[c] - from[c]);
                colors[c * plane + p] += (1 - alpha[p]) * background;
            }
        }
        keepVisible(colors, alpha, from);
    }

    /** Where picture and background are nearly the same (a black icon on black), the picture is inverted. */
    private void keepVisible(float[] colors, float[] alpha, float[] background) {
        int plane = size * size;
        double difference = 0;
        double covered = 1e-6;
        for (int p = 0; p < plane; p++) {
            covered += alpha[p];
            for (int c = 0; c < CHANNELS; c++) {
                difference += alpha[p] * Math.abs(colors[c * plane + p] - background[c]) / CHANNELS;
            }
        }
        if (difference / covered < 40) {
            for (int p = 0; p < plane; p++) {
                for (int c = 0; c < CHANNELS; c++) {
                    float ink = background[c] < 128 ? 255 : 0;
                    colors[c * plane + p] += alpha[p] * 0.8f * (ink - colors[c * plane + p]);
                }
            }
        }
    }

    private void toGray(float[] colors) {
        int plane = size * size;
        for (int p = 0; p < plane; p++) {
            float luma = LUMA[0] * colors[p] + LUMA[1] * colors[plane + p] + LUMA[2] * colors[2 * plane + p];
            colors[p] = luma;
            colors[plane + p] = luma;
            colors[2 * plane + p] = luma;
        }
    }

    private void finish(float[] colors, RandomGenerator random) {
        double deviation = uniform(random, 0, settings.noise());
        double contrast = uniform(random, 0.7, 1.1);
        for (int i = 0; i < colors.length; i++) {
            double value = colors[i] * contrast + deviation * random.nextGaussian();
            colors[i] = (float) Math.clamp(value, 0, 255);
        }
    }

    private static float[] color(RandomGenerator random) {
        return new float[] {random.nextFloat() * 255, random.nextFloat() * 255, random.nextFloat() * 255};
    }

    private static double uniform(RandomGenerator random, double from, double to) {
        return from + (to - from) * random.nextDouble();
    }
}
