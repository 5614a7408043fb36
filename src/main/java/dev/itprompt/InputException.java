package dev.itprompt;

/**
 * Bad input: a file, configuration key, shape or option that cannot be used as given. The message is one line that says
 * what is wrong, where, what was expected and found, and what to do. The command line prints it without a stack trace and
 * exits with code 2. Everything else that goes wrong is a failure and exits with code 1.
 */
public class InputException extends RuntimeException {

    /** Characters of the longest message, with the paths in it; of a longer one the middle is left out. */
    public static final int LONGEST = 600;

    /** @param message one line: what, where, expected, found, what to do */
    public InputException(String message) {
        this(message, null);
    }

    /**
     * @param message one line: what, where, expected, found, what to do
     * @param cause   what was thrown underneath
     */
    public InputException(String message, Throwable cause) {
        super(Excerpt.of(message, LONGEST), cause);
    }
}
