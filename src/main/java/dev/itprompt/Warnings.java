package dev.itprompt;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Hears what a user should know although the work goes on, such as files that are not read or names that cannot be told apart.
 * A warning is one line that says where, what, and what follows from it. Whatever reads inputs is given one; the command line
 * prints each different line once to the error stream.
 */
@FunctionalInterface
public interface Warnings {

    /** @param line without a line break at its end */
    void warn(String line);

    /** Hears nothing. */
    Warnings NONE = _ -> {};

    /** Passes each different line on once; safe for use by several threads. */
    static Warnings once(Consumer<String> lines) {
        Set<String> said = new HashSet<>();
        return text -> {
            String line = Excerpt.line(text);
            synchronized (said) {
                if (said.add(line)) {
                    lines.accept(line);
                }
            }
        };
    }
}
