package dev.itprompt.data;

import java.io.IOException;

/**
 * An image file whose header has been read and checked: what decoding it takes is known before anything is allocated. Headers
 * that lie about sizes or promise what the file does not hold are refused when they are read.
 */
sealed interface EncodedImage permits PngFile, JpegFile, BmpFile, GifFile, TiffFile, WebpFile {

    /** In pixels, at least 1. */
    int width();

    /** In pixels, at least 1. */
    int height();

    /** The most bytes that decoding allocates at a time, the result included. */
    long memory();

    /**
     * Decodes the picture, the first one if there are several.
     *
     * @throws IOException if the file is damaged or ends too early
     */
    RgbaImage decode() throws IOException;

    /** Number of pixels. */
    default long pixels() {
        return (long) width() * height();
    }
}
