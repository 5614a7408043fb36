package dev.itprompt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 over a sequence of texts, numbers and bytes; texts and bytes go in with their length, so that no two sequences are taken for
 * one.
 */
public final class Fingerprint {

    private final MessageDigest digest;
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

    /** Of nothing yet. */
    public Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * SHA-256 of a file's content alone, as {@code sha256sum} gives it.
     *
     * @throws InputException if it cannot be read
     */
    public static String ofFile(Path file) {
        try {
            Fingerprint fingerprint = new Fingerprint();
            fingerprint.digest.update(Files.readAllBytes(file));
            return fingerprint.hex();
        } catch (IOException e) {
            throw new InputException(Excerpt.of(file) + ": cannot be read (" + WriteException.reason(e) + ")", e);
        }
    }

    /** Adds a number. */
    public Fingerprint add(long value) {
        digest.update(number.clear().putLong(value).flip());
        return this;
    }

    /** Adds a text. */
    public Fingerprint add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds bytes. */
    public Fingerprint add(byte[] bytes) {
        return add(ByteBuffer.wrap(bytes));
    }

    /** Adds all that remains in a buffer. */
    public Fingerprint add(ByteBuffer bytes) {
        add(bytes.remaining());
        digest.update(bytes);
        return this;
    }

    /** The digest of all that was added, as hexadecimal digits; nothing can be added afterwards. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The same as 32 bytes. */
    public byte[] bytes() {
        return digest.digest();
    }
}
