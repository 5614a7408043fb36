package dev.itprompt.data;

import dev.itprompt.Fingerprint;

/**
 * What tells a picture from all others: the first half of a SHA-256.
 *
 * @param high its first eight bytes
 * @param low  the next eight
 */
public record ImageKey(long high, long low) {

    private static final int DIGITS = 16;
    private static final int RADIX = 16;

    /** Of all that was added to a fingerprint. */
    public static ImageKey of(Fingerprint fingerprint) {
        String hex = fingerprint.hex();
        return new ImageKey(Long.parseUnsignedLong(hex, 0, DIGITS, RADIX), Long.parseUnsignedLong(hex, DIGITS, 2 * DIGITS, RADIX));
    }
}
