package dev.itprompt.report;

import java.util.regex.Pattern;

/**
 * A text as a cell of a CSV file. A spreadsheet takes a cell that begins with {@code = + - @}, a tab or a carriage return for a formula,
 * so such a text gets an apostrophe in front; a text that has apostrophes there already gets one more, so that the way back is clear.
 */
public final class CsvCell {

    private static final Pattern FORMULA = Pattern.compile("'*[=+\\-@\\t\\r].*", Pattern.DOTALL);
    private static final Pattern PLAIN = Pattern.compile("[^,\"\\r\\n]*");

    private CsvCell() {}

    /** The text's cell, in quotes if it needs them. */
    public static String of(String text) {
        String safe = FORMULA.matcher(text).matches() ? "'" + text : text;
        return PLAIN.matcher(safe).matches() ? safe : '"' + safe.replace("\"", "\"\"") + '"';
    }

    /** The text of a cell without its quotes. */
    static String text(String cell) {
        return cell.startsWith("'") && FORMULA.matcher(cell).matches() ? cell.substring(1) : cell;
    }
}
