package dev.itprompt.data;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The first frame of a WebP file on the file's canvas, which is black and transparent where the frame does not reach. The
 * container is taken apart here; TwelveMonkeys decodes the picture in it, and gets a file with nothing else, so that no colour
 * profile changes the values.
 *
 * <p>Lossless pictures and transparency equal libwebp's. Of lossy ones the colours, which are stored at half size, are repeated
 * where libwebp interpolates them, and the last smoothing of some block edges is left out. Source of the layout: Google, WebP
 * Container Specification; RFC 9649.
 *
 * @param picture  the compressed colours
 * @param lossless of which kind they are
 * @param alpha    the compressed transparency of a lossy picture; null without one
 * @param canvas   what is seen
 * @param frame    what is stored of it
 */
record WebpFile(ByteBuffer picture, boolean lossless, ByteBuffer alpha, Region canvas, Region frame) implements EncodedImage {

    private static final String LOSSY = "VP8 ";
    private static final String LOSSLESS = "VP8L";
    private static final byte SIGNATURE = 0x2f;
    /** How many bytes a picture may have for each of its file, as far as the decoder believes it. */
    private static final int LARGEST_RATIO = 2000;
    /** Bytes for each column that the decoder of lossy pictures holds in blocks of 16 rows. */
    private static final long BLOCKS = 2000;
    /** The decoder reads a little ahead. */
    private static final int AHEAD = 16;

    /**
     * Reads a file down to the header of its first picture.
     *
     * @throws ImageFormatException if sizes contradict each other, or there is no picture
     * @throws EOFException         if the file is shorter than it says
     */
    static WebpFile of(byte[] file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        in = part(in, 8, Integer.toUnsignedLong(in.getInt(4))).position(4);
        Region canvas = null;
        Region place = null;
        ByteBuffer alpha = null;
        while (in.remaining() >= 8) {
            byte[] name = new byte[4];
            in.get(name);
            ByteBuffer content = part(in, in.position() + 4, Integer.toUnsignedLong(in.getInt(in.position())));
            in.position(Math.min(in.limit(), in.position() + 4 + content.limit() + (content.limit() & 1)));
            switch (new String(name, StandardCharsets.US_ASCII)) {
                case "VP8X" -> canvas = new Region(0, 0, 1 + three(content, 4), 1 + three(content, 7));
                case "ANMF" -> {
                    place = new Region(2 * three(content, 0), 2 * three(content, 3), 1 + three(content, 6), 1 + three(content, 9));
                    in = content.position(16);
                }
                case "ALPH" -> alpha = content;
                case LOSSY -> {
                    return lossy(content, alpha, canvas, place);
                }
                case LOSSLESS -> {
                    return lossless(content, canvas, place);
                }
                default -> { }
            }
        }
        throw new ImageFormatException("a WebP file with a picture", "none", ImageDecoder.REMEDY);
    }

