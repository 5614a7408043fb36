package dev.itprompt.model;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Character references of HTML 5, such as {@code &eacute;}, resolved in two ways: as a browser does it, which takes anything
 * that starts like a reference, and only where there is no doubt.
 *
 * <p>Immutable.
 */
final class HtmlReferences {

    private static final Pattern REFERENCE =
            Pattern.compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\\t\\n\\f <&#;]{1,32};?)");
    private static final Pattern WHOLE_REFERENCE = Pattern.compile("&#?[0-9A-Za-z]{1,24};");

    /** An ampersand, also a wide one, without its own ampersand. */
    private static final String AMPERSAND = "(?:amp|AMP|#0*+(?:38|65286)|#[xX]0*+(?:26|[fF]{2}06))";
    /** Of ampersands one in another, each but the last; a loop inside of the pattern would need a stack as deep. */
    private static final String OUTER = "(?:(?<=&)|(?!^)\\G)" + AMPERSAND;
    private static final Pattern NESTED = Pattern.compile(OUTER + ";(?=" + AMPERSAND + ";)");
    private static final Pattern NESTED_ANYHOW = Pattern.compile(OUTER + ";?(?=" + AMPERSAND + ")");

    private final Map<String, String> entities = readEntities();

    /** The text with nested ampersands, such as {@code &amp;amp;amp;}, written as one: resolved often enough, both are the same. */
    static String flat(String text) {
        return NESTED_ANYHOW.matcher(text).replaceAll("");
    }

    /** The text with its references resolved as a browser does it. */
    String unescape(String text) {
        return text.indexOf('&') < 0 ? text
                : REFERENCE.matcher(text).replaceAll(m -> Matcher.quoteReplacement(resolve(m.group(1))));
    }

    /**
     * The text with those references resolved that end in a semicolon and are known or numeric. Names that are written in
     * capitals, but known in small letters alone, stand for capitals. Nested ampersands are resolved at once down to the last.
     */
    String unescapeWhole(String text) {
        return text.indexOf('&') < 0 ? text : WHOLE_REFERENCE.matcher(NESTED.matcher(text).replaceAll(""))
                .replaceAll(m -> Matcher.quoteReplacement(resolveWhole(m.group())));
    }

    private String resolveWhole(String reference) {
        String name = reference.substring(1);
        String resolved = unescape(reference);
        if (name.charAt(0) == '#') {
            return resolved.contains(";") ? reference : resolved;
        }
        String small = entities.get(name.toLowerCase(Locale.ROOT));
        boolean shouted = small != null && resolved.equals(reference) && name.equals(name.toUpperCase(Locale.ROOT));
        return shouted ? small.toUpperCase(Locale.ROOT) : entities.getOrDefault(name, reference);
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
        if (code >= 0x80 && code < 0xA0) {
            return Character.toString(Windows1252.character((int) code));
        }
        boolean control = code < 0x20 && code != '\t' && code != '\n' && code != '\f' && code != '\r' || code == 0x7f;
        boolean noncharacter = (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
        return control || noncharacter ? "" : Character.toString((int) code);
    }

    private static Map<String, String> readEntities() {
        Map<String, String> entities = new HashMap<>();
        try (InputStream in = HtmlReferences.class.getResourceAsStream("html-entities.txt");
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
