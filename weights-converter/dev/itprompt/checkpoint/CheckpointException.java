package dev.itprompt.checkpoint;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.pickle.PickleReader;
import java.nio.file.Path;

/**
 * A checkpoint file, or a configuration beside one, that cannot be used as given: which file and tensor, key or offset, what was
 * expected and found, what to do.
 */
public final class CheckpointException extends InputException {

    static final String FETCH_AGAIN = "the file is damaged or incomplete, fetch or convert it again";

    /** Characters of each part that are shown; names and values of hostile files may be longer. */
    private static final int MAX_NAME = 80;
    private static final int MAX_EXPECTED = 160;
    private static final int MAX_FOUND = 80;

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
        this(file, tensor, offset, expected, found, remedy, (offset < 0 ? "" : ", offset " + offset)
                + (tensor == null ? "" : ", tensor '" + Excerpt.of(tensor, MAX_NAME) + "'"), cause);
    }

    /** @param where in the file, each part after a comma */
    private CheckpointException(Path file, String tensor, long offset, String expected, String found, String remedy, String where,
            Throwable cause) {
        super("checkpoint " + Excerpt.of(file) + where + ": expected " + Excerpt.of(expected, MAX_EXPECTED)
                + ", found " + Excerpt.of(found, MAX_FOUND) + "; " + remedy, cause);
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

    /** What a pickle in a file throws. */
    static PickleReader.Faults faults(Path file) {
        return (offset, expected, found) -> damaged(file, offset, expected, found);
    }

    /** As {@link #damaged(Path, long, String, String)}, for bytes that describe or hold one tensor. */
    static CheckpointException damaged(Path file, long offset, String tensor, String expected, String found) {
        return new CheckpointException(file, tensor, offset, expected, found, FETCH_AGAIN, null);
    }

    /** A valid file, or one that may be, with something this program does not read. */
    static CheckpointException unsupported(Path file, long offset, String tensor, String expected, String found, String remedy) {
        return new CheckpointException(file, tensor, offset, expected, found, remedy, null);
    }

    /**
     * A configuration beside the weights with a value that cannot be.
     *
     * @param key with the sections it is in
     */
    static CheckpointException setting(Path file, String key, String expected, String found, String remedy) {
        return new CheckpointException(file, null, -1, expected, found, remedy, ", key '" + Excerpt.of(key, MAX_NAME) + "'", null);
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

}
