package dev.itprompt.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * Changes valid inputs at random, each in one to four places: as bytes, as text and as what has numbers, words and brackets. All
 * chance comes from the generator handed in, so the same generator makes the same input.
 */
final class Mutator {

    /** Inputs grow to about so many bytes. */
    private static final int LARGEST = 1 << 18;
    private static final List<String> NUMBERS = List.of("0", "-0", "1", "-1", "2", "127", "128", "255", "256", "32768", "65535", "65536",
            "2147483647", "2147483648", "-2147483648", "4294967295", "4294967296", "9007199254740993", "9223372036854775807",
            "9223372036854775808", "-9223372036854775808", "18446744073709551616", "0.1", ".5", "1.", "1e-9", "1e-400", "1e9", "1e39", "1e400",
            "1e999999999", "-1e400", "NaN", "Infinity", "-Infinity", ".nan", ".inf", "0x7fffffff", "0777", "1_000", "00", "1,5",
            "9".repeat(400), "0." + "0".repeat(400) + "1");
    private static final List<String> WORDS = List.of("null", "~", "true", "false", "[]", "{}", "\"\"", "''", "\"", "'", ",", ":", "- ", "#", "&a ",
            "*a", "!!binary ", "!!str ", "<<: ", "---\n", "...\n", "? ", "|", ">", "%", "@", "`", "\\", "\\u0000", "\\ud800", "\\x00", "\n", "\r\n",
            "\t", " ", "..", "../..", "/", "//", ".", "C:\\", "%s", "%d%n", "$1", "${user.home}", "@|red x|@", "\\Q", "(", ")", "*", "+", "?",
            "__proto__", "__metadata__", "a".repeat(300), "a b ".repeat(200));
    /** Legal and illegal UTF-8: a byte-order mark, NUL, escape codes, line ends, direction marks, marks without a letter, surrogates. */
    private static final List<String> ODDITIES = List.of(bytes("\uFEFF"), "\0", bytes("\u001b[31m"), bytes("\u0085"), bytes("\u2028"),
            bytes("\u202e"), bytes("\u200d"), bytes("e\u0301"), bytes("\u0301".repeat(500)), bytes("\u0130\u0131\u017f\u1e9e"), bytes("\ufffd"),
            bytes("\ud83d\ude00"), bytes("\u0661\u0662"), bytes("\u00a0"), bytes("\uffff"), "\u00ed\u00a0\u0080", "\u00c0\u0080", "\u00ff\u00fe",
            "\u00fe\u00ff", "\u00f4\u0090\u0080\u0080", "\u00e2\u0082", "\u0080");
    private static final List<String> BRACKETS = List.of("[]", "{}", "()", "{\"a\":|}", "[{\"a\":|}]", "- |", "? |", "<|>", "!|", "\"|", "a: |\n");
    private static final long[] EXTREMES = {0, 1, -1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 1 << 20, 1 << 28, Integer.MAX_VALUE,
        Integer.MIN_VALUE, 0xffffffffL, 1L << 32, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE};

    private final List<String> seeds;
    private final List<String> words;

    /**
     * @param seeds valid inputs
     * @param words what means something in them; may be empty
     */
    Mutator(List<byte[]> seeds, List<String> words) {
        this.seeds = seeds.stream().map(seed -> new String(seed, StandardCharsets.ISO_8859_1)).toList();
        this.words = words.stream().map(Mutator::bytes).toList();
    }

