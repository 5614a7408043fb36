package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The attention heads of published files at their true sizes and in their layouts; the tensors' elements, which do not tell them, take
 * no space. Sources: the models' papers and code, OpenCLIP's model configurations.
 */
class PublishedSizesTest {

    @TempDir
    Path folder;

    /** Shapes under timm's names. */
    private static Map<String, long[]> timm(String prefix, int width, int hidden, int blocks, int patch, int grid, int classes) {
        Map<String, long[]> w = new LinkedHashMap<>();
        w.put("cls_token", new long[] {1, 1, width});
        w.put("pos_embed", new long[] {1, 1 + grid * grid, width});
        w.put("patch_embed.proj.weight", new long[] {width, 3, patch, patch});
        w.put("patch_embed.proj.bias", new long[] {width});
        for (int i = 0; i < blocks; i++) {
            String block = "blocks." + i + ".";
            norm(w, block + "norm1", width);
            linear(w, block + "attn.qkv", 3 * width, width);
            linear(w, block + "attn.proj", width, width);
            norm(w, block + "norm2", width);
            linear(w, block + "mlp.fc1", hidden, width);
            linear(w, block + "mlp.fc2", width, hidden);
        }
        norm(w, "norm", width);
        if (classes > 0) {
            linear(w, "head", classes, width);
        }
        Map<String, long[]> prefixed = new LinkedHashMap<>();
        w.forEach((name, shape) -> prefixed.put(prefix + name, shape));
        return prefixed;
    }

    private static void norm(Map<String, long[]> w, String name, int width) {
        w.put(name + ".weight", new long[] {width});
        w.put(name + ".bias", new long[] {width});
    }

    private static void linear(Map<String, long[]> w, String name, int out, int in) {
        w.put(name + ".weight", new long[] {out, in});
        w.put(name + ".bias", new long[] {out});
    }

    private static void blocks(Map<String, long[]> w, String path, int width, int hidden, int blocks) {
        for (int i = 0; i < blocks; i++) {
            String block = path + "resblocks." + i + ".";
            norm(w, block + "ln_1", width);
            w.put(block + "attn.in_proj_weight", new long[] {3 * width, width});
            w.put(block + "attn.in_proj_bias", new long[] {3 * width});
            linear(w, block + "attn.out_proj", width, width);
            norm(w, block + "ln_2", width);
            linear(w, block + "mlp.c_fc", hidden, width);
            linear(w, block + "mlp.c_proj", width, hidden);
        }
    }

    /** Shapes under OpenAI's names. */
    private static Map<String, long[]> clip(int width, int hidden, int blocks, int patch, int grid, int textWidth, int textBlocks,
            int embedding) {
        Map<String, long[]> w = new LinkedHashMap<>();
        w.put("visual.conv1.weight", new long[] {width, 3, patch, patch});
        w.put("visual.class_embedding", new long[] {width});
        w.put("visual.positional_embedding", new long[] {1 + grid * grid, width});
        norm(w, "visual.ln_pre", width);
        blocks(w, "visual.transformer.", width, hidden, blocks);
        norm(w, "visual.ln_post", width);
        w.put("visual.proj", new long[] {width, embedding});
        w.put("token_embedding.weight", new long[] {49408, textWidth});
        w.put("positional_embedding", new long[] {77, textWidth});
        blocks(w, "transformer.", textWidth, 4 * textWidth, textBlocks);
        norm(w, "ln_final", textWidth);
        w.put("text_projection", new long[] {textWidth, embedding});
        w.put("logit_scale", new long[] {});
        return w;
    }

