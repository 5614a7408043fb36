package dev.itprompt.data;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import java.awt.image.Raster;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * The first picture of a TIFF file. Its directory is checked here; TwelveMonkeys decodes the samples, and gets a directory with
 * nothing else in it than what was checked. What samples mean is decided here as Pillow does it, which also turns a picture the
 * way its orientation tells. Refused are samples without a fixed range (floating-point, signed, 32 bits), CIE Lab, YCbCr that is
 * not JPEG, and what Pillow does not read.
 *
 * @param directory its entries
 * @param layout    what is in the picture
 * @param chunk     of the strips or tiles that the picture is stored in
 */
record TiffFile(TiffDirectory directory, Layout layout, Region chunk) implements EncodedImage {

    private static final int WIDTH = 256;
    private static final int HEIGHT = 257;
    private static final int BITS = 258;
    private static final int COMPRESSION = 259;
    private static final int PHOTOMETRIC = 262;
    private static final int FILL_ORDER = 266;
    private static final int STRIP_OFFSETS = 273;
    private static final int ORIENTATION = 274;
    private static final int SAMPLES = 277;
    private static final int ROWS_PER_STRIP = 278;
    private static final int STRIP_BYTES = 279;
    private static final int PLANAR = 284;
    private static final int FAX_3_OPTIONS = 292;
    private static final int FAX_4_OPTIONS = 293;
    private static final int PREDICTOR = 317;
    private static final int COLOR_MAP = 320;
    private static final int TILE_WIDTH = 322;
    private static final int TILE_HEIGHT = 323;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_BYTES = 325;
    private static final int INK_SET = 332;
    private static final int EXTRA_SAMPLES = 338;
    private static final int SAMPLE_FORMAT = 339;
    private static final int JPEG_TABLES = 347;
    private static final Set<Integer> KNOWN = Set.of(WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER, STRIP_OFFSETS, ORIENTATION,
            SAMPLES, ROWS_PER_STRIP, STRIP_BYTES, PLANAR, FAX_3_OPTIONS, FAX_4_OPTIONS, PREDICTOR, COLOR_MAP, TILE_WIDTH, TILE_HEIGHT,
            TILE_OFFSETS, TILE_BYTES, INK_SET, EXTRA_SAMPLES, SAMPLE_FORMAT, JPEG_TABLES);

    private static final int LZW = 5;
    private static final int JPEG = 7;
    private static final Set<Integer> DEFLATE = Set.of(8, 32946);
    /** Of pictures with one bit a pixel. */
    private static final Set<Integer> FAX = Set.of(2, 3, 4);
    /** None, PackBits. */
    private static final Set<Integer> SIMPLE = Set.of(1, 32773);

    private static final int LARGEST_TILE = 1 << 16;
    /** How many bytes a picture may have for each of its file, as far as the decoder believes it. */
    private static final int LARGEST_RATIO = 500;
    private static final String GOOD = "a TIFF file of 8-bit or 16-bit gray, RGB, CMYK or palette colours";
    private static final String REMEDY = "save it as 8-bit RGB or as PNG";

    /** What the samples of a pixel mean. */
    enum Colors { GRAY, INVERTED_GRAY, PALETTE, RGB, CMYK }

    /** Whether a further sample is transparency, and whether colours are multiplied by it. */
    enum Alpha { NONE, STRAIGHT, MULTIPLIED }

    /**
     * What a picture consists of.
     *
     * @param bits    of a sample
     * @param samples of a pixel
     */
    record Layout(int width, int height, int bits, int samples, Colors colors, Alpha alpha) {

        int rowBytes() {
            return width * samples * (bits == 16 ? 2 : 1);
        }
    }

    /**
     * Reads and checks a file's first directory.
     *
     * @throws ImageFormatException if the picture is of a kind that is not read
     * @throws IOException          if the directory is damaged or points outside the file
     */
    static TiffFile of(byte[] file) throws IOException {
        TiffDirectory directory = TiffDirectory.of(file, KNOWN);
        long width = directory.number(WIDTH, 0L);
        long height = directory.number(HEIGHT, 0L);
        if (width > ImageDecoder.MAX_PIXELS || height > ImageDecoder.MAX_PIXELS) {
            throw new ImageFormatException("at most " + ImageDecoder.MAX_PIXELS + " pixels", width + "x" + height,
                    "shrink the image");
        }
        Layout layout = layout(directory, (int) width, (int) height);
        Region chunk = directory.has(TILE_WIDTH)
                ? new Region(0, 0, side(directory.number(TILE_WIDTH, 0)), side(directory.number(TILE_HEIGHT, 0L)))
                : new Region(0, 0, Math.max(1, layout.width), side(Math.min(directory.number(ROWS_PER_STRIP, height), height)));
        TiffFile tiff = new TiffFile(directory, layout, chunk);
        tiff.requireChunks();
        return tiff;
    }

