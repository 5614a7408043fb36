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
        return resize(image, width, height, new Region(0, 0, width, height), filter);
    }

    /** The part of {@link #resize(RgbImage, int, int, Filter)}'s result that is asked for; nothing else of it is computed. */
    static RgbImage resize(RgbImage image, int width, int height, Region part, Filter filter) {
        if (image.width() == width && image.height() == height) {
            return image.crop(part.left(), part.top(), part.width(), part.height());
        }
        byte[] rgb = resize(image.rgb(), 3, image.width(), image.height(), width, height, part, filter);
        return new RgbImage(part.width(), part.height(), rgb);
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
        Region whole = new Region(0, 0, width, height);
        byte[] rgb = resize(multiplied, 3, image.width(), image.height(), width, height, whole, filter);
        byte[] alpha = resize(image.alpha(), 1, image.width(), image.height(), width, height, whole, filter);
        for (int i = 0; i < rgb.length; i++) {
            int opacity = Byte.toUnsignedInt(alpha[i / 3]);
            if (opacity != 0) {
                rgb[i] = (byte) Math.min(255, 255 * Byte.toUnsignedInt(rgb[i]) / opacity);
            }
        }
        return new RgbaImage(width, height, rgb, alpha);
    }

    /** Both passes over interleaved channels, for a part of the result; a pass that would not change the size is left out. */
    private static byte[] resize(byte[] source, int channels, int width, int height, int newWidth, int newHeight, Region part,
            Filter filter) {
        Weights rows = newHeight == height ? null : Weights.of(height, newHeight, part.top(), part.height(), filter);
        int top = rows == null ? part.top() : rows.first[0];
        int bottom = rows == null ? part.top() + part.height() : rows.end();
        int rowLength = part.width() * channels;
        byte[] wide = new byte[rowLength * (bottom - top)];
        if (newWidth == width) {
            for (int y = top; y < bottom; y++) {
                System.arraycopy(source, (y * width + part.left()) * channels, wide, (y - top) * rowLength, rowLength);
            }
        } else {
            Weights columns = Weights.of(width, newWidth, part.left(), part.width(), filter);
            for (int y = top; y < bottom; y++) {
                for (int x = 0; x < part.width(); x++) {
                    int from = (y * width + columns.first[x]) * channels;
                    int to = (y - top) * rowLength + x * channels;
                    if (channels == 3) {
                        weighPixel(source, from, columns.fixed[x], wide, to);
                    } else {
                        wide[to] = weigh(source, from, columns.fixed[x]);
                    }
                }
            }
        }
        if (rows == null) {
            return wide;
        }
        byte[] result = new byte[rowLength * part.height()];
        int[] sums = new int[rowLength];
        for (int y = 0; y < part.height(); y++) {
            weighRows(wide, (rows.first[y] - top) * rowLength, rows.fixed[y], sums);
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

        /** The weights of some output positions. */
        static Weights of(int size, int newSize, int start, int count, Filter filter) {
            double scale = (double) size / newSize;
            double stretch = Math.max(1, scale);
            double support = filter.support * stretch;
            int[] first = new int[count];
            int[][] fixed = new int[count][];
            for (int i = 0; i < count; i++) {
                double center = (start + i + 0.5) * scale;
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

        /** Behind the last input position. */
        int end() {
            return first[first.length - 1] + fixed[fixed.length - 1].length;
        }
    }
}
