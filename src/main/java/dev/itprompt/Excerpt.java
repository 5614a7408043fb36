package dev.itprompt;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text that somebody else wrote, as messages show it: in one line, with nothing in it that a terminal acts on, and no longer than can
 * be read.
 */
public final class Excerpt {

    private static final String CUT = "...";
    /** Characters of the longest word, such as a path. */
    private static final int LONGEST_WORD = 130;
    private static final Pattern BLANKS = Pattern.compile("[\\p{IsWhite_Space}&&[^ ]]+");
    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}\\p{Cs}\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]");
    private static final Pattern LONG_WORD = Pattern.compile("[^ ]{" + (LONGEST_WORD + 1) + ",}");

    private Excerpt() {}

    /**
     * In one line: blanks of other kinds and line ends are plain blanks, controls and marks that turn the direction are question
     * marks, and words of over 130 characters lose their middle.
     */
    public static String line(String text) {
        String line = CONTROLS.matcher(BLANKS.matcher(text.strip()).replaceAll(" ")).replaceAll("?");
        return LONG_WORD.matcher(line).replaceAll(word -> Matcher.quoteReplacement(cut(word.group(), LONGEST_WORD)));
    }

    /**
     * In one line of at most so many characters. Of a longer one the middle is left out: the start says what and where it is, and the
     * end what to do about it.
     *
     * @param most at least 9
     */
    public static String of(String text, int most) {
        return line(text.length() > most ? cut(text, most) : text);
    }

    /** A file or folder: in one line of at most 130 characters. */
    public static String of(Path path) {
        return of(path.toString(), LONGEST_WORD);
    }

    private static String cut(String text, int most) {
        int end = (most - CUT.length()) / 3;
        int start = most - CUT.length() - end;
        int tail = text.length() - end;
        return text.substring(0, start - (Character.isHighSurrogate(text.charAt(start - 1)) ? 1 : 0)) + CUT
                + text.substring(tail + (Character.isLowSurrogate(text.charAt(tail)) ? 1 : 0));
    }
}
