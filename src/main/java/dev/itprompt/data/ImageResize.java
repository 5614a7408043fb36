package dev.itprompt.data;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Resizing with an antialiased filter, bit for bit as Pillow does it for 8-bit images: separable, horizontal pass first with
 * rounding to 8 bits in between, the filter stretched by the scale when shrinking, weights in fixed point with 22 fractional
 * bits. CLIP was trained on images resized so.
 */
public final class ImageResize {

    private static final int PRECISION = 22;
    /** Added before the shift, so that it rounds. */
    private static final int HALF = 1 << (PRECISION - 1);
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    /** As many lanes as {@link #INTS} has, or where there are no vectors so short, none. */
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128.length() <= INTS.length() ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    private static final int BYTES_AT_ONCE = BYTES.length() == INTS.length() ? BYTES.length() : Integer.MAX_VALUE;
    /** Rows that are turned at a time. */
    private static final int TURNED = 64;

    private ImageResize() { }

    /** How pixels are weighted. */
    public enum Filter {
        /** Area average. */
        BOX(0.5),
        /** Triangle. */
        BILINEAR(1),
        /** Cubic convolution with a = -0.5 (Keys 1981). */
        BICUBIC(2),
        /** Sinc windowed by its own main lobe, three lobes. */
        LANCZOS(3);

        private final double support;

        Filter(double support) {
            this.support = support;
        }

        /** Weight of a pixel at a distance from the middle. */
        private double weight(double x) {
            return switch (this) {
                case BOX -> x > -0.5 && x <= 0.5 ? 1 : 0;
                case BILINEAR -> Math.max(0, 1 - Math.abs(x));
                case BICUBIC -> cubic(Math.abs(x));
                case LANCZOS -> x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
            };
        }

        private static double cubic(double x) {
            double a = -0.5;
            if (x < 1) {
                return ((a + 2) * x - (a + 3)) * x * x + 1;
            }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
        }

        private static double sinc(double x) {
            return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
        }
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
            weighColumns(source, channels, width, top, Weights.of(width, newWidth, part.left(), part.width(), filter), wide);
        }
        if (rows == null) {
            return wide;
        }
        byte[] result = new byte[rowLength * part.height()];
        for (int y = 0; y < part.height(); y++) {
            weigh(wide, (rows.first[y] - top) * rowLength, rows.fixed[y], rowLength, result, y * rowLength);
        }
        return result;
    }

    /**
     * The horizontal pass. Some rows at a time are turned, so that what one weight is for lies together.
     *
     * @param top  first row of the source
     * @param wide receives as many rows as it has room for
     */
    private static void weighColumns(byte[] source, int channels, int width, int top, Weights columns, byte[] wide) {
        int left = columns.first[0];
        int rowLength = columns.first.length * channels;
        int height = wide.length / rowLength;
        byte[] turned = new byte[(columns.end() - left) * channels * Math.min(height, TURNED)];
        for (int y = 0; y < height; y += TURNED) {
            int rows = Math.min(TURNED, height - y);
            for (int row = 0; row < rows; row++) {
                int from = ((top + y + row) * width + left) * channels;
                for (int i = 0; i < (columns.end() - left) * channels; i++) {
                    turned[i * rows + row] = source[from + i];
                }
            }
            byte[] column = new byte[channels * rows];
            for (int x = 0; x < columns.first.length; x++) {
                weigh(turned, (columns.first[x] - left) * column.length, columns.fixed[x], column.length, column, 0);
                for (int channel = 0; channel < channels; channel++) {
                    for (int row = 0; row < rows; row++) {
                        wide[(y + row) * rowLength + x * channels + channel] = column[channel * rows + row];
                    }
                }
            }
        }
    }

    /**
     * Adds up rows of bytes, each times its weight, rounded.
     *
     * @param source  the rows, one after another from {@code from} on
     * @param weights one a row
     * @param length  of a row and of the result
     */
    private static void weigh(byte[] source, int from, int[] weights, int length, byte[] target, int to) {
        int i = 0;
        for (; i <= length - BYTES_AT_ONCE; i += BYTES_AT_ONCE) {
            IntVector sum = IntVector.broadcast(INTS, HALF);
            for (int k = 0; k < weights.length; k++) {
                sum = sum.add(ByteVector.fromArray(BYTES, source, from + k * length + i)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0).reinterpretAsInts().mul(weights[k]));
            }
            ((ByteVector) sum.lanewise(VectorOperators.ASHR, PRECISION).max(0).min(255).convertShape(VectorOperators.I2B, BYTES, 0))
                    .intoArray(target, to + i);
        }
        for (; i < length; i++) {
            int sum = HALF;
            for (int k = 0; k < weights.length; k++) {
                sum += Byte.toUnsignedInt(source[from + k * length + i]) * weights[k];
            }
            target[to + i] = (byte) Math.max(0, Math.min(255, sum >> PRECISION)); // Math.clamp counts in longs
        }
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
                    weights[k] = filter.weight((k + from - center + 0.5) * (1 / stretch));
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
