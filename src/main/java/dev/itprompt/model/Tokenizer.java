package dev.itprompt.model;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * The byte-pair tokenizer of CLIP, for any merges file: a header line that contains {@code #version}, then one merge a line,
 * two symbols separated by a blank, most frequent first. Ids are: 256 bytes, the same at the end of a word, one for each
 * merge, start of text, end of text.
 *
 * <p>CLIP's own file, {@code bpe_simple_vocab_16e6.txt.gz}, is longer than the vocabulary of 49,408 that CLIP was trained
 * with; its header gives it away, and only its first 48,894 merges are used. Of every other file all are.
 *
 * <p>Immutable. Source: Radford et al. 2021, Learning transferable visual models from natural language supervision, and its
 * reference code; Sennrich et al. 2016 for byte-pair encoding.
 */
public final class Tokenizer {

    /** The longest text of merges; CLIP's has a twelfth of it. */
    private static final int MAX_BYTES = 16 << 20;
    /** Characters of the longest text; repair takes more than twice as long for twice as many. */
    private static final int LONGEST_TEXT = 1 << 16;
    private static final String CLIP_HEADER = "bpe_simple_vocab_16e6";
    private static final int CLIP_MERGES = 49152 - 256 - 2;
    private static final String WORD_END = "</w>";
    private static final String SPECIAL = "<\\|startoftext\\|>|<\\|endoftext\\|>";
    private static final int FLAGS = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
    private static final Pattern SPECIAL_TOKEN = Pattern.compile(SPECIAL, FLAGS);
    /** U+0345, an iota below, is left out as in the reference: ignoring case, it is no mark, and yet it is no letter. */
    private static final Pattern SPLIT = Pattern.compile(
            SPECIAL + "|'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\p{IsWhite_Space}\\p{L}\\p{N}\u0345]+", FLAGS);

    private final TokenizerText text = new TokenizerText();
    private final String[] byteSymbols;
    private final Map<String, Integer> ids;
    private final Map<String, Integer> ranks;
    private final int contextLength;
    private final int sot;
    private final int eot;

    private Tokenizer(List<String[]> merges, int contextLength) {
        this.contextLength = contextLength;
        this.ids = new HashMap<>(4 * merges.size());
        this.ranks = new HashMap<>(4 * merges.size());
        this.byteSymbols = byteSymbols();
        int next = 0;
        for (String ending : List.of("", WORD_END)) {
            for (int value : byteOrder()) {
                ids.put(byteSymbols[value] + ending, next++);
            }
        }
        for (int rank = 0; rank < merges.size(); rank++) {
            String[] merge = merges.get(rank);
            ranks.put(merge[0] + " " + merge[1], rank);
            ids.put(merge[0] + merge[1], next++);
        }
        this.sot = next++;
        this.eot = next;
    }

    /**
     * Reads a merges file, plain or gzipped.
     *
     * @param merges        the file
     * @param contextLength how many ids {@link #tokens(String)} returns, at least 3 (77 for CLIP)
     * @throws InputException if the file is missing or is no merges file; names the line
     */
    public static Tokenizer load(Path merges, int contextLength) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(merges))) {
            return read(in, merges.toString(), contextLength);
        } catch (IOException e) {
            throw new InputException("merges file " + Excerpt.of(merges) + ": cannot be read (" + Reason.of(e) + "); check the path", e);
        }
    }

    /**
     * Reads merges, plain or gzipped, from a stream and leaves it open.
     *
     * @param name what messages call it
     * @throws InputException as {@link #load}
     */
    public static Tokenizer read(InputStream in, String name, int contextLength) {
        if (contextLength < 3) {
            throw new InputException("context length " + contextLength + ": expected at least 3 (start, one token, end)");
        }
        try {
            BufferedInputStream bytes = new BufferedInputStream(in);
            bytes.mark(2);
            boolean gzip = bytes.read() == 0x1f && bytes.read() == 0x8b;
            bytes.reset();
            byte[] content = (gzip ? new GZIPInputStream(bytes) : bytes).readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new InputException("merges file " + name + ": expected at most " + MAX_BYTES + " bytes of text, found more; is this a "
                        + "byte-pair merges file?");
            }
            return new Tokenizer(parse(new String(content, StandardCharsets.UTF_8).split("\n", -1), name), contextLength);
        } catch (IOException e) {
            throw new InputException("merges file " + name + ": cannot be read (" + Reason.of(e)
                    + "); fetch it again", e);
        }
    }

    private static List<String[]> parse(String[] lines, String name) {
        if (!lines[0].contains("#version")) {
            throw new InputException("merges file " + name + ", line 1: expected a header that contains '#version', found "
                    + abbreviate(lines[0]) + "; is this a byte-pair merges file?");
        }
        int last = lines.length;
        while (last > 1 && lines[last - 1].isBlank()) {
            last--;
        }
        if (lines[0].contains(CLIP_HEADER)) {
            if (last <= CLIP_MERGES) {
                throw new InputException("merges file " + name + ": expected at least " + CLIP_MERGES + " merges, found "
                        + (last - 1) + "; the file is incomplete, fetch it again");
            }
            last = CLIP_MERGES + 1;
        }
        List<String[]> merges = new ArrayList<>(last - 1);
        for (int i = 1; i < last; i++) {
            String[] pair = lines[i].stripTrailing().split(" ", -1);
            if (pair.length != 2 || pair[0].isEmpty() || pair[1].isEmpty()) {
                throw new InputException("merges file " + name + ", line " + (i + 1)
                        + ": expected two symbols separated by a blank, found " + abbreviate(lines[i]));
            }
            merges.add(pair);
        }
        return merges;
    }

    private static String abbreviate(String line) {
        return "'" + Excerpt.of(line, 40) + "'";
    }

    /**
     * The ids of a text without start and end. Literal special tokens in the text become the special ids; see
     * {@link #escape} for text that is not trusted.
     *
     * @throws InputException if the text has over 65,536 characters
     */
    public int[] encode(String input) {
        List<Integer> result = new ArrayList<>();
        Matcher words = SPLIT.matcher(clean(input));
        while (words.find()) {
            String word = words.group();
            switch (word) {
                case "<|startoftext|>" -> result.add(sot);
                case "<|endoftext|>" -> result.add(eot);
                default -> merge(word).forEach(symbol -> result.add(ids.get(symbol)));
            }
        }
        return result.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Start, the ids of the text, end, then zeros up to the context length.
     *
     * @throws InputException if the text is longer than the context; says how much
     */
    public int[] tokens(String input) {
        return tokens(input, false);
    }

    /**
     * As {@link #tokens(String)}.
     *
     * @param truncate whether a text that is too long is cut, its last id becoming end of text, instead of refused
     */
    public int[] tokens(String input, boolean truncate) {
        int[] encoded = encode(input);
        if (encoded.length + 2 > contextLength && !truncate) {
            throw new InputException("text " + abbreviate(input) + ": expected at most " + contextLength
                    + " tokens with start and end, found " + (encoded.length + 2) + "; shorten it");
        }
        int kept = Math.min(encoded.length, contextLength - 2);
        int[] tokens = new int[contextLength];
        tokens[0] = sot;
        System.arraycopy(encoded, 0, tokens, 1, kept);
        tokens[kept + 1] = eot;
        return tokens;
    }

    /**
     * A text, such as a class name, changed so that it cannot smuggle in a special token, however it is disguised. Texts
     * without such a token keep their ids.
     *
     * @throws InputException as {@link #encode}
     */
    public String escape(String name) {
        String cleaned = HtmlReferences.flat(name);
        for (String again = clean(cleaned); !again.equals(cleaned); again = clean(cleaned)) {
            cleaned = again;
        }
        Matcher special = SPECIAL_TOKEN.matcher(cleaned);
        return special.find() ? special.replaceAll(m -> m.group().replace("|", " | ")) : name;
    }

    /** Number of ids. */
    public int vocabularySize() {
        return eot + 1;
    }

    /** Length of {@link #tokens(String)}. */
    public int contextLength() {
        return contextLength;
    }

    /** The id of start of text. */
    public int sot() {
        return sot;
    }

    /** The id of end of text, the largest of all. */
    public int eot() {
        return eot;
    }

    private String clean(String input) {
        if (input.length() > LONGEST_TEXT) {
            throw new InputException("text " + abbreviate(input) + ": expected at most " + LONGEST_TEXT + " characters, found "
                    + input.length() + "; shorten it");
        }
        return text.clean(input);
    }

    /** The symbols of a word: what its bytes stand for, merged. */
    private List<String> merge(String word) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        String[] symbols = new String[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            symbols[i] = byteSymbols[Byte.toUnsignedInt(bytes[i])];
        }
        symbols[bytes.length - 1] += WORD_END;
        return new Merging(symbols, ranks).run();
    }

    private static boolean isPrintable(int value) {
        return (value >= 33 && value <= 126) || (value >= 161 && value <= 172) || value >= 174;
    }

    /** Each byte as a visible character: printable ones stand for themselves, the others for U+0100 and following. */
    private static String[] byteSymbols() {
        String[] symbols = new String[256];
        int next = 256;
        for (int value = 0; value < 256; value++) {
            symbols[value] = Character.toString(isPrintable(value) ? value : next++);
        }
        return symbols;
    }

    /** Byte values in the order of their ids: printable ones first. */
    private static int[] byteOrder() {
        int[] order = new int[256];
        int next = 0;
        for (boolean printable : new boolean[] {true, false}) {
            for (int value = 0; value < 256; value++) {
                if (isPrintable(value) == printable) {
                    order[next++] = value;
                }
            }
        }
        return order;
    }
}
