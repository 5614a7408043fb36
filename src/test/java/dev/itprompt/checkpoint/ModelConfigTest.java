package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.checkpoint.LoadOptions.Nonlinearity;
import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import dev.itprompt.graph.Op.Activation;
import dev.itprompt.model.Clip;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.model.VisionTransformer.Pooling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Configurations beside the weights: what they leave out, what they say and what they cannot mean. */
class ModelConfigTest {

    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    static Path unpacked;

    @TempDir
    Path files;

    @BeforeAll
    static void unpack() throws IOException {
        PackedFiles.unpack(unpacked);
    }

    @BeforeEach
    void copy() throws IOException {
        for (String folder : List.of("huggingface-clip", "huggingface-clip-sharded", "openclip-quickgelu")) {
            Files.createDirectory(files.resolve(folder));
            try (Stream<Path> list = Files.list(unpacked.resolve(folder))) {
                for (Path file : list.toList()) {
                    Files.copy(file, files.resolve(folder).resolve(file.getFileName()));
                }
            }
        }
        LoadedModel clip = ModelReader.read(files.resolve("huggingface-clip"), LoadOptions.NONE);
        ModelFolder.save(clip.model(), files.resolve("converted"), clip.preprocess(), clip.merges(), StorageType.FP32,
                Map.of(ModelFolder.SOURCE, "model.safetensors"));
        Path timm = Files.createDirectory(files.resolve("timm"));
        Files.copy(unpacked.resolve("augreg-timm.safetensors"), timm.resolve("model.safetensors"));
        Files.writeString(timm.resolve("config.json"), """
                {"architecture": "vit_base_patch16_224", "num_classes": 10, "num_features": 128, "global_pool": "token",
                 "model_args": {"img_size": 32, "patch_size": 8, "embed_dim": 128, "depth": 2, "num_heads": 2},
                 "pretrained_cfg": {"input_size": [3, 32, 32], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "crop_pct": 0.9,
                 "interpolation": "bicubic"}}""");
        Files.writeString(files.resolve("openclip-quickgelu/open_clip_config.json"), """
                {"model_cfg": {"embed_dim": 32, "quick_gelu": false,
                 "vision_cfg": {"image_size": 32, "layers": 2, "width": 128, "patch_size": 8, "head_width": 64, "mlp_ratio": 4.0},
                 "text_cfg": {"context_length": 16, "vocab_size": 520, "width": 64, "heads": 1, "layers": 2, "mlp_ratio": 4.0}},
                 "preprocess_cfg": {"size": 32, "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "resize_mode": "squash"}}""");
    }

    private ModelFacts facts(String folder) {
        Inspection found = Inspection.of(files.resolve(folder), LoadOptions.NONE);
        found.problem().ifPresent(problem -> {
            throw new InputException(problem);
        });
        return found.facts().orElseThrow();
    }

    private void change(String file, String old, String changed) throws IOException {
        String text = Files.readString(files.resolve(file));
        assertTrue(text.contains(old), old);
        Files.writeString(files.resolve(file), text.replace(old, changed));
    }

    // ---- what is left out --------------------------------------------------------------------------------------------

    /** Transformers leaves out what equals its defaults, which are those of ViT-B/32. */
    @Test
    void whatHuggingFacesConfigurationLeavesOutIsTransformersDefault() throws IOException {
        ObjectNode config = (ObjectNode) JSON.readTree(files.resolve("huggingface-clip/config.json"));
        for (String tower : List.of("vision_config", "text_config")) {
            for (String key : List.of("hidden_act", "layer_norm_eps", "num_attention_heads")) {
                ((ObjectNode) config.path(tower)).remove(key);
            }
        }
        Files.writeString(files.resolve("huggingface-clip/config.json"), config.toString());
        String message = refusal("huggingface-clip");
        assertTrue(message.contains("config.json, key 'vision_config.num_attention_heads': expected a divisor of the width 128, found nothing"),
                message); // the default is 12
        ((ObjectNode) config.path("vision_config")).put("num_attention_heads", 4);
        Files.writeString(files.resolve("huggingface-clip/config.json"), config.toString());
        ModelFacts facts = facts("huggingface-clip");
        assertEquals(new Fact<>(4, "config.json, vision_config.num_attention_heads"), facts.image().heads());
        Fact<Integer> textHeads = facts.text().orElseThrow().heads();
        assertEquals(8, textHeads.value());
        for (Fact<?> fact : List.of(textHeads, facts.image().activation(), facts.image().epsilon())) {
            assertTrue(fact.source().contains("transformers' default"), fact.source());
        }
        assertEquals(Activation.QUICK_GELU, facts.image().activation().value());
        assertEquals(1e-5f, facts.image().epsilon().value());
    }

