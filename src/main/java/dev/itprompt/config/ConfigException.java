package dev.itprompt.config;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;

/** A setting that cannot be used as given. The message names the place, the key, what was expected and what was found. */
public final class ConfigException extends InputException {

    private static final int LONGEST_SOURCE = 150;
    private static final int LONGEST_FOUND = 80;

    private final String key;
    private final String source;

    /**
     * @param source  where it was given: {@code file:line}, an option, or the file as a whole
     * @param key     the key with its sections, such as {@code methods.it-prompt.epochs}; empty when no single key is at fault
     * @param problem what is wrong and what would be right
     */
    public ConfigException(String source, String key, String problem) {
        super(Excerpt.of(source, LONGEST_SOURCE) + ": " + (key.isEmpty() ? "" : Excerpt.of(key, LONGEST_FOUND) + ": ") + problem);
        this.key = key;
        this.source = source;
    }

    public static ConfigException expected(String source, String key, String expected, String found) {
        return new ConfigException(source, key, "expected " + expected + ", found " + Excerpt.of(found, LONGEST_FOUND));
    }

    public static ConfigException unknownKey(String source, String key, Iterable<String> known) {
        String hint = KeyHint.of(key, known).map(k -> "; did you mean '" + k + "'?").orElse("")
                + " (itprompt config lists all keys)";
        return new ConfigException(source, "", "unknown key '" + Excerpt.of(key, LONGEST_FOUND) + "'" + hint);
    }

    /** The key at fault, with its sections; empty when no single key is. */
    public String key() {
        return key;
    }

    /** Where it was given: {@code file:line}, an option, or the file as a whole. */
    public String source() {
        return source;
    }
}