    private ModelFacts facts(Map<String, ?> tree) throws IOException {
        Inspection found = Inspection.of(TrainingState.write(folder.resolve("file.pth"), tree), LoadOptions.NONE);
        assertEquals(java.util.Optional.empty(), found.problem());
        return found.facts().orElseThrow();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"ViT-S/32,384,1536,12,32,7,384,12,384,6,6", "ViT-M/32,512,2048,12,32,7,512,12,512,8,8",
        "ViT-B/32,768,3072,12,32,7,512,12,512,12,8", "ViT-B/16,768,3072,12,16,14,512,12,512,12,8",
        "ViT-B/16-plus-240,896,3584,12,16,15,640,12,640,14,10", "ViT-L/14,1024,4096,24,14,16,768,12,768,16,12",
        "ViT-L/14-336,1024,4096,24,14,24,768,12,768,16,12", "ViT-H/14,1280,5120,32,14,16,1024,24,1024,16,16",
        "ViT-H/14-378,1280,5120,32,14,27,1024,24,1024,16,16", "ViT-g/14,1408,6144,40,14,16,1024,24,1024,16,16",
        "ViT-bigG/14,1664,8192,48,14,16,1280,32,1280,16,20", "ViT-e/14,1792,15360,56,14,16,1280,36,1280,16,20"})
    void openClip(String name, int width, int hidden, int blocks, int patch, int grid, int textWidth, int textBlocks, int embedding,
            int heads, int textHeads) throws IOException {
        ModelFacts facts = facts(clip(width, hidden, blocks, patch, grid, textWidth, textBlocks, embedding));
        assertEquals(heads, facts.image().heads().value(), name);
        assertTrue(facts.image().heads().source().contains("width " + width), facts.image().heads().source());
        assertEquals(textHeads, facts.text().orElseThrow().heads().value(), name);
        assertFalse(facts.image().activation().known(), "OpenCLIP's weights alone do not tell");
        assertEquals(!(width == 1024 && patch == 14), facts.preprocess().known(), "LAION-2B's ViT-L/14 was trained with 0.5");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"ViT-B/32,768,12,32,7,512,512,12,8", "ViT-B/16,768,12,16,14,512,512,12,8", "ViT-L/14,1024,24,14,16,768,768,16,12"})
    void openAi(String name, int width, int blocks, int patch, int grid, int textWidth, int embedding, int heads, int textHeads)
            throws IOException {
        Map<String, long[]> w = clip(width, 4 * width, blocks, patch, grid, textWidth, 12, embedding);
        for (String number : new String[] {"input_resolution", "context_length", "vocab_size"}) {
            w.put(number, new long[] {});
        }
        ModelFacts facts = facts(w);
        assertEquals(heads, facts.image().heads().value(), name);
        assertEquals(textHeads, facts.text().orElseThrow().heads().value(), name);
        assertTrue(facts.image().heads().source().contains("OpenAI"), facts.image().heads().source());
        assertTrue(facts.preprocess().known() && facts.image().activation().known());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"DINO ViT-S/16,384,1536,12,16,14,6", "DINO ViT-S/8,384,1536,12,8,28,6", "DINO ViT-B/16,768,3072,12,16,14,12",
        "DeiT-Ti without classifier,192,768,12,16,14,3", "iBOT ViT-L/16,1024,4096,24,16,14,16", "MAE ViT-H/14,1280,5120,32,14,16,16",
        "ViT-g/14,1408,6144,40,14,16,16", "ViT-G/14,1664,8192,48,14,16,16", "timm's first small model,768,2304,8,16,14,8"})
    void backbones(String name, int width, int hidden, int blocks, int patch, int grid, int heads) throws IOException {
        ModelFacts facts = facts(timm("", width, hidden, blocks, patch, grid, 0));
        assertEquals(heads, facts.image().heads().value(), name);
        assertTrue(facts.image().heads().source().contains("published"), facts.image().heads().source());
    }

    /** The arguments name the architecture, whatever the width. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"vit_small,384,6", "vit_base,768,12", "vit_large,1024,16", "vit_tiny,192,3", "deit_small,384,6"})
    void dinoAndIbotTrainingStates(String arch, int width, int heads) throws IOException {
        ModelFacts facts = facts(Map.of("teacher", timm("backbone.", width, 4 * width, 12, 16, 14, 0),
                "args", Map.of("arch", arch, "patch_size", "16")));
        assertEquals(heads, facts.image().heads().value());
        assertTrue(facts.image().heads().source().contains(arch), facts.image().heads().source());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"vit_small,384,12", "vit_base,768,12"})
    void mocoV3(String arch, int width, int heads) throws IOException {
        Map<String, long[]> encoder = timm("module.base_encoder.", width, 4 * width, 12, 16, 14, 0);
        for (Map<String, ?> tree : new Map[] {Map.of("arch", arch, "state_dict", encoder), Map.of("state_dict", encoder)}) {
            assertEquals(heads, facts(tree).image().heads().value(), tree.keySet()::toString);
        }
        ModelFacts classifier = facts(Map.of("arch", arch, "state_dict", timm("module.", width, 4 * width, 12, 16, 14, 1000)));
        assertEquals(heads, classifier.image().heads().value(), "linear probe of MoCo v3");
        assertTrue(classifier.preprocess().source().contains("MoCo v3"), classifier.preprocess().source());
    }

    /** Taken out of its training state, MoCo v3's small model has the names and shapes of DINO's; only its fixed positions differ. */
    @Test
    void fixedPositionsOfASmallModelMakeItAsk() throws IOException {
        Map<String, Object> w = new LinkedHashMap<>(timm("", 384, 1536, 12, 16, 14, 0));
        w.put("pos_embed", TinyWeights.fill(0, 1, 197, 384));
        assertFalse(facts(w).image().heads().known());
        Map<String, Object> base = new LinkedHashMap<>(timm("", 768, 3072, 12, 16, 14, 0));
        base.put("pos_embed", TinyWeights.fill(0, 1, 197, 768));
        assertEquals(12, facts(base).image().heads().value(), "MAE's base model has twelve as well");
    }

    @Test
    void whatIsNotPublishedIsUnknown() throws IOException {
        assertFalse(facts(timm("", 128, 512, 2, 8, 4, 0)).image().heads().known());
        assertFalse(facts(timm("", 768, 1000, 12, 16, 14, 0)).image().heads().known());
        assertFalse(facts(Map.of("arch", "my_vit", "state_dict", timm("", 768, 3072, 12, 16, 14, 0))).image().heads().known());
        ModelFacts clip = facts(clip(768, 3072, 12, 32, 7, 320, 12, 512));
        assertTrue(clip.image().heads().known());
        assertFalse(clip.text().orElseThrow().heads().known());
    }

    /** timm's training state names its own architectures, which MoCo v3's short names are not taken for. */
    @Test
    void timmsTrainingState() throws IOException {
        ModelFacts facts = facts(Map.of("arch", "vit_small_patch16_224", "state_dict", timm("", 384, 1536, 12, 16, 14, 1000)));
        assertEquals(6, facts.image().heads().value());
        assertFalse(facts.preprocess().known(), "augreg's and DeiT's differ");
        assertTrue(facts(Map.of("args", Map.of("model", "deit_base_patch16_224"), "model", timm("", 768, 3072, 12, 16, 14, 1000)))
                .preprocess().source().contains("DeiT"));
        assertTrue(facts(timm("", 768, 3072, 12, 16, 14, 21843)).preprocess().source().contains("21843"));
    }
}
