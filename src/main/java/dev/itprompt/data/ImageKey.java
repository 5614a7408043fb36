package dev.itprompt.data;

import dev.itprompt.Fingerprint;
import java.nio.ByteBuffer;

/**
 * What tells a picture from all others: the first half of a SHA-256.
 *
 * @param high its first eight bytes
 * @param low  the next eight
 */
public record ImageKey(long high, long low) {

    /** Of all that was added to a fingerprint. */
    public static ImageKey of(Fingerprint fingerprint) {
        ByteBuffer bytes = ByteBuffer.wrap(fingerprint.bytes());
        return new ImageKey(bytes.getLong(), bytes.getLong());
    }
}