    @Test
    void theTowersOfAHuggingFaceModelMayDiffer() throws IOException {
        String text = Files.readString(files.resolve("huggingface-clip/config.json"));
        ObjectNode config = (ObjectNode) JSON.readTree(text);
        ((ObjectNode) config.path("text_config")).put("hidden_act", "gelu").put("layer_norm_eps", 1e-3);
        Files.writeString(files.resolve("huggingface-clip/config.json"), config.toString());
        Clip clip = (Clip) ModelReader.read(files.resolve("huggingface-clip"), LoadOptions.NONE).model();
        assertEquals(Activation.GELU, clip.text().activation());
        assertEquals(1e-3f, clip.text().epsilon());
        assertEquals(Activation.QUICK_GELU, clip.vision().activation());
        assertEquals(1e-5f, clip.vision().epsilon());
    }

    /** Older files of transformers have both sections, of which the second wins. */
    @Test
    void olderSectionsWin() throws IOException {
        change("huggingface-clip/config.json", "\"model_type\": \"clip\",", "\"model_type\": \"clip\", \"vision_config_dict\": "
                + "{\"num_attention_heads\": 8}, \"text_config_dict\": null,");
        assertEquals(8, facts("huggingface-clip").image().heads().value());
        assertEquals(1, facts("huggingface-clip").text().orElseThrow().heads().value());
    }

    @Test
    void withoutConfigurationNothingIsMadeUp() throws IOException {
        Files.delete(files.resolve("huggingface-clip/config.json"));
        assertTrue(refusal("huggingface-clip").contains("--heads (load.heads), --text-heads (load.textHeads), --activation"));
        Files.delete(files.resolve("huggingface-clip/preprocessor_config.json"));
        LoadedModel model = ModelReader.read(files.resolve("huggingface-clip"), new LoadOptions("", Nonlinearity.QUICK_GELU, 2, 1, "", 0));
        assertEquals(Normalization.CLIP, model.preprocess().normalization());
        assertTrue(model.prepared().source().contains("most of OpenCLIP's"), model.prepared().source());
        Files.delete(files.resolve("converted/preprocessor_config.json"));
        LoadedModel converted = ModelReader.read(files.resolve("converted"), LoadOptions.NONE);
        assertTrue(assertThrows(InputException.class, converted::preprocess).getMessage().contains("--preprocess"));
        ModelFolder.save(converted.model(), files.resolve("pretrained"), Preprocess.clip(32), converted.merges(), StorageType.FP32, Map.of());
        Files.delete(files.resolve("pretrained/preprocessor_config.json"));
        assertEquals(Preprocess.clip(32), ModelReader.read(files.resolve("pretrained"), LoadOptions.NONE).preprocess());
    }

    /** Their header says how tokens are pooled, which the other files with their names do not do. */
    @Test
    void theWeightsOfAConvertedFolderKeepTheirPooling() throws IOException {
        VisionTransformer v = ModelReader.read(files.resolve("converted"), LoadOptions.NONE).model().vision();
        Clip clip = (Clip) ModelReader.read(files.resolve("converted"), LoadOptions.NONE).model();
        VisionTransformer mean = new VisionTransformer(v.imageSize(), v.patchSize(), v.width(), v.hidden(), v.layers(), v.heads(),
                v.embedding(), v.activation(), v.epsilon(), v.patchBias(), v.preNorm(), Pooling.MEAN);
        ModelFolder.save(new Clip(mean, clip.text(), clip.weights(), clip.tokenizer()), files.resolve("mean"), Preprocess.clip(32),
                Optional.empty(), StorageType.FP32, Map.of());
        Files.delete(files.resolve("mean/config.json"));
        LoadOptions options = new LoadOptions("", Nonlinearity.QUICK_GELU, 2, 1, "", 0);
        assertEquals(mean, ModelReader.read(files.resolve("mean"), options).model().vision());
    }

    /** The weights of a converted folder alone would be taken for OpenCLIP's, with another pooling. */
    @Test
    void theWeightsOfAConvertedFolderAreReadWithIt() {
        LoadedModel whole = ModelReader.read(files.resolve("converted"), LoadOptions.NONE);
        LoadedModel weights = ModelReader.read(files.resolve("converted/model.safetensors"), LoadOptions.NONE);
        assertEquals(whole.model().vision(), weights.model().vision());
        assertEquals(whole.text(), weights.text());
        assertEquals(whole.merges(), weights.merges().map(file -> whole.merges().orElseThrow().getParent().resolve(file.getFileName())));
        for (LoadOptions options : List.of(new LoadOptions("", Nonlinearity.GELU, 0, 0, "", 0),
                new LoadOptions("", Nonlinearity.AUTO, 2, 0, "", 0), new LoadOptions("", Nonlinearity.AUTO, 0, 1, "", 0))) {
            assertThrows(InputException.class, () -> ModelReader.read(files.resolve("converted"), options));
        }
    }

