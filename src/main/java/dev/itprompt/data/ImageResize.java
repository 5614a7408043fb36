package dev.itprompt.data;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Resizing with an antialiased filter, bit for bit as Pillow does it for 8-bit images: separable, horizontal pass first with
 * rounding to 8 bits in between, the filter stretched by the scale when shrinking, weights in fixed point with 22 fractional
 * bits. CLIP was trained on images resized so.
 */
public final class ImageResize {

    private static final int PRECISION = 22;
    /** Added before the shift, so that it rounds. */
    private static final int HALF = 1 << (PRECISION - 1);

    private ImageResize() { }

    /** How pixels are weighted. */
    public enum Filter {
        /** Area average. */
        BOX(0.5, x -> x > -0.5 && x <= 0.5 ? 1 : 0),
        /** Triangle. */
        BILINEAR(1, x -> Math.max(0, 1 - Math.abs(x))),
        /** Cubic convolution with a = -0.5 (Keys 1981). */
        BICUBIC(2, ImageResize::cubic),
        /** Sinc windowed by its own main lobe, three lobes. */
        LANCZOS(3, x -> x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0);

        private final double support;
        private final DoubleUnaryOperator weight;

        Filter(double support, DoubleUnaryOperator weight) {
            this.support = support;
            this.weight = weight;
        }
    }

    private static double cubic(double position) {
        double a = -0.5;
        double x = Math.abs(position);
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
    }

    /** A copy of the given size; the image itself if it has that size already. */
    public static RgbImage resize(RgbImage image, int width, int height, Filter filter) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        return new RgbImage(width, height, resize(image.rgb(), 3, image.width(), image.height(), width, height, filter));
    }

    /** As the other, resizing colours multiplied by alpha so that transparent pixels lend no colour to their neighbours. */
    public static RgbaImage resize(RgbaImage image, int width, int height, Filter filter) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        if (!image.hasAlpha()) {
            RgbImage opaque = resize(new RgbImage(image.width(), image.height(), image.rgb()), width, height, filter);
            return new RgbaImage(width, height, opaque.rgb(), null);
        }
        byte[] multiplied = new byte[image.rgb().length];
        for (int i = 0; i < multiplied.length; i++) {
            multiplied[i] = (byte) RgbaImage.multiply(Byte.toUnsignedInt(image.rgb()[i]),
                    Byte.toUnsignedInt(image.alpha()[i / 3]));
        }
        byte[] rgb = resize(multiplied, 3, image.width(), image.height(), width, height, filter);
        byte[] alpha = resize(image.alpha(), 1, image.width(), image.height(), width, height, filter);
        for (int i = 0; i < rgb.length; i++) {
            int opacity = Byte.toUnsignedInt(alpha[i / 3]);
            if (opacity != 0) {
                rgb[i] = (byte) Math.min(255, 255 * Byte.toUnsignedInt(rgb[i]) / opacity);
            }
        }
        return new RgbaImage(width, height, rgb, alpha);
    }

    /** Both passes over interleaved channels; a pass that would not change the size is left out. */
    private static byte[] resize(byte[] source, int channels, int width, int height, int newWidth, int newHeight,
            Filter filter) {
        byte[] wide = source;
        if (newWidth != width) {
            Weights weights = Weights.of(width, newWidth, filter);
            wide = new byte[channels * newWidth * height];
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < newWidth; x++) {
                    int from = (y * width + weights.first[x]) * channels;
                    int to = (y * newWidth + x) * channels;
                    if (channels == 3) {
                        weighPixel(source, from, weights.fixed[x], wide, to);
                    } else {
                        wide[to] = weigh(source, from, weights.fixed[x]);
                    }
                }
            }
        }
        if (newHeight == height) {
            return wide;
        }
        Weights weights = Weights.of(height, newHeight, filter);
        int rowLength = newWidth * channels;
        byte[] result = new byte[rowLength * newHeight];
        int[] sums = new int[rowLength];
        for (int y = 0; y < newHeight; y++) {
            weighRows(wide, weights.first[y] * rowLength, weights.fixed[y], sums);
            for (int i = 0; i < rowLength; i++) {
                result[y * rowLength + i] = round(sums[i]);
            }
        }
        return result;
    }

    private static byte weigh(byte[] source, int from, int[] weights) {
        int sum = HALF;
        for (int k = 0; k < weights.length; k++) {
            sum += Byte.toUnsignedInt(source[from + k]) * weights[k];
        }
        return round(sum);
    }

    private static void weighPixel(byte[] source, int from, int[] weights, byte[] target, int to) {
        int red = HALF;
        int green = HALF;
        int blue = HALF;
        int at = from;
        for (int weight : weights) {
            red += Byte.toUnsignedInt(source[at]) * weight;
            green += Byte.toUnsignedInt(source[at + 1]) * weight;
            blue += Byte.toUnsignedInt(source[at + 2]) * weight;
            at += 3;
        }
        target[to] = round(red);
        target[to + 1] = round(green);
        target[to + 2] = round(blue);
    }

    /** Rows follow each other; each adds its weight times its values to the sums. */
    private static void weighRows(byte[] source, int from, int[] weights, int[] sums) {
        Arrays.fill(sums, HALF);
        int row = from;
        for (int weight : weights) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += (source[row + i] & 0xff) * weight;
            }
            row += sums.length;
        }
    }

    private static byte round(int sum) {
        return (byte) Math.clamp(sum >> PRECISION, 0, 255);
    }

    /**
     * For each output position the first input position and the fixed-point weights from there on.
     *
     * @param first per output
     * @param fixed per output, as many as the window is wide
     */
    private record Weights(int[] first, int[][] fixed) {

        static Weights of(int size, int newSize, Filter filter) {
            double scale = (double) size / newSize;
            double stretch = Math.max(1, scale);
            double support = filter.support * stretch;
            int[] first = new int[newSize];
            int[][] fixed = new int[newSize][];
            for (int i = 0; i < newSize; i++) {
                double center = (i + 0.5) * scale;
                int from = Math.max(0, (int) (center - support + 0.5));
                int to = Math.min(size, (int) (center + support + 0.5));
                double[] weights = new double[to - from];
                double sum = 0;
                for (int k = 0; k < weights.length; k++) {
                    weights[k] = filter.weight.applyAsDouble((k + from - center + 0.5) * (1 / stretch));
                    sum += weights[k];
                }
                first[i] = from;
                fixed[i] = new int[weights.length];
                for (int k = 0; k < weights.length; k++) {
                    double exact = (sum == 0 ? weights[k] : weights[k] / sum) * (1 << PRECISION);
                    fixed[i][k] = (int) (exact < 0 ? exact - 0.5 : exact + 0.5);
                }
            }
            return new Weights(first, fixed);
        }
    }
}
