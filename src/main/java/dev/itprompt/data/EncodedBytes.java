package dev.itprompt.data;

import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/** The bytes of an image file for a reader. */
final class EncodedBytes extends ImageInputStreamImpl {

    private final byte[] bytes;
    private final long length;
    private final boolean strict;

    private EncodedBytes(byte[] bytes, long length, boolean strict) {
        this.bytes = bytes;
        this.length = length;
        this.strict = strict;
    }

    /** A file as it is. */
    static EncodedBytes of(byte[] bytes) {
        return new EncodedBytes(bytes, bytes.length, false);
    }

    /**
     * The same, said to be longer: readers do not believe in a picture that is very much larger than its file, but a picture of
     * one colour takes next to no space.
     */
    EncodedBytes saidToHave(long more) {
        return new EncodedBytes(bytes, Math.max(length, more), strict);
    }

    /** The same, where it is an error and not an end to read beyond the last byte: for readers that would make up what follows. */
    EncodedBytes strict() {
        return new EncodedBytes(bytes, length, true);
    }

    @Override
    public int read() throws IOException {
        checkClosed();
        bitOffset = 0;
        if (streamPos >= bytes.length) {
            return end();
        }
        return bytes[(int) streamPos++] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int count) throws IOException {
        checkClosed();
        bitOffset = 0;
        if (streamPos >= bytes.length) {
            return count == 0 ? 0 : end();
        }
        int read = (int) Math.min(count, bytes.length - streamPos);
        System.arraycopy(bytes, (int) streamPos, target, from, read);
        streamPos += read;
        return read;
    }

    private int end() throws IOException {
        if (strict) {
            throw new IOException("more data is needed than there is");
        }
        return -1;
    }

    @Override
    public long length() {
        return length;
    }
}
