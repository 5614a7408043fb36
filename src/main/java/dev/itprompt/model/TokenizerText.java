package dev.itprompt.model;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What CLIP does to a text before it splits it: repair, HTML-unescape twice, collapse blanks, lower-case. The repair covers
 * what matters for labels (composed characters, straight quotes, full-width forms, ligatures, control characters) and leaves
 * ASCII as it is; texts decoded with a wrong character set are not mended.
 *
 * <p>Immutable.
 */
final class TokenizerText {

    private static final Pattern REFERENCE =
            Pattern.compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\\t\\n\\f <&#;]{1,32};?)");
    private static final Pattern BLANKS = Pattern.compile("[\\p{IsWhite_Space}]+");
    private static final Pattern SINGLE_QUOTES = Pattern.compile("[\u02bc\u2018-\u201b]");
    private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\u201c-\u201f]");
    private static final Pattern LINE_BREAKS = Pattern.compile("\r\n|[\r\u2028\u2029\u0085]");
    private static final Pattern CONTROLS = Pattern.compile(
            "[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]");
    private static final Pattern WIDE = Pattern.compile("[\u3000\uff01-\uffef]");
    private static final Pattern LIGATURES = Pattern.compile("[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]");
    /** What the numbers 128 to 159 mean in a numeric reference: their characters in Windows-1252; 0 where it has none. */
    private static final String NUMBERS_FROM_128 = "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039"
            + "\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d"
            + "\u017e\u0178";

    private final Map<String, String> entities = readEntities();

    /** The cleaned text; cleaning ASCII text without references only collapses blanks and lower-cases. */
    String clean(String text) {
        String repaired = repair(text);
        String unescaped = unescape(unescape(repaired));
        return BLANKS.matcher(unescaped).replaceAll(" ").strip().toLowerCase(Locale.ROOT);
    }

    private String repair(String text) {
        String repaired = text.indexOf('<') < 0 ? unescape(text) : text;
        repaired = LIGATURES.matcher(repaired).replaceAll(m -> compatible(m.group()));
        repaired = WIDE.matcher(repaired).replaceAll(m -> compatible(m.group()));
        repaired = SINGLE_QUOTES.matcher(repaired).replaceAll("'");
        repaired = DOUBLE_QUOTES.matcher(repaired).replaceAll("\"");
        repaired = LINE_BREAKS.matcher(repaired).replaceAll("\n");
        repaired = CONTROLS.matcher(repaired).replaceAll("");
        return Normalizer.normalize(repaired, Normalizer.Form.NFC);
    }

    private static String compatible(String character) {
        return Matcher.quoteReplacement(Normalizer.normalize(character, Normalizer.Form.NFKC));
    }

    private String unescape(String text) {
        return text.indexOf('&') < 0 ? text
                : REFERENCE.matcher(text).replaceAll(m -> Matcher.quoteReplacement(resolve(m.group(1))));
    }

    /** The characters a reference stands for; the longest known prefix counts when a name is run together with text. */
    private String resolve(String reference) {
        if (reference.charAt(0) == '#') {
            return resolveNumber(reference.substring(1).replace(";", ""));
        }
        for (int length = reference.length(); length > 1; length--) {
            String known = entities.get(reference.substring(0, length));
            if (known != null) {
                return known + reference.substring(length);
            }
        }
        return "&" + reference;
    }

    private static String resolveNumber(String number) {
        boolean hexadecimal = number.charAt(0) == 'x' || number.charAt(0) == 'X';
        String digits = (hexadecimal ? number.substring(1) : number).replaceFirst("^0+(?=.)", "");
        long code = digits.length() > 9 ? Long.MAX_VALUE : Long.parseLong(digits, hexadecimal ? 16 : 10);
        if (code == 0 || code > Character.MAX_CODE_POINT || (code >= 0xD800 && code <= 0xDFFF)) {
            return "\ufffd";
        }
        if (code >= 128 && code < 128 + NUMBERS_FROM_128.length()) {
            return NUMBERS_FROM_128.substring((int) code - 128, (int) code - 127);
        }
        boolean control = code < 0x20 && code != '\t' && code != '\n' && code != '\f' && code != '\r' || code == 0x7f;
        boolean noncharacter = (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
        return control || noncharacter ? "" : Character.toString((int) code);
    }

    private static Map<String, String> readEntities() {
        Map<String, String> entities = new HashMap<>();
        try (InputStream in = TokenizerText.class.getResourceAsStream("html-entities.txt");
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.charAt(0) != '#') {
                    String[] fields = line.split(" ");
                    StringBuilder characters = new StringBuilder();
                    for (int i = 1; i < fields.length; i++) {
                        characters.appendCodePoint(Integer.parseInt(fields[i], 16));
                    }
                    entities.put(fields[0], characters.toString());
                }
            }
            return Map.copyOf(entities);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