    @Test
    void theSizeOfTheInputMayChangeAndKeepsTheStatistics() {
        LoadOptions larger = new LoadOptions("", Nonlinearity.AUTO, 0, 0, "", 48);
        for (String folder : List.of("huggingface-clip", "openclip-quickgelu", "timm", "converted")) {
            LoadedModel own = ModelReader.read(files.resolve(folder), LoadOptions.NONE);
            LoadedModel model = ModelReader.read(files.resolve(folder), larger);
            assertEquals(48, model.preprocess().side(), folder);
            assertEquals(own.preprocess().normalization(), model.preprocess().normalization(), folder);
            assertEquals(own.preprocess().fit(), model.preprocess().fit(), folder);
            assertEquals(48.0 / 32, (double) model.preprocess().resize() / own.preprocess().resize(), 0.05, folder);
        }
    }

    private String refusal(String folder) {
        InputException e = assertThrows(InputException.class, () -> ModelReader.read(files.resolve(folder), LoadOptions.NONE), folder);
        Hostile.oneLine(e);
        return e.getMessage();
    }

    // ---- byte-order marks --------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"huggingface-clip", "huggingface-clip-sharded", "openclip-quickgelu", "timm", "converted"})
    void byteOrderMarksAndLineEndsChangeNothing(String folder) throws IOException {
        LoadedModel before = ModelReader.read(files.resolve(folder), LoadOptions.NONE);
        try (Stream<Path> list = Files.list(files.resolve(folder))) {
            for (Path file : list.filter(f -> f.toString().endsWith(".json") || f.toString().endsWith(".txt")).toList()) {
                Files.writeString(file, "\ufeff" + Files.readString(file).replace("\n", "\r\n"));
            }
        }
        assertSame(before, ModelReader.read(files.resolve(folder), LoadOptions.NONE));
        Path config = files.resolve(folder).resolve(folder.equals("openclip-quickgelu") ? "open_clip_config.json" : "config.json");
        Files.write(config, Files.readString(config).substring(1).getBytes(StandardCharsets.UTF_16)); // with a mark of its own
        assertSame(before, ModelReader.read(files.resolve(folder), LoadOptions.NONE));
    }

    private static void assertSame(LoadedModel before, LoadedModel after) {
        assertEquals(before.model().vision(), after.model().vision());
        assertEquals(before.text(), after.text());
        assertEquals(before.prepared(), after.prepared());
        if (before.model() instanceof Clip clip && clip.tokenizer().isPresent()) {
            assertArrayEquals(clip.tokenizer().get().tokens("the dog", true),
                    ((Clip) after.model()).tokenizer().orElseThrow().tokens("the dog", true));
        }
    }

    @Test
    void aTokenizerInJsonMayHaveAMarkToo() throws IOException {
        Path folder = files.resolve("huggingface-clip");
        ArrayNode merges = JSON.createArrayNode();
        Files.readAllLines(folder.resolve("merges.txt")).stream().skip(1).forEach(merges::add);
        int[] before = ((Clip) ModelReader.read(folder, LoadOptions.NONE).model()).tokenizer().orElseThrow().tokens("the dog", true);
        Files.delete(folder.resolve("merges.txt"));
        Files.writeString(folder.resolve("tokenizer.json"), "\ufeff{\"model\": {\"merges\": " + merges + "}}");
        int[] after = ((Clip) ModelReader.read(folder, LoadOptions.NONE).model()).tokenizer().orElseThrow().tokens("the dog", true);
        assertArrayEquals(before, after);
    }

    // ---- values that cannot be ----------------------------------------------------------------------------------------

    private static final List<String> IMPOSSIBLE = List.of("0", "-1", "1000000007", "99999999999999999999", "1e300", "1e999", "1.5", "0.5e-7",
            "\"x\"", "\"\"", "null", "[]", "true", "[0]", "[\"x\"]", "{\"x\": 1}");