    private static int side(long pixels) throws IOException {
        if (pixels < 1 || pixels > ImageDecoder.MAX_PIXELS) {
            throw new IOException("strips or tiles of " + pixels + " rows or columns");
        }
        return (int) pixels;
    }

    private static Layout layout(TiffDirectory directory, int width, int height) throws ImageFormatException {
        List<Long> bits = directory.numbers(BITS);
        List<Long> formats = directory.numbers(SAMPLE_FORMAT);
        if (formats.stream().anyMatch(format -> format != 1)) {
            throw unusable(formats.contains(3L) ? "floating-point samples" : "signed or other samples");
        }
        if (bits.stream().distinct().count() > 1) {
            throw unusable("samples of " + bits + " bits");
        }
        int depth = (int) directory.number(BITS, 1L);
        int samples = (int) directory.number(SAMPLES, 1L);
        int compression = (int) directory.number(COMPRESSION, 1L);
        boolean planar = directory.number(PLANAR, 1L) == 2;
        long kind = directory.number(PHOTOMETRIC, -1L);
        List<Long> extra = directory.numbers(EXTRA_SAMPLES);
        Colors colors = switch ((int) kind) {
            case 0 -> Colors.INVERTED_GRAY;
            case 1 -> Colors.GRAY;
            case 2 -> Colors.RGB;
            case 3 -> Colors.PALETTE;
            case 5 -> Colors.CMYK;
            default -> kind == 6 && compression == JPEG ? Colors.RGB : null; // which the JPEG decoder makes of YCbCr
        };
        boolean small = depth == 1 || depth == 2 || depth == 4 || depth == 8;
        boolean wide = depth == 16 && !planar && compression != JPEG;
        boolean read = switch (colors) {
            case GRAY -> samples == 1 && (small || wide) || samples == 2 && depth == 8 && extra.equals(List.of(2L));
            case INVERTED_GRAY -> samples == 1 && small;
            case PALETTE -> samples == 1 && small && directory.count(COLOR_MAP) >= 3 << depth;
            case RGB -> (depth == 8 || wide) && (samples == 3 || kind == 2 && samples == 4 && extra.size() <= 1);
            case CMYK -> (depth == 8 || wide) && samples == 4 && compression != JPEG && directory.number(INK_SET, 1L) == 1;
            case null -> false;
        };
        if (!read) {
            String name = kind == 6 ? "YCbCr" : kind == 8 ? "CIE Lab" : "colours of kind " + kind;
            throw unusable(name + " of " + samples + " x " + depth + " bits" + (planar ? " in planes" : ""));
        }
        Alpha alpha = samples % 2 == 1 || colors == Colors.CMYK ? Alpha.NONE : alpha(extra);
        Layout layout = new Layout(width, height, depth, samples, colors, alpha);
        requireCompression(directory, compression, layout);
        return layout;
    }

    private static Alpha alpha(List<Long> extra) {
        return extra.equals(List.of(0L)) ? Alpha.NONE : extra.equals(List.of(1L)) ? Alpha.MULTIPLIED : Alpha.STRAIGHT;
    }

    private static void requireCompression(TiffDirectory directory, int compression, Layout layout) throws ImageFormatException {
        boolean packed = compression == LZW || DEFLATE.contains(compression);
        boolean known = SIMPLE.contains(compression) || packed
                || compression == JPEG && layout.bits == 8 && layout.colors != Colors.PALETTE
                || FAX.contains(compression) && layout.bits == 1 && layout.colors != Colors.PALETTE;
        long predictor = directory.number(PREDICTOR, 1L);
        boolean predicted = predictor == 2 && (compression == 1 || layout.bits >= 8 && packed);
        boolean reversed = directory.number(FILL_ORDER, 1L) != 1 && !FAX.contains(compression) && compression != 1;
        if (!known || predictor != 1 && !predicted || reversed) {
            throw new ImageFormatException("a TIFF file of no compression, LZW, Deflate, PackBits, JPEG or CCITT",
                    "compression of kind " + compression + (predictor == 1 ? "" : " with predictor " + predictor), "save it as PNG");
        }
    }

    private static ImageFormatException unusable(String found) {
        return new ImageFormatException(GOOD, found, REMEDY);
    }

    private boolean tiled() {
        return directory.has(TILE_WIDTH);
    }

