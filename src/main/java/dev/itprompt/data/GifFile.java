package dev.itprompt.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first frame of a GIF file on the file's canvas, as Pillow lays it: what the frame does not cover is transparent if the
 * frame knows transparency, else it has the first colour of the palette; a frame that reaches over the canvas enlarges it.
 * Decoded here because the platform's reader takes a file that ends too early for a whole one. Source: CompuServe 1990,
 * Graphics Interchange Format 89a.
 *
 * @param data        at the compressed indices of the frame
 * @param canvas      what is seen
 * @param frame       what is stored of it
 * @param interlaced  whether rows come in four passes
 * @param palette     three bytes a colour; null for shades of gray
 * @param transparent index of the transparent colour; -1 without one
 */
record GifFile(ByteBuffer data, Region canvas, Region frame, boolean interlaced, byte[] palette, int transparent)
        implements EncodedImage {

    private static final int LARGEST_SIZE = 12;
    private static final int[][] PASSES = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

    /**
     * Reads everything before the indices of the first frame.
     *
     * @throws ImageFormatException if there is no frame, or something else than the format allows
     */
    static GifFile of(byte[] file) throws ImageFormatException {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).position(6);
        int width = Short.toUnsignedInt(in.getShort());
        int height = Short.toUnsignedInt(in.getShort());
        int flags = in.get();
        in.position(13);
        byte[] palette = palette(in, flags);
        int transparent = -1;
        for (int block = in.get(); block != ','; block = in.get()) {
            if (block != '!') {
                throw new ImageFormatException("a GIF file with a picture", block == ';' ? "none" : "damage", ImageDecoder.REMEDY);
            }
            boolean control = in.get() == (byte) 0xF9;
            for (int length = in.get() & 0xff; length > 0; length = in.get() & 0xff) {
                if (control && length >= 4) {
                    transparent = (in.get(in.position()) & 1) == 1 ? in.get(in.position() + 3) & 0xff : -1;
                }
                in.position(in.position() + length);
            }
        }
        int left = Short.toUnsignedInt(in.getShort());
        int top = Short.toUnsignedInt(in.getShort());
        Region frame = new Region(left, top, Short.toUnsignedInt(in.getShort()), Short.toUnsignedInt(in.getShort()));
        if (frame.width() < 1 || frame.height() < 1) {
            throw new ImageFormatException("a frame of at least one pixel", frame.width() + "x" + frame.height() + " pixels",
                    ImageDecoder.REMEDY);
        }
        int frameFlags = in.get();
        byte[] own = palette(in, frameFlags);
        Region canvas = new Region(0, 0, Math.max(width, left + frame.width()), Math.max(height, top + frame.height()));
        return new GifFile(in, canvas, frame, (frameFlags & 0x40) != 0, own == null ? palette : own, transparent);
    }

    /** Null if the flags say that there is none. */
    private static byte[] palette(ByteBuffer in, int flags) {
        if ((flags & 0x80) == 0) {
            return null;
        }
        byte[] palette = new byte[3 * (2 << (flags & 7))];
        in.get(palette);
        return palette;
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
        return 5 * pixels();
    }

    @Override
    public RgbaImage decode() throws IOException {
        byte[] rgb = new byte[3 * canvas.width() * canvas.height()];
        byte[] alpha = transparent < 0 ? null : new byte[canvas.width() * canvas.height()];
        for (int pixel = 0; pixel < canvas.width() * canvas.height(); pixel++) {
            color(Math.max(0, transparent), rgb, pixel);
        }
        byte[] indices = indices(data.duplicate());
        int row = 0;
        for (int[] pass : interlaced ? PASSES : new int[][] {{0, 1}}) {
            for (int y = pass[0]; y < frame.height(); y += pass[1]) {
                for (int x = 0; x < frame.width(); x++) {
                    int index = indices[row * frame.width() + x] & 0xff;
                    int pixel = (frame.top() + y) * canvas.width() + frame.left() + x;
                    color(index, rgb, pixel);
                    if (alpha != null && index != transparent) {
                        alpha[pixel] = -1;
                    }
                }
                row++;
            }
        }
        return RgbaImage.of(canvas.width(), canvas.height(), rgb, alpha);
    }

    /** An index beyond the palette is black. */
    private void color(int index, byte[] rgb, int pixel) {
        for (int channel = 0; channel < 3; channel++) {
            int at = 3 * index + channel;
            rgb[3 * pixel + channel] = palette == null ? (byte) index : at < palette.length ? palette[at] : 0;
        }
    }

    /** Undoes Lempel, Ziv and Welch's compression: each code stands for the string of an earlier one and a further index. */
    private byte[] indices(ByteBuffer in) throws IOException {
        int bits = in.get();
        if (bits < 1 || bits > 8) {
            throw new IOException("indices of " + bits + " bits");
        }
        int clear = 1 << bits;
        Strings strings = new Strings(clear);
        Codes codes = new Codes(in);
        byte[] out = new byte[frame.width() * frame.height()];
        int size = bits + 1;
        int done = 0;
        while (done < out.length) {
            int code = codes.next(size);
            if (code == clear) {
                strings.forget();
                size = bits + 1;
            } else if (code == clear + 1) {
                throw new EOFException();
            } else {
                done = strings.write(code, out, done);
                size = strings.next >= 1 << size && size < LARGEST_SIZE ? size + 1 : size;
            }
        }
        return out;
    }

    /** What codes stand for. */
    private static final class Strings {

        private final int[] prefix = new int[1 << LARGEST_SIZE];
        private final int[] length = new int[1 << LARGEST_SIZE];
        private final byte[] first = new byte[1 << LARGEST_SIZE];
        private final byte[] last = new byte[1 << LARGEST_SIZE];
        private final int reserved;
        private int next;
        private int previous = -1;

        Strings(int clear) {
            for (int i = 0; i < clear; i++) {
                first[i] = (byte) i;
                last[i] = (byte) i;
                length[i] = 1;
            }
            reserved = clear + 2;
            next = reserved;
        }

        void forget() {
            next = reserved;
            previous = -1;
        }

        /** @return where the output goes on; what is too much is left out */
        int write(int code, byte[] out, int at) throws IOException {
            boolean room = previous >= 0 && next < 1 << LARGEST_SIZE;
            if (code > next || code == next && !room) {
                throw new IOException("a code that stands for nothing");
            }
            if (room) {
                prefix[next] = previous;
                length[next] = length[previous] + 1;
                first[next] = first[previous];
                last[next] = code == next ? first[previous] : first[code];
                next++;
            }
            int from = code;
            for (int to = at + length[code] - 1; to >= at; to--) {
                if (to < out.length) {
                    out[to] = last[from];
                }
                from = prefix[from];
            }
            previous = code;
            return at + length[code];
        }
    }

    /** The codes in blocks of up to 255 bytes, lowest bit first. */
    private static final class Codes {

        private final ByteBuffer in;
        private int left;
        private int bits;
        private int count;

        Codes(ByteBuffer in) {
            this.in = in;
        }

        int next(int size) throws EOFException {
            while (count < size) {
                if (left == 0) {
                    left = in.get() & 0xff;
                    if (left == 0) {
                        throw new EOFException();
                    }
                }
                bits |= (in.get() & 0xff) << count;
                count += 8;
                left--;
            }
            int code = bits & (1 << size) - 1;
            bits >>>= size;
            count -= size;
            return code;
        }
    }
}
