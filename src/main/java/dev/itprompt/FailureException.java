package dev.itprompt;

/**
 * What went wrong while a command worked, though its input could be used and the program is not to blame: a full disk, a training
 * that diverges. The message is one line that says what failed, where, and what to do. The command line prints it without a stack
 * trace and exits with code 1.
 */
public class FailureException extends RuntimeException {

    /** @param message one line: what failed, where, what to do */
    public FailureException(String message) {
        this(message, null);
    }

    /**
     * @param message one line: what failed, where, what to do
     * @param cause   what was thrown underneath
     */
    public FailureException(String message, Throwable cause) {
        super(Excerpt.line(message), cause);
    }
}
