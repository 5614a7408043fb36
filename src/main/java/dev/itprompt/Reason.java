package dev.itprompt;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.zip.DataFormatException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;

/**
 * What was thrown underneath, in a few plain words for a message: without the file's name, which stands there already, and without
 * Java's names.
 */
public final class Reason {

    private Reason() {}

    /** What the system, a decoder or a parser says; what is thrown by accident says nothing but that there is damage. */
    public static String of(Exception cause) {
        return switch (cause) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException e -> e.getReason() == null ? "refused by the system" : e.getReason();
            case ConnectException _ -> "no connection";
            case CharacterCodingException _ -> "not in UTF-8";
            case EOFException _ -> "it ends too early";
            case DatabindException _ -> "more than one value";
            case JacksonException e -> syntax(e.getOriginalMessage());
            case IOException e when e.getMessage() != null -> e.getMessage();
            case DataFormatException e when e.getMessage() != null -> e.getMessage();
            default -> "damage";
        };
    }

    /** Without what the parser's programmer would want to know. */
    private static String syntax(String message) {
        return message == null ? "damage" : message.strip().lines().findFirst().orElse("damage")
                .replaceAll(" ?\\((?:start marker|for \\w+ starting) at .*|:? (?:was expecting|expected a valid value) \\(.*", "")
                .replaceAll(" in null$|, from `[^`]*`| ?\\(`[^`]*`[^)]*\\)", "");
    }
}