    /** All strips or tiles must be inside the file. */
    private void requireChunks() throws IOException {
        if (tiled() && (chunk.width() > LARGEST_TILE || chunk.height() > LARGEST_TILE)) {
            throw new IOException("tiles of " + chunk.width() + "x" + chunk.height() + " pixels");
        }
        int offsets = tiled() ? TILE_OFFSETS : STRIP_OFFSETS;
        int bytes = tiled() ? TILE_BYTES : STRIP_BYTES;
        long planes = directory.number(PLANAR, 1L) == 2 ? layout.samples : 1;
        long count = planes * Math.ceilDiv(layout.width, chunk.width()) * Math.ceilDiv(layout.height, chunk.height());
        if (Math.min(directory.count(offsets), directory.count(bytes)) < count) {
            throw new IOException("places and sizes of " + Math.min(directory.count(offsets), directory.count(bytes))
                    + " strips or tiles instead of " + count);
        }
        for (int i = 0; i < count; i++) {
            if (directory.number(offsets, i) + directory.number(bytes, i) > directory.in().limit()) {
                throw new EOFException();
            }
        }
    }

    @Override
    public int width() {
        return turned() ? layout.height : layout.width;
    }

    @Override
    public int height() {
        return turned() ? layout.width : layout.height;
    }

    private boolean turned() {
        long orientation = directory.number(ORIENTATION, 1L);
        return orientation >= 5 && orientation <= 8;
    }

    @Override
    public long memory() {
        int pixel = layout.samples * (layout.bits == 16 ? 2 : 1);
        long chunkBytes = (long) pixel * chunk.width() * (directory.number(COMPRESSION, 1L) == JPEG ? 2L * chunk.height() : 4);
        boolean oriented = directory.number(ORIENTATION, 1L) != 1;
        return pixels() * (pixel + (oriented ? 8 : 4)) + chunkBytes + 3L * directory.in().limit();
    }

    @Override
    public RgbaImage decode() throws IOException {
        Raster raster = PlatformReader.raster(new TIFFImageReaderSpi().createReaderInstance(null),
                EncodedBytes.of(directory.bare()).saidToHave((long) layout.height * layout.rowBytes() / LARGEST_RATIO));
        if (raster.getWidth() != layout.width || raster.getHeight() != layout.height || raster.getNumBands() != layout.samples) {
            throw new IOException("a picture of other sizes than the directory says");
        }
        int samples = layout.samples;
        byte[] rgb = new byte[3 * layout.width * layout.height];
        byte[] alpha = layout.alpha == Alpha.NONE ? null : new byte[layout.width * layout.height];
        int[] row = new int[samples * layout.width];
        int[] pixel = new int[4];
        for (int y = 0; y < layout.height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, layout.width, 1, row);
            for (int x = 0; x < layout.width; x++) {
                System.arraycopy(row, samples * x, pixel, 0, samples);
                int opacity = alpha == null ? 255 : pixel[samples - 1] >> layout.bits - 8;
                toRgb(pixel, opacity);
                int at = y * layout.width + x;
                for (int channel = 0; channel < 3; channel++) {
                    rgb[3 * at + channel] = (byte) pixel[channel];
                }
                if (alpha != null) {
                    alpha[at] = (byte) opacity;
                }
            }
        }
        return RgbaImage.of(layout.width, layout.height, rgb, alpha).oriented((int) directory.number(ORIENTATION, 1L));
    }

    /** In place: the samples of a pixel become three colours of 8 bits. */
    private void toRgb(int[] pixel, int opacity) {
        switch (layout.colors) {
            case GRAY, INVERTED_GRAY -> {
                int gray = layout.bits == 16 ? Math.min(pixel[0], 255) : PlatformReader.toByte(pixel[0], layout.bits);
                gray = layout.colors == Colors.GRAY ? gray : 255 - gray;
                pixel[0] = gray;
                pixel[1] = gray;
                pixel[2] = gray;
            }
            case PALETTE -> {
                int index = pixel[0];
                for (int channel = 0; channel < 3; channel++) {
                    pixel[channel] = (int) directory.number(COLOR_MAP, (channel << layout.bits) + index) >> 8;
                }
            }
            case RGB -> {
                for (int channel = 0; channel < 3; channel++) {
                    int value = pixel[channel] >> layout.bits - 8;
                    pixel[channel] = layout.alpha != Alpha.MULTIPLIED || opacity == 255 ? value
                            : opacity == 0 ? 0 : Math.min(255, 255 * value / opacity);
                }
            }
            case CMYK -> {
                for (int ink = 0; ink < 4; ink++) {
                    pixel[ink] = 255 - (pixel[ink] >> layout.bits - 8);
                }
                JpegColors.CMYK.convert(pixel);
            }
        }
    }
}
