package dev.itprompt.model;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What CLIP does to a text before it splits it: repair, HTML-unescape twice, collapse blanks, lower-case.
 *
 * <p>The repair is that of the reference's library, ftfy 6.3: composed characters, straight quotes, usual widths, ligatures
 * and control characters. Of texts decoded with a wrong character set it mends those that were UTF-8 and were read as
 * Windows-1252 or Latin-1 as a whole. In this point alone the two differ: ftfy also knows other character sets, lost bytes
 * and parts of a text, and leaves short texts alone that might be meant as they stand.
 *
 * <p>Immutable.
 */
final class TokenizerText {

    private static final Pattern BLANKS = Pattern.compile("[\\p{IsWhite_Space}]+");
    private static final Pattern C1_CONTROLS = Pattern.compile("[\\x80-\\x9f]");
    private static final Pattern SINGLE_QUOTES = Pattern.compile("[\u02bc\u2018-\u201b]");
    private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\u201c-\u201f]");
    private static final Pattern LINE_BREAKS = Pattern.compile("\r\n|[\r\u2028\u2029]");
    private static final Pattern LONE_SURROGATES = Pattern.compile("[\\ud800-\\udfff]");
    private static final Pattern TERMINAL_ESCAPES = Pattern.compile("\\x1b\\[[\\p{Nd};]*[a-zA-Z]");
    private static final Pattern CONTROLS = Pattern.compile(
            "[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]");
    private static final Pattern WIDE = Pattern.compile("[\u3000\uff01-\uffef]");
    private static final Pattern LIGATURES = Pattern.compile("[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb04\ufb06]");
    private static final String LONG_S_T = "\ufb05";
    /** Unicode's Case_Ignorable: what may stand between a letter and a sigma at the end of its word. */
    private static final String IGNORABLE = "\\p{Mn}\\p{Me}\\p{Cf}\\p{Lm}\\p{Sk}'.:\u00b7\u0387\u055f\u05f4"
            + "\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";
    private static final String CASED = "[\\p{IsLowercase}\\p{IsUppercase}\\p{Lt}&&[^" + IGNORABLE + "]]";
    private static final Pattern FINAL_SIGMA = Pattern.compile(
            "(" + CASED + "[" + IGNORABLE + "]*+)\u03a3(?![" + IGNORABLE + "]*+" + CASED + ")");

    private final HtmlReferences references = new HtmlReferences();

    /** The cleaned text; cleaning ASCII text without references only collapses blanks and lower-cases. */
    String clean(String text) {
        String unescaped = references.unescape(references.unescape(repair(text)));
        return lowerCase(BLANKS.matcher(unescaped).replaceAll(" ").strip());
    }

    /** The platform's own rule for a sigma at the end of a word does not see letters beyond U+FFFF before it. */
    private static String lowerCase(String text) {
        return FINAL_SIGMA.matcher(text).replaceAll("$1\u03c2").replace('\u03a3', '\u03c3').toLowerCase(Locale.ROOT);
    }

    /** Line by line; from the first one with a tag on, references are left as they are. */
    private String repair(String text) {
        StringBuilder repaired = new StringBuilder();
        boolean tags = false;
        for (String line : text.split("(?<=\n)")) {
            tags |= line.indexOf('<') >= 0;
            String before = line;
            String after = repairOnce(before, tags);
            while (!after.equals(before)) {
                before = after;
                after = repairOnce(before, tags);
            }
            repaired.append(after);
        }
        return repaired.toString();
    }

    private String repairOnce(String line, boolean tags) {
        String repaired = Windows1252.mend(tags ? line : references.unescapeWhole(line));
        repaired = C1_CONTROLS.matcher(repaired)
                .replaceAll(m -> Character.toString(Windows1252.character(m.group().charAt(0))));
        repaired = LIGATURES.matcher(repaired.replace(LONG_S_T, "\u017ft")).replaceAll(m -> compatible(m.group()));
        repaired = WIDE.matcher(repaired).replaceAll(m -> compatible(m.group()));
        repaired = DOUBLE_QUOTES.matcher(repaired).replaceAll("\"");
        repaired = SINGLE_QUOTES.matcher(repaired).replaceAll("'");
        repaired = LINE_BREAKS.matcher(repaired).replaceAll("\n");
        repaired = LONE_SURROGATES.matcher(repaired).replaceAll("\ufffd");
        repaired = TERMINAL_ESCAPES.matcher(repaired).replaceAll("");
        repaired = CONTROLS.matcher(repaired).replaceAll("");
        return Normalizer.normalize(repaired, Normalizer.Form.NFC);
    }

    private static String compatible(String character) {
        return Matcher.quoteReplacement(Normalizer.normalize(character, Normalizer.Form.NFKC));
    }
}
