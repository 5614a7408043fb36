package dev.itprompt.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipTest {

    /** Sizes of the released models; the last column includes the logit scale. */
    @ParameterizedTest
    @CsvSource({
        "32, 768, 12, 512, 512, 87849216, 63428096, 151277313, 50",
        "16, 768, 12, 512, 512, 86192640, 63428096, 149620737, 197",
        "14, 1024, 24, 768, 768, 303966208, 123650304, 427616513, 257"})
    void releasedModelsHaveTheirSizes(int patch, int width, int layers, int embedding, int textWidth, long vision, long text,
                                      long total, int tokens) {
        VisionTransformer v = VisionTransformer.clip(224, patch, width, layers, embedding);
        TextTransformer t = TextTransformer.clip(77, 49408, textWidth, 12, embedding);
        assertEquals(tokens, v.tokens());
        assertEquals(vision, v.parameters());
        assertEquals(text, t.parameters());
        assertEquals(total, v.parameters() + t.parameters() + 1);
    }

    @Test
    void timmBackboneHasItsSize() {
        VisionTransformer vit = VisionTransformer.timm(224, 16, 768, 12);
        assertEquals(85_798_656, vit.parameters());
        assertEquals(768, vit.features());
    }

    @Test
    void randomWeightsAreAllThereAndNoMore() {
        Tokenizer tokenizer = Tokenizer.read(new ByteArrayInputStream("#version: t\na b\n".getBytes(StandardCharsets.UTF_8)), "t", 16);
        VisionTransformer vision = VisionTransformer.clip(16, 4, 64, 2, 32);
        TextTransformer text = TextTransformer.clip(16, tokenizer.vocabularySize(), 64, 1, 32);
        Clip clip = Clip.random(vision, text, Optional.of(tokenizer), RandomGenerator.of("L64X128MixRandom"));
        assertEquals(vision.parameters() + text.parameters() + 1, clip.parameterCount());
        assertEquals(1 / 0.07, clip.logitFactor(), 1e-4);
    }
}
