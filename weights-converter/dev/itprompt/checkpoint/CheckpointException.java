package dev.itprompt.checkpoint;

import dev.itprompt.InputException;
import java.nio.file.Path;

/** A checkpoint file that cannot be used as given: which file and tensor, what was expected and found, what to do. */
public final class CheckpointException extends InputException {

    private final transient Path file;
    private final String tensor;
    private final String expected;
    private final String found;

    /**
     * @param file     the file at fault
     * @param tensor   the tensor at fault, or null when the file as a whole is
     * @param expected what the format or the caller asks for
     * @param found    what is there instead
     * @param remedy   what the user can do
     */
    public CheckpointException(Path file, String tensor, String expected, String found, String remedy) {
        this(file, tensor, expected, found, remedy, null);
    }

    /** As the other constructor, with what was thrown underneath. */
    public CheckpointException(Path file, String tensor, String expected, String found, String remedy, Throwable cause) {
        super("checkpoint " + file + (tensor == null ? "" : ", tensor '" + oneLine(tensor) + "'") + ": expected " + expected
                + ", found " + oneLine(found) + "; " + remedy, cause);
        this.file = file;
        this.tensor = tensor;
        this.expected = expected;
        this.found = found;
    }

    /** The file at fault. */
    public Path file() {
        return file;
    }

    /** The tensor at fault, or null. */
    public String tensor() {
        return tensor;
    }

    public String expected() {
        return expected;
    }

    public String found() {
        return found;
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("[\\p{Cntrl}\\p{IsWhite_Space}]+", " ");
        return line.length() <= 200 ? line : line.substring(0, 200) + "...";
    }
}
