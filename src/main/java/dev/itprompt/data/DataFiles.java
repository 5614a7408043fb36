package dev.itprompt.data;

import dev.itprompt.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Reading of files that anybody may have put anything into. */
public final class DataFiles {

    /** What an array can hold on every JVM. */
    private static final int MOST = Integer.MAX_VALUE - 64;

    private DataFiles() { }

    /**
     * A whole file. One that grows while it is read is cut off at the size it had.
     *
     * @param expected what the file should be, for the message
     * @param budget   for its bytes
     * @throws DataException if there is no such file, it is a folder or no ordinary file, may not be read or is too large
     */
    static byte[] bytes(Path file, String expected, MemoryBudget budget) {
        long size = size(file, expected);
        if (size > MOST) {
            throw new DataException(file, "a file of less than 2 GiB", size + " bytes", "split or shrink it");
        }
        try {
            return budget.with(size, file, "a file of " + size + " bytes", () -> {
                try (InputStream in = Files.newInputStream(file)) {
                    return in.readNBytes((int) size);
                }
            });
        } catch (IOException e) {
            throw unreadable(file, expected, e);
        }
    }

    /**
     * The size of an ordinary file in bytes; links are followed.
     *
     * @throws DataException if it is none
     */
    public static long size(Path file, String expected) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw new DataException(file, expected, attributes.isDirectory() ? "a folder" : "a pipe or device",
                        "check the path");
            }
            return attributes.size();
        } catch (IOException e) {
            throw unreadable(file, expected, e);
        }
    }

    /** SHA-256 of bytes, as hexadecimal digits. */
    public static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest("SHA-256").digest(bytes));
    }

    /** MD5 and SHA-1 to 512, which every Java platform has. */
    public static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }

    /** A file or folder that cannot be read, with the reason in plain words. */
    public static DataException unreadable(Path file, String expected, IOException reason) {
        return switch (reason) {
            case NoSuchFileException _ -> new DataException(file, expected, "no file", "check the path", reason);
            case AccessDeniedException _ ->
                new DataException(file, expected, "one that may not be read", "check its permissions", reason);
            default -> new DataException(file, expected, "one that cannot be read (" + Reason.of(reason) + ")", "check the path",
                    reason);
        };
    }
}
