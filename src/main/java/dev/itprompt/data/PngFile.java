package dev.itprompt.data;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A PNG file, decoded by the platform. Source of the layout: W3C, Portable Network Graphics.
 *
 * @param file  the whole file
 * @param width in pixels
 * @param depth bits of a sample
 */
record PngFile(byte[] file, int width, int height, int depth) implements EncodedImage {

    /** After the signature, a length and a type. */
    private static final int HEADER = 16;

    /** @throws ImageFormatException if the header says what no picture can be */
    static PngFile of(byte[] file) throws ImageFormatException {
        ByteBuffer in = ByteBuffer.wrap(file);
        return new PngFile(file, in.getInt(HEADER), in.getInt(HEADER + 4), in.get(HEADER + 8));
    }

    /** The platform widens transparent pixels to four samples and keeps some rows in two forms. */
    @Override
    public long memory() {
        int pixel = depth == 16 ? 8 : 4;
        return pixels() * (pixel + 4) + 6L * width * pixel + file.length;
    }

    @Override
    public RgbaImage decode() throws IOException {
        return PlatformReader.image("png", file);
    }
}
