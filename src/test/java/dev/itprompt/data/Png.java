package dev.itprompt.data;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/** Writes PNG files of any kind for tests, so that what a decoder should find is known to the bit. */
final class Png {

    static final int GRAY = 0;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int GRAY_ALPHA = 4;
    static final int RGBA = 6;

    private Png() { }

    /**
     * @param rows    packed samples, row after row, without filter bytes
     * @param palette red, green, blue of each entry; null for none
     * @param opacity of each entry; null for none
     */
    static byte[] write(int width, int height, int type, int depth, byte[] rows, byte[] palette, byte[] opacity) {
        try {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(file);
            out.writeLong(0x89504e470d0a1a0aL);
            out.write(chunk("IHDR", ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) depth).put((byte) type).array()));
            if (palette != null) {
                out.write(chunk("PLTE", palette));
            }
            if (opacity != null) {
                out.write(chunk("tRNS", opacity));
            }
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            int stride = rows.length / height;
            try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
                for (int y = 0; y < height; y++) {
                    deflater.write(0);
                    deflater.write(rows, y * stride, stride);
                }
            }
            out.write(chunk("IDAT", packed.toByteArray()));
            out.write(chunk("IEND", new byte[0]));
            return file.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A gray picture with one value everywhere. */
    static byte[] plain(int width, int height, int value) {
        byte[] rows = new byte[width * height];
        java.util.Arrays.fill(rows, (byte) value);
        return write(width, height, GRAY, 8, rows, null, null);
    }

    /** A part of a file with its length, name and checksum. */
    static byte[] chunk(String name, byte[] content) {
        byte[] type = name.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(type);
        crc.update(content);
        return ByteBuffer.allocate(content.length + 12).putInt(content.length).put(type).put(content).putInt((int) crc.getValue())
                .array();
    }
}
