package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.data.ImageResize.Filter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class PreprocessorConfigTest {

    private static final Path FILE = Path.of("preprocessor_config.json");
    private static final String CLIP = """
            {"do_resize": true, "size": {"shortest_edge": 224}, "resample": 3, "do_center_crop": true,
             "crop_size": {"height": 224, "width": 224}, "do_rescale": true, "rescale_factor": 0.00392156862745098,
             "do_normalize": true, "image_mean": [0.48145466, 0.4578275, 0.40821073],
             "image_std": [0.26862954, 0.26130258, 0.27577711]}""";

    private static Preprocess read(String json) {
        return PreprocessorConfig.read(JsonMapper.shared().readTree(json), FILE);
    }

    @Test
    void clipIsWrittenAsItsAuthorsDo() {
        assertEquals(JsonMapper.shared().readTree(CLIP).toString(), PreprocessorConfig.write(Preprocess.clip(224)).toString());
    }

    @Test
    void everyPreprocessingComesBack() {
        Normalization own = new Normalization(List.of(0.5071, 0.4867, 0.4408), List.of(0.2675, 0.2565, 0.2761));
        for (Normalization normalization : List.of(Normalization.CLIP, Normalization.IMAGENET, Normalization.HALF,
                Normalization.NONE, own)) {
            for (Filter filter : Filter.values()) {
                for (Preprocess preprocess : List.of(Preprocess.pad(28, normalization),
                        new Preprocess(224, Preprocess.Fit.SQUASH, 224, filter, normalization),
                        new Preprocess(224, Preprocess.Fit.SQUASH, 256, filter, normalization),
                        new Preprocess(224, Preprocess.Fit.CROP, 256, filter, normalization))) {
                    assertEquals(preprocess, read(PreprocessorConfig.write(preprocess).toString()));
                }
            }
        }
    }

    @Test
    void olderAndShorterFilesAreRead() {
        assertEquals(Preprocess.clip(224), read("""
                {"crop_size": 224, "do_center_crop": true, "do_normalize": true, "do_resize": true, "resample": 3, "size": 224,
                 "feature_extractor_type": "CLIPFeatureExtractor", "image_mean": [0.48145466, 0.4578275, 0.40821073],
                 "image_std": [0.26862954, 0.26130258, 0.27577711]}"""));
        assertSame(Normalization.CLIP, read(CLIP.replace("0.48145466", "0.481455")).normalization());
        assertEquals(0.4824f, read(CLIP.replace("0.48145466", "0.4824")).normalization().mean(0));
        assertSame(Normalization.NONE, read(CLIP.replace("\"do_normalize\": true", "\"do_normalize\": false")).normalization());
    }

    @Test
    void heightAndWidthResizeBothSides() {
        Preprocess squashed = new Preprocess(224, Preprocess.Fit.SQUASH, 224, Filter.BICUBIC, Normalization.CLIP);
        String both = CLIP.replace("{\"shortest_edge\": 224}", "{\"height\": 224, \"width\": 224}");
        assertEquals(squashed, read(both));
        assertEquals(squashed, read(both.replace("\"do_center_crop\": true", "\"do_center_crop\": false")));
        assertEquals(squashed, read(both.replace("\"crop_size\": {\"height\": 224, \"width\": 224}, ", "")));
    }

    @Test
    void whatAProcessorOfClipLeavesOutIsItsDefault() {
        assertEquals(Preprocess.clip(224), read("{\"image_processor_type\": \"CLIPImageProcessor\"}"));
        assertEquals(Normalization.HALF, read("""
                {"feature_extractor_type": "CLIPFeatureExtractor", "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}""")
                .normalization());
        assertThrows(DataException.class, () -> read("{\"image_processor_type\": \"ViTImageProcessor\"}"));
        assertThrows(DataException.class, () -> read("{}"));
    }

    @Test
    void whatCannotBeDoneIsNamed() {
        String[][] changes = {
            {"\"do_resize\": true", "\"do_resize\": false", "do_resize"},
            {"\"do_center_crop\": true", "\"do_center_crop\": false", "do_center_crop"},
            {"\"do_rescale\": true", "\"do_rescale\": false", "do_rescale"},
            {"0.00392156862745098", "0.0078", "rescale_factor"}, {"0.00392156862745098", "null", "rescale_factor"},
            {"{\"shortest_edge\": 224}", "{\"height\": 224, \"width\": 200}", "size"},
            {"{\"shortest_edge\": 224}", "{\"height\": 224}", "size"},
            {"\"do_resize\": true", "\"do_resize\": \"no\"", "do_resize"},
            {"\"do_normalize\": true", "\"do_normalize\": null", "do_normalize"},
            {"{\"shortest_edge\": 224}", "\"large\"", "size"}, {"{\"shortest_edge\": 224}", "9999999999", "size"},
            {"{\"shortest_edge\": 224}", "-5", "'size'"}, {"{\"shortest_edge\": 224}", "100", "'size'"},
            {"\"width\": 224", "\"width\": 200", "crop_size"}, {"\"crop_size\"", "\"crop\"", "crop_size"},
            {"\"resample\": 3", "\"resample\": 0", "resample"}, {"\"resample\": 3", "\"resample\": {}", "resample"},
            {"0.48145466, ", "", "image_mean"}, {"0.48145466", "\"x\"", "image_mean"}, {"0.48145466", "1e99", "image_mean"},
            {"0.48145466", "9".repeat(400), "image_mean"}, {"0.00392156862745098", "9".repeat(400), "rescale_factor"},
            {"0.48145466", "123.675", "image_mean"}, {"0.48145466", "-0.1", "image_mean"},
            {"0.26862954", "0", "image_std"}, {"0.26862954", "58.4", "image_std"}, {"image_std", "std", "image_std"},
            {"\"resample\": 3", "\"resample\": 3, \"fit\": \"stretch\"", "fit"},
        };
        for (String[] change : changes) {
            String json = CLIP.replace(change[0], change[1]);
            assertFalse(json.equals(CLIP), change[0]);
            DataException e = assertThrows(DataException.class, () -> read(json), json);
            assertTrue(e.getMessage().startsWith(FILE + ": expected ") && e.getMessage().contains(change[2]), e.getMessage());
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
        }
        assertThrows(DataException.class, () -> read("[1, 2]"));
    }
}