    /** The bytes of a text in UTF-8, each as a character; so are all inputs kept here. */
    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** Another input. */
    byte[] next(Random random) {
        String input = any(seeds, random);
        for (int n = random.nextBoolean() ? 1 : random.nextInt(2, 5); n > 0; n--) {
            input = mutated(input, random);
        }
        return input.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static <T> T any(List<T> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }

    private String mutated(String input, Random random) {
        int at = place(input, random);
        int end = Math.min(input.length(), at + random.nextInt(1, 65));
        String part = input.substring(at, end);
        return switch (random.nextInt(14)) {
            case 0 -> replaced(input, at, part.isEmpty() ? "" : Character.toString(part.charAt(0) ^ 1 << random.nextInt(8)), 1);
            case 1 -> replaced(input, at, Character.toString(random.nextInt(256)), 1);
            case 2 -> input.substring(0, at);
            case 3 -> replaced(input, at, "", part.length());
            case 4 -> replaced(input, at, repeated(part, random), 0);
            case 5 -> splice(input, at, random);
            case 6 -> number(input, at, random);
            case 7, 8 -> replaced(input, at, lengthField(random), random.nextBoolean() ? 1 << random.nextInt(4) : 0);
            case 9, 10 -> word(input, at, random);
            case 11 -> replaced(input, at, any(ODDITIES, random), random.nextInt(2));
            case 12 -> replaced(input, at, nested(part, random), part.length());
            default -> noise(input, at, part.length(), random);
        };
    }

    /** The first and the last bytes often say where everything else is, so they are changed more often. */
    private static int place(String input, Random random) {
        int near = Math.min(200, input.length());
        return switch (random.nextInt(3)) {
            case 0 -> random.nextInt(near + 1);
            case 1 -> input.length() - random.nextInt(near + 1);
            default -> random.nextInt(input.length() + 1);
        };
    }

    /** Puts a text in the place of so many bytes, or as many as there are. */
    private static String replaced(String input, int at, String text, int count) {
        return input.substring(0, at) + text + input.substring(Math.min(input.length(), at + count));
    }

    private static String repeated(String part, Random random) {
        int times = 1 << random.nextInt(random.nextInt(4) == 0 ? 14 : 3);
        return part.repeat(Math.min(times, LARGEST / Math.max(1, part.length())));
    }

    /** The rest of another input, or a part of it. */
    private String splice(String input, int at, Random random) {
        String other = any(seeds, random);
        int from = random.nextInt(other.length() + 1);
        boolean rest = random.nextBoolean();
        String part = other.substring(from, rest ? other.length() : Math.min(other.length(), from + random.nextInt(65)));
        return replaced(input, at, part, rest ? input.length() : 0);
    }

    /** Another number in the place of the next one. */
    private static String number(String input, int at, Random random) {
        int from = at;
        while (from < input.length() && !Character.isDigit(input.charAt(from))) {
            from++;
        }
        int end = from;
        while (end < input.length() && (Character.isDigit(input.charAt(end)) || ".eE+-".indexOf(input.charAt(end)) >= 0)) {
            end++;
        }
        return replaced(input, from, any(NUMBERS, random), end - from);
    }

    /** One, two, four or eight bytes of an extreme number, in either order. */
    private static String lengthField(Random random) {
        long value = EXTREMES[random.nextInt(EXTREMES.length)];
        StringBuilder field = new StringBuilder();
        for (int n = 1 << random.nextInt(4); n > 0; n--, value >>= 8) {
            field.append((char) (value & 0xff));
        }
        return (random.nextBoolean() ? field : field.reverse()).toString();
    }

    /** Another word in the place of the one here. */
    private String word(String input, int at, Random random) {
        int from = at;
        while (from > 0 && isWord(input.charAt(from - 1))) {
            from--;
        }
        int end = at;
        while (end < input.length() && isWord(input.charAt(end))) {
            end++;
        }
        String word = words.isEmpty() || random.nextBoolean() ? any(WORDS, random) : any(words, random);
        return replaced(input, from, word, random.nextInt(4) == 0 ? 0 : end - from);
    }

    private static boolean isWord(char c) {
        return c > 0x7f || Character.isLetterOrDigit(c) || "_-.".indexOf(c) >= 0;
    }

    private static String nested(String part, Random random) {
        String brackets = any(BRACKETS, random);
        int middle = brackets.indexOf('|') >= 0 ? brackets.indexOf('|') : 1;
        int depth = 1 << random.nextInt(random.nextInt(4) == 0 ? 18 : 8);
        int most = Math.min(depth, LARGEST / brackets.length());
        String close = brackets.substring(middle).replace("|", "");
        return brackets.substring(0, middle).repeat(most) + part + (random.nextBoolean() ? close.repeat(most) : "");
    }

    private static String noise(String input, int at, int length, Random random) {
        StringBuilder noise = new StringBuilder();
        for (int i = 0; i < length; i++) {
            noise.append((char) random.nextInt(256));
        }
        return replaced(input, at, noise.toString(), random.nextBoolean() ? length : 0);
    }
}
