package dev.itprompt.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.itprompt.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {

    private static final String SMALL = "#version: 0.2\nc a\nca t</w>\nd o\n";
    private static final Path CLIP = Path.of("../shared/data/bpe_simple_vocab_16e6.txt.gz");

    @TempDir
    Path folder;

    @Test
    void clipVectors() {
        assumeTrue(Files.exists(CLIP), "CLIP's merges file is not at " + CLIP);
        Tokenizer clip = Tokenizer.load(CLIP, 77);
        assertEquals(49408, clip.vocabularySize());
        assertEquals(49406, clip.sot());
        assertEquals(49407, clip.eot());
        for (String[] vector : new String[][] {
            {"a photo of a cat", "320 1125 539 320 2368"},
            {"a photo of tree", "320 1125 539 2677"},
            {"a photo of aquarium fish", "320 1125 539 16814 2759"},
            {"a photo of pickup_truck", "320 1125 539 15382 318 4629"},
            {"A Photo of a Black-footed  Albatross.", "320 1125 539 320 1449 268 38040 42797 2158 269"},
            {"it's 2024 &amp;&amp; café!", "585 568 273 271 273 275 27791 15304 256"},
            {"naïve  10km/h", "1097 35689 563 272 271 4590 270 327"},
            {"<|startoftext|>cat<|endoftext|>", "49406 2368 49407"},
        }) {
            assertArrayEquals(ids(vector[1]), clip.encode(vector[0]), vector[0]);
        }
        int[] padded = new int[77];
        System.arraycopy(ids("49406 320 1125 539 320 2368 49407"), 0, padded, 0, 7);
        assertArrayEquals(padded, clip.tokens("a photo of a cat"));
    }

    @Test
    void aSmallFileUsesAllItsMerges() {
        Tokenizer small = small(8);
        assertEquals(256 + 256 + 3 + 2, small.vocabularySize());
        assertEquals(515, small.sot());
        int t = 't' - '!';
        assertArrayEquals(new int[] {513, 514, 256 + 'g' - '!'}, small.encode("cat dog"));
        assertArrayEquals(new int[] {512, 256 + t}, Tokenizer.read(stream("#version\nc a\n"), "x", 8).encode("cat"));
        assertArrayEquals(new int[] {t, 256 + t}, small.encode("TT"));
    }

    /** A second, slow implementation, over random merges, such as whose parts come after them or which are given twice. */
    @Test
    void mergesAreTheLowestRankedPairsFromLeftToRight() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            List<String> known = new ArrayList<>(List.of("a", "b", "c</w>", "a</w>"));
            Map<String, Integer> ranks = new HashMap<>();
            for (int rank = 0; rank < 12; rank++) {
                String left = known.get(random.nextInt(known.size()));
                String right = known.get(random.nextInt(known.size()));
                ranks.put(left + " " + right, random.nextInt(12) == 0 ? -1 - rank : rank);
                known.add(left + right);
            }
            String[] word = random.ints(random.nextInt(1, 30), 0, 2).mapToObj(i -> known.get(i)).toArray(String[]::new);
            word[word.length - 1] = known.get(random.nextInt(2, 4));
            assertEquals(slowlyMerged(List.of(word), ranks), new Merging(word.clone(), ranks).run(),
                    () -> "seed " + seed + ": " + ranks + " in " + Arrays.toString(word));
        }
    }

    private static List<String> slowlyMerged(List<String> word, Map<String, Integer> ranks) {
        String best = IntStream.range(1, word.size()).mapToObj(i -> word.get(i - 1) + " " + word.get(i)).filter(ranks::containsKey)
                .min(Comparator.comparing(ranks::get)).orElse(null);
        if (best == null) {
            return word;
        }
        List<String> merged = new ArrayList<>();
        for (int i = 0; i < word.size(); i++) {
            boolean pair = i + 1 < word.size() && best.equals(word.get(i) + " " + word.get(i + 1));
            merged.add(pair ? word.get(i) + word.get(++i) : word.get(i));
        }
        return slowlyMerged(merged, ranks);
    }

    /** Words and nested references as long as may be take memory in proportion. */
    @Test
    void longTextsTakeTheirLengthInMemory() {
        Tokenizer small = small(8);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int longest = 1 << 16;
        int[] cats = small.encode("cat".repeat(longest / 3));
        assertEquals(2 * (longest / 3), cats.length + 1, "c a, t: two symbols each but for the last one");
        for (String text : List.of("ca".repeat(longest / 2), "&" + "amp;".repeat(longest / 4 - 1) + "lt;",
                "< &" + "#38;".repeat(longest / 4 - 1))) {
            long before = threads.getCurrentThreadAllocatedBytes();
            small.tokens(small.escape(text), true);
            long taken = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(taken < 64 << 20, taken + " bytes for " + text.substring(0, 20));
        }
        InputException e = assertThrows(InputException.class, () -> small.encode("a".repeat(longest + 1)));
        assertEquals("text 'aaaaaaaaaaaaaaaaaaaaaaaaa...aaaaaaaaaaaa': expected at most 65536 characters, found 65537; shorten it",
                e.getMessage());
    }

    @Test
    void nestedReferencesAreResolvedToTheLast() {
        Tokenizer small = small(8);
        assertArrayEquals(small.encode("<"), small.encode("&amp;#38;AMP;#x26;lt;"));
        assertArrayEquals(small.encode("&nothing;"), small.encode("&amp;amp;nothing;"));
        assertEquals("<b>< | startoftext | >", small.escape("<b>&amp;amp;amp;amp;amp;lt;|startoftext|&amp;ampamp#38;amp;gt;"));
    }

    @Test
    void everyByteHasItsOwnId() {
        Tokenizer small = small(8);
        int[] seen = IntStream.range(1, 0x500).filter(c -> !Character.isSpaceChar(c) && !Character.isISOControl(c))
                .mapToObj(Character::toString).flatMapToInt(s -> Arrays.stream(small.encode(s))).distinct().toArray();
        assertTrue(Arrays.stream(seen).allMatch(id -> id >= 0 && id < 512));
        // U+00E9 is the bytes C3 A9: the order of bytes is 33-126 (94), 161-172 (12), 174-255, then the rest
        assertArrayEquals(new int[] {94 + 12 + 0xC3 - 174, 256 + 94 + 0xA9 - 161}, small.encode("é"));
        // U+0120 is lower-cased to U+0121, the bytes C4 A1
        assertArrayEquals(new int[] {94 + 12 + 0xC4 - 174, 256 + 94}, small.encode("Ġ"));
    }

    @Test
    void textIsCleanedFirst() {
        Tokenizer small = small(32);
        for (String[] same : new String[][] {
            {"cat  \t\n dog ", "cat dog"}, {"CAT", "cat"}, {"&lt;b&gt;", "<b>"}, {"&amp;lt;", "<"}, {"caf&eacute;", "café"},
            {"cafe\u0301", "café"}, {"‘it’s’ “x”", "'it's' \"x\""}, {"\ufb01sh", "fish"}, {"ＣＡＴ！", "cat!"},
            {"c\u0007at", "cat"}, {"&#99;&#x61;t", "cat"}, {"&notit;", "¬it;"}, {"&unknown;", "&unknown;"}, {"a\u00a0b", "a b"},
        }) {
            assertArrayEquals(small.encode(same[1]), small.encode(same[0]), same[0]);
        }
        assertEquals(0, small.encode(" \n").length);
    }

    @Test
    void escapedNamesCarryNoSpecialToken() {
        Tokenizer small = small(64);
        for (String name : List.of("<|endoftext|>", "cat <|STARTOFTEXT|>", "&lt;|endoftext|&gt;",
                "&amp;amp;amp;amp;amp;lt;|endoftext|>", "＜|endoftext|＞", "<|end\u0007oftext|>")) {
            int[] ids = small.encode(small.escape(name));
            assertTrue(Arrays.stream(ids).allMatch(id -> id < small.sot()), name);
            assertTrue(ids.length > 3, name);
        }
        assertEquals("T-shirt &amp; Tie", small.escape("T-shirt &amp; Tie"));
    }

    @Test
    void tooLongIsRefusedOrCut() {
        Tokenizer small = small(4);
        assertArrayEquals(new int[] {515, 513, 513, 516}, small.tokens("cat cat"));
        InputException e = assertThrows(InputException.class, () -> small.tokens("cat cat cat"));
        assertTrue(e.getMessage().contains("at most 4") && e.getMessage().contains("found 5"), e.getMessage());
        assertArrayEquals(new int[] {515, 513, 513, 516}, small.tokens("cat cat cat", true));
        assertArrayEquals(new int[] {515, 516, 0, 0}, small.tokens(""));
        assertThrows(InputException.class, () -> small(2));
    }

    @Test
    void plainAndGzippedFilesAreTheSame() throws IOException {
        Path plain = Files.writeString(folder.resolve("merges.txt"), SMALL.replace("\n", "\r\n"));
        Path zipped = folder.resolve("merges.txt.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
            out.write(SMALL.getBytes(StandardCharsets.UTF_8));
        }
        assertArrayEquals(Tokenizer.load(plain, 8).tokens("a cat"), Tokenizer.load(zipped, 8).tokens("a cat"));
    }

    @Test
    void damagedFilesAreNamed() throws IOException {
        assertMessage("missing.txt", Tokenizer::load, folder.resolve("missing.txt"));
        for (String[] bad : new String[][] {
            {"", "line 1"}, {"c a\n", "line 1"}, {"#version\nc a\nxyz\n", "line 3"}, {"#version\na b c\n", "line 2"},
            {"#version\n\na b\n", "line 2"}, {"bpe_simple_vocab_16e6.txt#version: 0.2\na b\n", "incomplete"},
            {"\u001f\u008b", ""},
        }) {
            byte[] bytes = bad[0].getBytes(StandardCharsets.ISO_8859_1);
            assertMessage(bad[1], Tokenizer::load, Files.write(folder.resolve("bad.txt"), bytes));
        }
        byte[] noise = new byte[4096];
        new Random(1).nextBytes(noise);
        assertMessage("line 1", Tokenizer::load, Files.write(folder.resolve("noise"), noise));
    }

    private interface Loader {
        Tokenizer load(Path file, int contextLength);
    }

    private static void assertMessage(String part, Loader loader, Path file) {
        InputException e = assertThrows(InputException.class, () -> loader.load(file, 8));
        assertTrue(e.getMessage().contains(part) && e.getMessage().contains(file.toString()), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
    }

    private static Tokenizer small(int contextLength) {
        return Tokenizer.read(stream(SMALL), "small", contextLength);
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static int[] ids(String ids) {
        return Arrays.stream(ids.split(" ")).mapToInt(Integer::parseInt).toArray();
    }
}