    /** Every value of a file, replaced by what it cannot be: refused by file and key, or the facts are the same as before. */
    @ParameterizedTest
    @CsvSource({"huggingface-clip,config.json", "huggingface-clip,preprocessor_config.json", "openclip-quickgelu,open_clip_config.json",
        "timm,config.json", "converted,config.json", "converted,preprocessor_config.json"})
    void impossibleValuesAreRefusedByFileAndKey(String folder, String name) throws IOException {
        Path file = files.resolve(folder).resolve(name);
        List<Object> before = values(facts(folder));
        JsonNode root = JSON.readTree(file);
        List<List<Object>> places = new ArrayList<>();
        collect(root, new ArrayList<>(), places);
        int refused = 0;
        for (List<Object> place : places) {
            List<String> keys = place.stream().filter(String.class::isInstance).map(String.class::cast).toList();
            for (String value : IMPOSSIBLE) {
                JsonNode changed = root.deepCopy();
                replace(changed, place, JSON.readTree(value));
                Files.writeString(file, changed.toString());
                String what = place + " = " + value;
                try {
                    ModelFacts found = facts(folder);
                    if (!found.image().heads().known() || !found.preprocess().known()) {
                        continue; // as if there was no configuration: asked for
                    }
                    List<Object> after = values(found);
                    assertTrue(before.equals(after) || possible(keys.getLast(), value), () -> what + " was taken: " + after);
                } catch (InputException e) {
                    refused++;
                    Hostile.oneLine(e);
                    assertTrue(e.getMessage().contains(file.toString()), () -> what + ": " + e.getMessage());
                    assertTrue(keys.stream().anyMatch(e.getMessage()::contains), () -> what + ": " + e.getMessage());
                }
            }
        }
        assertTrue(refused > 100, refused + " refused");
    }

    private static List<Object> values(ModelFacts facts) {
        List<Object> values = new ArrayList<>(List.of(facts.image().heads().value(), facts.image().activation().value(),
                facts.image().epsilon().value(), facts.pooling().value(), facts.preprocess().value()));
        facts.text().ifPresent(text -> values.addAll(List.of(text.heads().value(), text.activation().value(), text.epsilon().value())));
        return values;
    }

    /** Those of the values above that a model may well have, and those that are as good as none. */
    private static boolean possible(String key, String value) {
        return switch (key) {
            case "layer_norm_eps" -> value.equals("0.5e-7");
            case "mean", "image_mean" -> value.equals("0") || value.equals("0.5e-7");
            case "quick_gelu" -> value.equals("true");
            case "resize_mode", "architecture" -> value.equals("null");
            case "preprocess_cfg", "model_args", "pretrained_cfg" -> value.startsWith("{");
            default -> false;
        };
    }

    private static void collect(JsonNode node, List<Object> place, List<List<Object>> places) {
        if (!place.isEmpty()) {
            places.add(List.copyOf(place));
        }
        if (node instanceof ObjectNode object) {
            object.properties().forEach(entry -> {
                place.add(entry.getKey());
                collect(entry.getValue(), place, places);
                place.removeLast();
            });
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                place.add(i);
                collect(array.get(i), place, places);
                place.removeLast();
            }
        }
    }

    private static void replace(JsonNode root, List<Object> place, JsonNode value) {
        JsonNode at = root;
        for (Object step : place.subList(0, place.size() - 1)) {
            at = step instanceof String key ? at.path(key) : at.path((Integer) step);
        }
        if (place.getLast() instanceof String key) {
            ((ObjectNode) at).replace(key, value);
        } else {
            ((ArrayNode) at).set((Integer) place.getLast(), value);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "7", "null", "{\"a\": 1} x", "{\"model_type\": \"clip\", \"model_type\": \"clip\"}", "\u0000"})
    void whatIsNoJsonObjectIsRefused(String text) throws IOException {
        for (String name : List.of("huggingface-clip/config.json", "huggingface-clip/preprocessor_config.json",
                "openclip-quickgelu/open_clip_config.json", "timm/config.json", "converted/config.json")) {
            String before = Files.readString(files.resolve(name));
            Files.writeString(files.resolve(name), text);
            String folder = name.substring(0, name.indexOf('/'));
            String message = refusal(folder);
            assertTrue(message.contains(files.resolve(name) + ": expected a JSON object"), message);
            Files.writeString(files.resolve(name), before);
        }
    }

    @Test
    void otherModelsOfHuggingFaceAreNamed() throws IOException {
        change("huggingface-clip/config.json", "\"model_type\": \"clip\",", "\"model_type\": \"siglip\",");
        assertTrue(refusal("huggingface-clip").contains("key 'model_type': expected clip, found siglip"), refusal("huggingface-clip"));
    }
}
