package dev.itprompt.checkpoint;

import dev.itprompt.InputException;
import java.nio.file.Path;

/** A checkpoint file that cannot be used as given: which file and tensor or offset, what was expected and found, what to do. */
public final class CheckpointException extends InputException {

    static final String FETCH_AGAIN = "the file is damaged or incomplete, fetch or convert it again";

    private final transient Path file;
    private final String tensor;
    private final long offset;
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
        this(file, tensor, -1, expected, found, remedy, null);
    }

    /** As the other constructor, with what was thrown underneath. */
    public CheckpointException(Path file, String tensor, String expected, String found, String remedy, Throwable cause) {
        this(file, tensor, -1, expected, found, remedy, cause);
    }

    private CheckpointException(Path file, String tensor, long offset, String expected, String found, String remedy,
            Throwable cause) {
        super("checkpoint " + oneLine(String.valueOf(file)) + (offset < 0 ? "" : ", offset " + offset)
                + (tensor == null ? "" : ", tensor '" + oneLine(tensor) + "'") + ": expected " + oneLine(expected) + ", found "
                + oneLine(found) + "; " + remedy, cause);
        this.file = file;
        this.tensor = tensor;
        this.offset = offset;
        this.expected = expected;
        this.found = found;
    }

    /**
     * Bytes that no valid file has.
     *
     * @param offset of the bytes at fault in the file
     */
    static CheckpointException damaged(Path file, long offset, String expected, String found) {
        return new CheckpointException(file, null, offset, expected, found, FETCH_AGAIN, null);
    }

    /** As {@link #damaged(Path, long, String, String)}, for bytes that describe or hold one tensor. */
    static CheckpointException damaged(Path file, long offset, String tensor, String expected, String found) {
        return new CheckpointException(file, tensor, offset, expected, found, FETCH_AGAIN, null);
    }

    /** A valid file, or one that may be, with something this program does not read. */
    static CheckpointException unsupported(Path file, long offset, String tensor, String expected, String found, String remedy) {
        return new CheckpointException(file, tensor, offset, expected, found, remedy, null);
    }

    /** The file at fault. */
    public Path file() {
        return file;
    }

    /** The tensor at fault, or null. */
    public String tensor() {
        return tensor;
    }

    /** Position in the file of the bytes at fault; -1 when the fault is not at one place. */
    public long offset() {
        return offset;
    }

    public String expected() {
        return expected;
    }

    public String found() {
        return found;
    }

    private static String oneLine(String text) {
        String start = text.length() <= 300 ? text : text.substring(0, 300) + "...";
        return start.replaceAll("[\\p{IsControl}\\p{IsWhite_Space}]+", " ");
    }
}
