package dev.itprompt;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** A file that could not be written: which one, why, and how many bytes it needed if that is known. */
public final class WriteException extends FailureException {

    /** A file of unknown length. */
    public WriteException(Path file, IOException cause) {
        super(file + ": cannot be written (" + reason(cause) + ")", cause);
    }

    /** @param bytes length of the whole file */
    public WriteException(Path file, long bytes, IOException cause) {
        super(String.format(Locale.ROOT, "%s: cannot be written (%s); it needs %,d bytes", file, reason(cause), bytes), cause);
    }

    /** What the system says, in a few words and without the file's name. */
    public static String reason(IOException cause) {
        return cause instanceof NoSuchFileException ? "no such folder" : Reason.of(cause);
    }
}
