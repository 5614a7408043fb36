package dev.itprompt.report;

import java.util.Locale;

/**
 * A user's text with nothing in it that acts instead of being shown: line ends, control characters, marks that turn the direction of
 * writing, and halves of characters stand as their code, such as {@code [U+202E]}.
 */
final class VisibleText {

    private VisibleText() {}

    /** The text on one line. */
    static String of(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (isHidden(c)) {
                shown.append(String.format(Locale.ROOT, "[U+%04X]", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    /** The same, with an ellipsis after so many characters. */
    static String shortened(String text, int length) {
        String shown = of(text);
        return shown.codePointCount(0, shown.length()) <= length ? shown : shown.substring(0, shown.offsetByCodePoints(0, length - 1)) + "…";
    }

    private static boolean isHidden(int c) {
        int type = Character.getType(c);
        return type == Character.CONTROL || type == Character.FORMAT || type == Character.SURROGATE || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR || type == Character.UNASSIGNED && (c & 0xFFFE) == 0xFFFE;
    }
}
