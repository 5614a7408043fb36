package dev.itprompt.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The texts and ids are written by src/test/python/tokenizer_goldens.py. */
class TokenizerParityTest {

    private static final Path CLIP = Path.of("../shared/data/bpe_simple_vocab_16e6.txt.gz");

    @Test
    void allIdsAreClips() throws IOException {
        assumeTrue(Files.exists(CLIP), "CLIP's merges file is not at " + CLIP);
        Tokenizer tokenizer = Tokenizer.load(CLIP, 77);
        List<String> lines = read();
        assertEquals(1000, lines.size());
        List<String> different = new ArrayList<>();
        for (String line : lines) {
            JsonNode golden = JsonMapper.shared().readTree(line);
            int[] expected = new int[77];
            for (int i = 0; i < golden.path("ids").size(); i++) {
                expected[i] = golden.path("ids").get(i).asInt();
            }
            int[] actual = tokenizer.tokens(golden.path("text").asString(), true);
            if (!Arrays.equals(expected, actual)) {
                different.add(line + " but was " + Arrays.toString(actual).replace(", 0", ""));
            }
        }
        assertEquals(List.of(), different, different.size() + " of 1000");
    }

    private static List<String> read() throws IOException {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(new GZIPInputStream(
                TokenizerParityTest.class.getResourceAsStream("clip-tokens.jsonl.gz")), StandardCharsets.US_ASCII))) {
            return reader.readAllLines();
        }
    }
}
