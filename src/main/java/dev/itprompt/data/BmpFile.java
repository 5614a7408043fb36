package dev.itprompt.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A BMP file that is not compressed, decoded by the platform.
 *
 * @param file  the whole file
 * @param width in pixels
 */
record BmpFile(byte[] file, int width, int height) implements EncodedImage {

    private static final int OS2_HEADER = 12;
    private static final int BIT_FIELDS = 3;
    private static final int ALPHA_BIT_FIELDS = 6;

    /**
     * Reads a file's header.
     *
     * @throws ImageFormatException if the pixels are compressed
     * @throws EOFException         if the file does not hold as many pixels as it says
     */
    static BmpFile of(byte[] file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        boolean os2 = in.getInt(14) == OS2_HEADER;
        int width = os2 ? Short.toUnsignedInt(in.getShort(18)) : in.getInt(18);
        int height = os2 ? Short.toUnsignedInt(in.getShort(20)) : Math.abs(in.getInt(22));
        int bits = Short.toUnsignedInt(in.getShort(os2 ? 24 : 28));
        int compression = os2 ? 0 : in.getInt(30);
        if (compression != 0 && compression != BIT_FIELDS && compression != ALPHA_BIT_FIELDS) {
            throw new ImageFormatException("a BMP file without compression", "compression of kind " + compression,
                    "save it as PNG");
        }
        long rowBytes = ((long) width * bits + 31) / 32 * 4;
        long last = ((long) width * bits + 7) / 8;
        if (width > 0 && height > 0 && Integer.toUnsignedLong(in.getInt(10)) + rowBytes * (height - 1L) + last > file.length) {
            throw new EOFException();
        }
        return new BmpFile(file, width, height);
    }

    @Override
    public long memory() {
        return pixels() * 8;
    }

    @Override
    public RgbaImage decode() throws IOException {
        return PlatformReader.image("bmp", file);
    }
}