    private static ByteBuffer part(ByteBuffer in, int from, long length) throws EOFException {
        if (length > in.limit() - from) {
            throw new EOFException();
        }
        return in.slice(from, (int) length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int three(ByteBuffer in, int at) {
        return (in.get(at) & 0xff) | (in.get(at + 1) & 0xff) << 8 | (in.get(at + 2) & 0xff) << 16;
    }

    private static WebpFile lossy(ByteBuffer picture, ByteBuffer alpha, Region canvas, Region place) throws ImageFormatException {
        boolean key = (picture.get(0) & 1) == 0 && three(picture, 3) == 0x2a019d;
        if (!key) {
            throw new ImageFormatException("a lossy picture", "damage", ImageDecoder.REMEDY);
        }
        return of(picture, false, alpha, canvas, place, picture.getShort(6) & 0x3fff, picture.getShort(8) & 0x3fff);
    }

    private static WebpFile lossless(ByteBuffer picture, Region canvas, Region place) throws ImageFormatException {
        if (picture.get(0) != SIGNATURE) {
            throw new ImageFormatException("a lossless picture", "damage", ImageDecoder.REMEDY);
        }
        int sizes = picture.getInt(1);
        return of(picture, true, null, canvas, place, 1 + (sizes & 0x3fff), 1 + (sizes >>> 14 & 0x3fff));
    }

    private static WebpFile of(ByteBuffer picture, boolean lossless, ByteBuffer alpha, Region canvas, Region place, int width,
                               int height) throws ImageFormatException {
        Region whole = new Region(0, 0, width, height);
        Region around = canvas == null ? whole : canvas;
        Region frame = place == null ? around : place;
        if (frame.width() != width || frame.height() != height || frame.left() + width > around.width()
                || frame.top() + height > around.height()) {
            throw new ImageFormatException("a picture of " + frame.width() + "x" + frame.height() + " pixels on a canvas of "
                    + around.width() + "x" + around.height(), "one of " + width + "x" + height, ImageDecoder.REMEDY);
        }
        return new WebpFile(picture, lossless, alpha, around, frame);
    }

    @Override
    public int width() {
        return canvas.width();
    }

    @Override
    public int height() {
        return canvas.height();
    }

    @Override
    public long memory() {
        long stored = (long) frame.width() * frame.height();
        long decoded = lossless ? 10 * stored : (alpha == null ? 8 : 14) * stored + BLOCKS * frame.width();
        return decoded + (canvas.equals(frame) ? 0 : 4 * pixels()) + 2L * picture.limit();
    }

    @Override
    public RgbaImage decode() throws IOException {
        RgbaImage image = read(lossless ? LOSSLESS : LOSSY, picture);
        byte[] opacity = alpha == null ? image.alpha() : transparency();
        if (canvas.equals(frame)) {
            return RgbaImage.of(frame.width(), frame.height(), image.rgb(), opacity);
        }
        byte[] rgb = new byte[3 * canvas.width() * canvas.height()];
        byte[] over = new byte[canvas.width() * canvas.height()];
        for (int y = 0; y < frame.height(); y++) {
            int to = (frame.top() + y) * canvas.width() + frame.left();
            System.arraycopy(image.rgb(), 3 * y * frame.width(), rgb, 3 * to, 3 * frame.width());
            for (int x = 0; x < frame.width(); x++) {
                over[to + x] = opacity == null ? -1 : opacity[y * frame.width() + x];
            }
        }
        return RgbaImage.of(canvas.width(), canvas.height(), rgb, over);
    }

    private RgbaImage read(String kind, ByteBuffer content) throws IOException {
        int length = content.limit();
        ByteBuffer file = ByteBuffer.allocate(20 + length + AHEAD).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(12 + length + (length & 1));
        file.put(("WEBP" + kind).getBytes(StandardCharsets.US_ASCII)).putInt(length).put(20, content, 0, length);
        long plausible = 4L * frame.width() * frame.height() / LARGEST_RATIO;
        RgbaImage image = PlatformReader.image(new WebPImageReaderSpi().createReaderInstance(null),
                EncodedBytes.of(file.array()).saidToHave(plausible).strict());
        if (image.width() != frame.width() || image.height() != frame.height()) {
            throw new IOException("other sizes inside");
        }
        return image;
    }

    /** One byte a pixel: stored as they are, or as the green of a lossless picture without its header. */
    private byte[] transparency() throws IOException {
        int flags = alpha.get(0);
        byte[] values = new byte[frame.width() * frame.height()];
        switch (flags & 3) {
            case 0 -> alpha.get(1, values);
            case 1 -> {
                ByteBuffer stream = ByteBuffer.allocate(alpha.limit() + 4).order(ByteOrder.LITTLE_ENDIAN).put(SIGNATURE)
                        .putInt(frame.width() - 1 | frame.height() - 1 << 14).put(5, alpha, 1, alpha.limit() - 1).rewind();
                byte[] rgb = read(LOSSLESS, stream).rgb();
                for (int i = 0; i < values.length; i++) {
                    values[i] = rgb[3 * i + 1];
                }
            }
            default -> throw new IOException("transparency of an unknown kind");
        }
        undoPrediction(values, frame.width(), flags >> 2 & 3);
        return values;
    }

    /** @param method 0 none, 1 each value adds to the one on its left, 2 above, 3 to left + above - above left, within bounds */
    private static void undoPrediction(byte[] values, int width, int method) {
        for (int i = 1; method != 0 && i < values.length; i++) {
            boolean leftmost = i % width == 0;
            int left = leftmost ? 0 : values[i - 1] & 0xff;
            int above = i < width ? 0 : values[i - width] & 0xff;
            int predicted;
            if (leftmost || i >= width && method == 2) {
                predicted = above;
            } else if (i < width || method == 1) {
                predicted = left;
            } else {
                predicted = Math.clamp(left + above - (values[i - width - 1] & 0xff), 0, 255);
            }
            values[i] += (byte) predicted;
        }
    }
}
