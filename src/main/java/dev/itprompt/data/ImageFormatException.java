package dev.itprompt.data;

import java.io.IOException;
import java.nio.file.Path;

/** An image file that cannot be decoded as given: what was expected and found, what to do. Says nothing of the file's name. */
final class ImageFormatException extends IOException {

    private final String expected;
    private final String found;
    private final String remedy;

    ImageFormatException(String expected, String found, String remedy) {
        super("expected " + expected + ", found " + found + "; " + remedy);
        this.expected = expected;
        this.found = found;
        this.remedy = remedy;
    }

    /** The error with the file's name. */
    DataException of(Path file) {
        return new DataException(file, expected, found, remedy, this);
    }
}
