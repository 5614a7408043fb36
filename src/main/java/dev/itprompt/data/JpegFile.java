package dev.itprompt.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A JPEG file, decoded by the platform to the components as they are stored. Source of the layout: ITU-T T.81, JFIF 1.02.
 *
 * @param file        the whole file
 * @param width       in pixels
 * @param components  how many are stored
 * @param progressive whether all coefficients must be held at a time
 * @param colors      what the components are
 */
record JpegFile(byte[] file, int width, int height, int components, boolean progressive, JpegColors colors)
        implements EncodedImage {

    /**
     * Reads a file's header.
     *
     * @throws ImageFormatException if it is damaged or has a number of components that no colours are known for
     */
    static JpegFile of(byte[] file) throws ImageFormatException {
        boolean jfif = false;
        int adobeTransform = -1;
        ByteBuffer in = ByteBuffer.wrap(file).position(2);
        while (in.remaining() >= 4) {
            if (in.get() != -1) {
                continue;
            }
            int marker = Byte.toUnsignedInt(in.get(in.position()));
            if (marker < 0xC0 || marker == 0xFF || (marker >= 0xD0 && marker <= 0xD8)) {
                continue;
            }
            in.get();
            int length = Short.toUnsignedInt(in.getShort(in.position()));
            if (length < 2 || length > in.remaining()) {
                break;
            }
            ByteBuffer segment = in.slice(in.position() + 2, length - 2);
            in.position(in.position() + length);
            if (marker == 0xE0 && length >= 16 && startsWith(segment, "JFIF\0")) {
                jfif = true;
            } else if (marker == 0xEE && length >= 14 && startsWith(segment, "Adobe")) {
                adobeTransform = segment.get(11);
            } else if (marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC && length >= 8) {
                return new JpegFile(file, Short.toUnsignedInt(segment.getShort(3)), Short.toUnsignedInt(segment.getShort(1)),
                        segment.get(5), (marker & 3) == 2, JpegColors.of(segment, jfif, adobeTransform));
            }
        }
        throw new ImageFormatException("an image that can be decoded", "no frame header", ImageDecoder.REMEDY);
    }

    private static boolean startsWith(ByteBuffer segment, String name) {
        return segment.slice(0, name.length()).equals(ByteBuffer.wrap(name.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public long memory() {
        return pixels() * (components + 3 + (progressive ? 2 * components : 0)) + file.length;
    }

    @Override
    public RgbaImage decode() throws IOException {
        return new RgbaImage(width, height, colors.toRgb(PlatformReader.raster("jpeg", file)), null);
    }
}
