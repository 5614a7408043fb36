package dev.itprompt.data;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import java.nio.file.Path;

/** A data file or folder that cannot be used as given: which file, what was expected and found, what to do. */
public final class DataException extends InputException {

    private static final int LONGEST_FOUND = 120;

    private final transient Path file;

    /**
     * @param file     the file or folder at fault
     * @param expected what was asked for
     * @param found    what is there instead
     * @param remedy   what the user can do
     */
    public DataException(Path file, String expected, String found, String remedy) {
        this(file, expected, found, remedy, null);
    }

    /** As the other constructor, with what was thrown underneath. */
    public DataException(Path file, String expected, String found, String remedy, Throwable cause) {
        super(Excerpt.of(file) + ": expected " + expected + ", found " + Excerpt.of(found, LONGEST_FOUND) + "; "
                + remedy, cause);
        this.file = file;
    }

    /** The file or folder at fault. */
    public Path file() {
        return file;
    }
}
