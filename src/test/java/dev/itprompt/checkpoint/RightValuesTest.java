package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.checkpoint.LoadOptions.Nonlinearity;
import dev.itprompt.data.ImageResize.Filter;
import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files whose tensors do not tell all about their model give the embedding their makers meant, or are refused. */
class RightValuesTest {

    private static final double[] IMAGENET_MEAN = {0.485, 0.456, 0.406};
    private static final double[] IMAGENET_DEVIATION = {0.229, 0.224, 0.225};
    private static final double[] CLIP_MEAN = {0.48145466, 0.4578275, 0.40821073};
    private static final double[] CLIP_DEVIATION = {0.26862954, 0.26130258, 0.27577711};
    private static final double[] HALF = {0.5, 0.5, 0.5};

    @TempDir
    Path folder;

    @TempDir
    static Path shared;
    private static Path timmModel;
    private static Path openClipModel;

    /** Weights for configurations that are refused. */
    @BeforeAll
    static void write() throws IOException {
        Map<String, Tensor> timm = TinyWeights.of(128, 2).timm(6, 0.1);
        timmModel = timmFolder(shared, timm, "");
        openClipModel = openClipFolder(shared, timm, 64, Tensor.scalar(2), OPEN_CLIP);
    }

    /** The embedding of the image of one colour, prepared as the model says. */
    private static float[] embed(LoadedModel model, Preprocess preprocess) {
        byte[] rgb = new byte[3 * 40 * 30];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) TinyWeights.COLOR[i % 3];
        }
        float[] pixels = preprocess.apply(new RgbImage(40, 30, rgb));
        int side = preprocess.side();
        Graph g = new Graph();
        Node images = g.input("images", Shape.of(1, 3, side, side));
        Node embedded = model.model().vision().apply(Parameters.frozen(g, model.model().weights()), images, Map.of());
        try (Device device = new CpuDevice(1); Executable executable = device.compile(g, List.of(embedded))) {
            executable.write(images, pixels);
            executable.run();
            return executable.read(embedded).toArray();
        }
    }

    private static void assertDirection(double[] expected, LoadedModel model) {
        assertDirection(expected, embed(model, model.preprocess()));
    }

    private static void assertDirection(double[] expected, float[] actual) {
        assertEquals(1, cosine(expected, actual), 1e-9);
    }

    private static double cosine(double[] expected, float[] actual) {
        double dot = 0;
        double a = 0;
        double b = 0;
        for (int i = 0; i < expected.length; i++) {
            dot += expected[i] * actual[i];
            a += expected[i] * expected[i];
            b += (double) actual[i] * actual[i];
        }
        return dot / Math.sqrt(a * b);
    }

    private Path safetensors(String name, LinkedHashMap<String, Tensor> tensors) throws IOException {
        return safetensors(folder, name, tensors);
    }

    private static Path safetensors(Path folder, String name, LinkedHashMap<String, Tensor> tensors) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        SafeTensors.write(file, tensors, Map.of(), StorageType.FP32);
        return file;
    }

    private static String refusal(Path path, LoadOptions options) {
        InputException e = assertThrows(InputException.class, () -> ModelReader.read(path, options));
        Hostile.oneLine(e);
        return e.getMessage();
    }

    // ---- attention heads ----------------------------------------------------------------------------------------------

    @Test
    void mocoV3sSmallModelHasTwelveHeads() throws IOException {
        TinyWeights tower = TinyWeights.of(384, 1);
        Map<String, Tensor> timm = tower.timm(1, 0.05);
        Map<String, Object> state = new LinkedHashMap<>();
        timm.forEach((name, tensor) -> state.put("module.base_encoder." + name, tensor));
        timm.forEach((name, tensor) -> state.put("module.momentum_encoder." + name,
                Arrays.stream(tensor.shape().dims()).asLongStream().toArray()));
        state.put("module.base_encoder.head.0.weight", TinyWeights.fill(0, 8, 384));
        state.put("module.predictor.0.weight", TinyWeights.fill(0, 8, 8));
        Path file = TrainingState.write(folder.resolve("vit-s-300ep.pth.tar"), Map.of("arch", "vit_small", "state_dict", state));
        LoadedModel model = ModelReader.read(file, LoadOptions.NONE);
        assertDirection(tower.feature(timm, 12, IMAGENET_MEAN, IMAGENET_DEVIATION, 1e-6, false), model);
        double[] ofSix = tower.feature(timm, 6, IMAGENET_MEAN, IMAGENET_DEVIATION, 1e-6, false);
        assertTrue(cosine(ofSix, embed(model, model.preprocess())) < 0.999, "the number of heads matters");
    }

    @Test
    void theHeadsOfALoneOpenClipFileAreAskedFor() throws IOException {
        TinyWeights tower = TinyWeights.of(128, 2);
        Map<String, Tensor> timm = tower.timm(2, 0.15);
        Path file = safetensors("alone.safetensors", tower.openAi(timm, 64, Tensor.scalar(2)));
        String message = refusal(file, LoadOptions.NONE);
        for (String option : List.of("--heads", "load.heads", "--text-heads", "--activation")) {
            assertTrue(message.contains(option), message);
        }
        assertTrue(refusal(file, new LoadOptions("", Nonlinearity.GELU, 4, 0, "", 0)).contains("--text-heads"));
        LoadedModel model = ModelReader.read(file, new LoadOptions("", Nonlinearity.GELU, 4, 1, "", 0));
        assertDirection(tower.feature(timm, 4, CLIP_MEAN, CLIP_DEVIATION, 1e-5, true), model);
        assertTrue(refusal(file, new LoadOptions("", Nonlinearity.GELU, 5, 1, "", 0)).contains("5 (--heads)"));
    }

    @Test
    void hiddenWidthsOtherThanFourTimesTheWidthAreRead() throws IOException {
        TinyWeights tower = new TinyWeights(48, 100, 2, 8, 3);
        Map<String, Tensor> timm = tower.timm(3, 0.2);
        Path file = safetensors("odd.safetensors", new LinkedHashMap<>(timm));
        LoadedModel model = ModelReader.read(file, new LoadOptions("", Nonlinearity.AUTO, 6, 0, "", 0));
        assertEquals(100, model.model().vision().hidden());
        assertEquals(model.model().vision().parameters(), model.model().parameterCount());
        assertDirection(tower.feature(timm, 6, IMAGENET_MEAN, IMAGENET_DEVIATION, 1e-6, false), model);
    }

    /** Google's kernels [D, H, K] and [H, K, D] carry an axis for the heads, which need not have 64 columns. */
    @Test
    void theHeadsOfGooglesKernelsAreTheirAxis() throws IOException {
        TinyWeights tower = TinyWeights.of(96, 2);
        Map<String, Tensor> timm = tower.timm(15, 0.15);
        RawZip zip = new RawZip();
        google(tower, timm, 4).forEach((name, tensor) -> {
            Path npy = folder.resolve("array.npy");
            NumpyFile.write(npy, tensor);
            try {
                zip.add(name + ".npy", Files.readAllBytes(npy));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        LoadedModel model = ModelReader.read(Files.write(folder.resolve("google.npz"), zip.bytes()), LoadOptions.NONE);
        assertEquals(4, model.model().vision().heads());
        assertDirection(tower.feature(timm, 4, HALF, HALF, 1e-6, false), model);
    }

    private static Map<String, Tensor> google(TinyWeights tower, Map<String, Tensor> timm, int heads) {
        int width = tower.width();
        Map<String, Tensor> g = new LinkedHashMap<>();
        g.put("cls", timm.get("cls_token"));
        g.put("Transformer/posembed_input/pos_embedding", timm.get("pos_embed"));
        int patch = tower.patch();
        Tensor kernel = TinyWeights.fill(0, patch, patch, 3, width);
        for (int i = 0; i < width * 3 * patch * patch; i++) { // o i h w to h w i o
            kernel.set((long) i % (patch * patch) * 3 * width + i / (patch * patch) % 3 * width + i / (3 * patch * patch),
                    timm.get("patch_embed.proj.weight").get(i));
        }
        g.put("embedding/kernel", kernel);
        g.put("embedding/bias", timm.get("patch_embed.proj.bias"));
        Map<String, String> parts = Map.of("norm1", "LayerNorm_0", "norm2", "LayerNorm_2", "mlp.fc1", "MlpBlock_3/Dense_0", "mlp.fc2",
                "MlpBlock_3/Dense_1");
        for (int i = 0; i < tower.blocks(); i++) {
            String from = "blocks." + i + ".";
            String to = "Transformer/encoderblock_" + i + "/";
            parts.forEach((old, name) -> {
                Tensor weight = timm.get(from + old + ".weight");
                boolean matrix = weight.shape().rank() == 2;
                g.put(to + name + (matrix ? "/kernel" : "/scale"), matrix ? transposed(weight) : weight);
                g.put(to + name + "/bias", timm.get(from + old + ".bias"));
            });
            String attention = to + "MultiHeadDotProductAttention_1/";
            for (int third = 0; third < 3; third++) {
                String name = attention + List.of("query", "key", "value").get(third);
                g.put(name + "/kernel", transposed(timm.get(from + "attn.qkv.weight").slice(third * width, width))
                        .reshape(Shape.of(width, heads, width / heads)));
                g.put(name + "/bias", timm.get(from + "attn.qkv.bias").slice(third * width, width).copy()
                        .reshape(Shape.of(heads, width / heads)));
            }
            g.put(attention + "out/kernel", transposed(timm.get(from + "attn.proj.weight")).reshape(Shape.of(heads, width / heads, width)));
            g.put(attention + "out/bias", timm.get(from + "attn.proj.bias"));
        }
        g.put("Transformer/encoder_norm/scale", timm.get("norm.weight"));
        g.put("Transformer/encoder_norm/bias", timm.get("norm.bias"));
        return g;
    }

    private static Tensor transposed(Tensor matrix) {
        int rows = matrix.shape().dim(0);
        int columns = matrix.shape().dim(1);
        Tensor result = TinyWeights.fill(0, columns, rows);
        for (int i = 0; i < rows * columns; i++) {
            result.set((long) i % columns * rows + i / columns, matrix.get(i));
        }
        return result;
    }

    @Test
    void headsOfAKernelsAxisCannotBeContradicted(@TempDir Path files) throws IOException {
        PackedFiles.unpack(files);
        Path google = files.resolve("google-vit.npz");
        assertEquals("an axis of the attention kernels", Inspection.of(google, LoadOptions.NONE).facts().orElseThrow().image().heads().source());
        assertTrue(refusal(google, new LoadOptions("", Nonlinearity.AUTO, 4, 0, "", 0)).contains("--heads 4"));
    }

    // ---- preparation of images ----------------------------------------------------------------------------------------

    private static final String DEIT = """
            {"architecture": "deit_base_patch16_224", "num_classes": 5, "pretrained_cfg": {"mean": [0.485, 0.456, 0.406],
             "std": [0.229, 0.224, 0.225], "interpolation": "bicubic", "crop_pct": 0.9, "input_size": [3, 16, 16]}}""";

    private static Path timmFolder(Path folder, Map<String, Tensor> timm, String config) throws IOException {
        LinkedHashMap<String, Tensor> w = new LinkedHashMap<>(timm);
        w.put("head.weight", TinyWeights.fill(0, 5, 128));
        w.put("head.bias", TinyWeights.fill(0, 5));
        Path model = safetensors(folder, "timm/model.safetensors", w).getParent();
        if (!config.isEmpty()) {
            Files.writeString(model.resolve("config.json"), config);
        }
        return model;
    }

    @Test
    void timmsConfigurationTellsDeitFromAugreg() throws IOException {
        TinyWeights tower = TinyWeights.of(128, 2);
        Map<String, Tensor> timm = tower.timm(4, 0.15);
        Path model = timmFolder(folder, timm, DEIT);
        LoadedModel loaded = ModelReader.read(model, LoadOptions.NONE);
        assertEquals(new Preprocess(16, Preprocess.Fit.CROP, 17, Filter.BICUBIC, Normalization.IMAGENET),
                loaded.preprocess());
        assertDirection(tower.feature(timm, 2, IMAGENET_MEAN, IMAGENET_DEVIATION, 1e-6, false), loaded);
        Files.writeString(model.resolve("config.json"), DEIT.replace("deit_base", "vit_base").replace("0.485, 0.456, 0.406", "0.5, 0.5, 0.5")
                .replace("0.229, 0.224, 0.225", "0.5, 0.5, 0.5"));
        assertDirection(tower.feature(timm, 2, HALF, HALF, 1e-6, false), ModelReader.read(model, LoadOptions.NONE));
        Files.delete(model.resolve("config.json"));
        LoadedModel alone = ModelReader.read(model, ModelParity.TWO_HEADS);
        assertTrue(assertThrows(InputException.class, alone::preprocess).getMessage().contains("--preprocess"));
        assertDirection(tower.feature(timm, 2, HALF, HALF, 1e-6, false), embed(alone, Preprocess.named(Normalization.Name.HALF, 16)));
    }

    @Test
    void olderConfigurationsOfTimmAreFlatAndArgumentsWin() throws IOException {
        TinyWeights tower = TinyWeights.of(128, 2);
        Map<String, Tensor> timm = tower.timm(5, 0.15);
        Path model = timmFolder(folder, timm, """
                {"architecture": "vit_base_patch16_224", "num_classes": 5, "model_args": {"num_heads": 8, "img_size": 16},
                 "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "crop_pct": 1.0, "crop_mode": "squash", "interpolation": "bilinear"}""");
        LoadedModel loaded = ModelReader.read(model, LoadOptions.NONE);
        assertEquals(new Preprocess(16, Preprocess.Fit.SQUASH, 16, Filter.BILINEAR, Normalization.HALF),
                loaded.preprocess());
        assertDirection(tower.feature(timm, 8, HALF, HALF, 1e-6, false), loaded);
    }

    /** As timm does it: another width keeps the number of heads that the architecture's name means. */
    @Test
    void anotherWidthInTimmsArgumentsKeepsTheNumberOfHeads() throws IOException {
        TinyWeights tower = TinyWeights.of(96, 1);
        Map<String, Tensor> timm = tower.timm(16, 0.15);
        Path model = safetensors("timm/model.safetensors", new LinkedHashMap<>(timm)).getParent();
        Files.writeString(model.resolve("config.json"), "{\"architecture\": \"deit_small_patch16_224\", \"model_args\": {\"embed_dim\": 96}}");
        LoadedModel loaded = ModelReader.read(model, LoadOptions.NONE);
        assertEquals(6, loaded.model().vision().heads());
        assertDirection(tower.feature(timm, 6, IMAGENET_MEAN, IMAGENET_DEVIATION, 1e-6, false), loaded);
        Files.writeString(model.resolve("config.json"), "{\"architecture\": \"vit_gigantic_patch14_224\", \"model_args\": {\"embed_dim\": 96}}");
        assertEquals(16, ModelReader.read(model, LoadOptions.NONE).model().vision().heads());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"deit_base_patch16_224\" | \"vit_base_patch16_rpn_224\" | architecture",
        "\"deit_base_patch16_224\" | \"deit_base_distilled_patch16_224\" | architecture",
        "\"deit_base_patch16_224\" | \"vit_base_patch16_rope_224.naver_in1k\" | architecture",
        "\"num_classes\": 5 | \"num_classes\": 1000 | num_classes",
        "\"num_classes\": 5 | \"num_classes\": 5, \"num_features\": 768 | num_features",
        "\"num_classes\": 5 | \"num_classes\": 5, \"global_pool\": \"avg\" | global_pool",
        "\"num_classes\": 5 | \"model_args\": {\"global_pool\": \"avg\"} | model_args.global_pool",
        "\"num_classes\": 5 | \"model_args\": {\"act_layer\": \"relu\"} | model_args.act_layer",
        "\"num_classes\": 5 | \"model_args\": {\"num_heads\": 7} | model_args.num_heads",
        "[3, 16, 16] | [3, 224, 224] | pretrained_cfg.input_size",
        "\"bicubic\" | \"nearest\" | pretrained_cfg.interpolation",
        "0.485 | 123.675 | pretrained_cfg.mean",
        "\"crop_pct\": 0.9 | \"crop_pct\": 0.9, \"crop_mode\": \"border\" | pretrained_cfg.crop_mode"})
    void timmConfigurationsThatMeanSomethingElseAreRefused(String old, String changed, String key) throws IOException {
        assertTrue(DEIT.contains(old), old);
        Files.writeString(timmModel.resolve("config.json"), DEIT.replace(old, changed));
        String message = refusal(timmModel, LoadOptions.NONE);
        assertTrue(message.contains("config.json, key '" + key + "': expected ") && message.contains(", found "), message);
    }

    @ParameterizedTest
    @CsvSource({"0.485, mean", "0.229, std", "0.9, crop_pct"})
    void numbersThatNoDoubleHoldsAreRefused(String old, String key) throws IOException {
        Files.writeString(timmModel.resolve("config.json"), DEIT.replace(old, "9".repeat(400)));
        String message = refusal(timmModel, LoadOptions.NONE);
        assertTrue(message.contains("config.json, key 'pretrained_cfg." + key + "': expected "), message);
    }

    private static final String OPEN_CLIP = """
            {"model_cfg": {"embed_dim": 128, "vision_cfg": {"image_size": 16, "layers": 2, "width": 128, "patch_size": 8},
             "text_cfg": {"context_length": 8, "vocab_size": 514, "width": 64, "heads": 1, "layers": 1}},
             "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}""";

    private static Path openClipFolder(Path folder, Map<String, Tensor> timm, int textWidth, Tensor logitScale, String config)
            throws IOException {
        Path model = safetensors(folder, "openclip/open_clip_model.safetensors",
                TinyWeights.of(128, 2).openAi(timm, textWidth, logitScale)).getParent();
        Files.writeString(model.resolve("open_clip_config.json"), config);
        return model;
    }

    @Test
    void openClipsConfigurationSaysHowImagesAreNormalised() throws IOException {
        TinyWeights tower = TinyWeights.of(128, 2);
        Map<String, Tensor> timm = tower.timm(7, 0.15);
        Path model = openClipFolder(folder, timm, 64, Tensor.scalar(2), OPEN_CLIP);
        assertDirection(tower.feature(timm, 2, HALF, HALF, 1e-5, true), ModelReader.read(model, LoadOptions.NONE));
        Files.writeString(model.resolve("open_clip_config.json"), OPEN_CLIP.replaceAll("(?s),\\s*\"preprocess_cfg\".*", "}"));
        LoadedModel silent = ModelReader.read(model, LoadOptions.NONE);
        assertTrue(silent.prepared().source().contains("open_clip's default"), silent.prepared().source());
        assertDirection(tower.feature(timm, 2, CLIP_MEAN, CLIP_DEVIATION, 1e-5, true), silent);
    }

    @Test
    void openClipsConfigurationSaysHeadsAndEpsilon() throws IOException {
        TinyWeights tower = TinyWeights.of(128, 2);
        Map<String, Tensor> timm = tower.timm(8, 0.15);
        String config = OPEN_CLIP.replace("\"patch_size\": 8", "\"patch_size\": 8, \"head_width\": 32, \"norm_kwargs\": {\"eps\": 0.05}")
                .replace("\"width\": 64, \"heads\": 1, ", "\"width\": 256, ");
        LoadedModel model = ModelReader.read(openClipFolder(folder, timm, 256, Tensor.scalar(2), config), LoadOptions.NONE);
        assertEquals(8, model.text().orElseThrow().heads(), "what is left out is open_clip's default, whatever the width");
        assertEquals(1e-5f, model.text().orElseThrow().epsilon());
        double[] expected = tower.feature(timm, 4, HALF, HALF, 0.05, true);
        assertEquals(1, cosine(expected, embed(model, model.preprocess())), 1e-9);
    }

    @Test
    void aLogitScaleOfOneElementIsAScalar() throws IOException {
        TinyWeights tower = TinyWeights.of(128, 2);
        Map<String, Tensor> timm = tower.timm(9, 0.15);
        LoadedModel model = ModelReader.read(openClipFolder(folder, timm, 64, TinyWeights.fill(2, 1), OPEN_CLIP), LoadOptions.NONE);
        assertEquals(Shape.SCALAR, model.model().weights().get("logit_scale").shape());
        assertEquals(2, model.model().weights().get("logit_scale").get(0));
        assertTrue(refusal(openClipFolder(folder, timm, 64, TinyWeights.fill(2, 2), OPEN_CLIP), LoadOptions.NONE).contains("logit_scale"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"layers\": 2 | \"layers\": 2, \"pool_type\": \"avg\" | vision_cfg.pool_type",
        "\"layers\": 2 | \"layers\": 2, \"attentional_pool\": true | vision_cfg.attentional_pool",
        "\"layers\": 2 | \"layers\": 2, \"act_kwargs\": {\"approximate\": \"tanh\"} | vision_cfg.act_kwargs",
        "\"layers\": 2 | \"layers\": 2, \"timm_model_name\": \"vit_base\" | vision_cfg.timm_model_name",
        "\"layers\": 2 | \"layers\": 2, \"mlp_ratio\": 4.3637 | vision_cfg.mlp_ratio",
        "\"layers\": 2 | \"layers\": 2, \"head_width\": 96 | vision_cfg.head_width",
        "\"layers\": 2 | \"layers\": 12 | vision_cfg.layers", "\"heads\": 1 | \"heads\": 3 | text_cfg.heads",
        "\"heads\": 1 | \"heads\": 1, \"no_causal_mask\": true | text_cfg.no_causal_mask",
        "\"heads\": 1 | \"heads\": 1, \"pool_type\": \"eos\" | text_cfg.pool_type",
        "\"heads\": 1 | \"heads\": 1, \"tokenizer_kwargs\": {\"clean\": \"canonicalize\"} | text_cfg.tokenizer_kwargs",
        "\"embed_dim\": 128 | \"embed_dim\": 512 | model_cfg.embed_dim",
        "\"mean\": [0.5, 0.5, 0.5] | \"resize_mode\": \"longest\" | preprocess_cfg.resize_mode",
        "\"mean\": [0.5, 0.5, 0.5] | \"size\": 224 | preprocess_cfg.size",
        "\"mean\": [0.5, 0.5, 0.5] | \"mean\": [0.5, 0.5] | preprocess_cfg.mean"})
    void openClipConfigurationsThatMeanSomethingElseAreRefused(String old, String changed, String key) throws IOException {
        assertTrue(OPEN_CLIP.contains(old), old);
        Files.writeString(openClipModel.resolve("open_clip_config.json"), OPEN_CLIP.replace(old, changed));
        String message = refusal(openClipModel, LoadOptions.NONE);
        assertTrue(message.contains("open_clip_config.json, key '") && message.contains(key + "': expected ")
                && message.contains(", found "), message);
    }

    // ---- architectures that are not read -------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"dist_token | distilled DeiT", "reg_token | registers", "blocks.0.ls1.gamma | layer scale",
        "blocks.0.gamma_1 | layer scale", "blocks.0.attn.q_bias | BEiT", "blocks.0.attn.q_norm.weight | normalises queries",
        "blocks.0.attn.relative_position_bias_table | relative positions", "fc_norm.weight | mean pooling",
        "norm_pre.weight | image tower of a CLIP", "attn_pool.latent | attention pooling", "decoder_embed.weight | masked autoencoder",
        "blocks.0.attn.qkv.lora_A.weight | LoRA"})
    void aTensorOfAnotherArchitectureIsNamed(String tensor, String architecture) throws IOException {
        LinkedHashMap<String, Tensor> w = TinyWeights.of(64, 1).timm(11, 0.1);
        w.put(tensor, TinyWeights.fill(1, 64));
        String message = refusal(safetensors("other.safetensors", w), ModelParity.TWO_HEADS);
        assertTrue(message.contains("'" + tensor + "'") && message.contains(architecture), message);
    }

    @Test
    void aTensorThatOtherArchitecturesLackIsNamedToo() throws IOException {
        LinkedHashMap<String, Tensor> beit = TinyWeights.of(64, 1).timm(11, 0.1);
        beit.remove("blocks.0.attn.qkv.bias");
        assertTrue(refusal(safetensors("a.safetensors", beit), ModelParity.TWO_HEADS).contains("'blocks.0.attn.qkv.bias'"));
        beit.put("blocks.0.attn.q_bias", TinyWeights.fill(0, 64));
        assertTrue(refusal(safetensors("a.safetensors", beit), ModelParity.TWO_HEADS).contains("BEiT"));
        LinkedHashMap<String, Tensor> distilled = TinyWeights.of(64, 1).timm(11, 0.1);
        distilled.put("pos_embed", TinyWeights.fill(0, 1, 6, 64));
        assertTrue(refusal(safetensors("a.safetensors", distilled), ModelParity.TWO_HEADS).contains("6 positions"));
        distilled.put("pos_embed", TinyWeights.fill(0, 1, 4, 64));
        assertTrue(refusal(safetensors("a.safetensors", distilled), ModelParity.TWO_HEADS).contains("none for a class token"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"logit_bias|SigLIP", "visual.trunk.blocks.0.norm1.weight|OpenCLIP with an image tower from timm",
        "visual.layer1.0.conv1.weight|ResNet", "patch_embed.proj.0.weight|convolutions",
        "vit.encoder.layer.0.attention.attention.query.weight|Hugging Face"})
    void filesOfNoFamilyAreNamedWhereTheyCanBe(String pair) throws IOException {
        String[] parts = pair.split("\\|");
        String message = refusal(safetensors("b.safetensors", new LinkedHashMap<>(Map.of(parts[0], Tensor.scalar(1)))), LoadOptions.NONE);
        assertTrue(message.contains(parts[1]), message);
    }

    @Test
    void quantisedWeightsAreRefused() throws IOException {
        byte[] whole = Files.readAllBytes(safetensors("c.safetensors", TinyWeights.of(64, 1).timm(12, 0.1)));
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        String changed = text.replaceFirst("(\"norm.weight\":\\{\"dtype\":\")F32", "$1I32");
        assertFalse(changed.equals(text));
        Path file = Files.write(folder.resolve("c.safetensors"), changed.getBytes(StandardCharsets.ISO_8859_1));
        String message = refusal(file, ModelParity.TWO_HEADS);
        assertTrue(message.contains("'norm.weight'") && message.contains("I32"), message);
    }

    // ---- weights that are not finite ----------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void weightsThatAreNotFiniteAreNamed(float value) throws IOException {
        LinkedHashMap<String, Tensor> w = TinyWeights.of(64, 1).timm(13, 0.1);
        Tensor weight = w.get("blocks.0.mlp.fc1.weight");
        weight.set(3 * 64 + 17, value);
        weight.set(255 * 64 + 63, value);
        String message = refusal(safetensors("d.safetensors", w), ModelParity.TWO_HEADS);
        assertTrue(message.contains("tensor 'blocks.0.mlp.fc1.weight'") && message.contains("found 2 of 16384 that are not, the first "
                + value + " at [3, 17]"), message);
        Map<String, Object> state = new LinkedHashMap<>(w);
        assertTrue(refusal(TrainingState.write(folder.resolve("d.pth"), state), ModelParity.TWO_HEADS).contains(value + " at [3, 17]"));
    }

    @Test
    void convertedWeightsInHalfPrecisionAreLookedAtToo(@TempDir Path model) throws IOException {
        LinkedHashMap<String, Tensor> w = TinyWeights.of(64, 1).timm(14, 0.1);
        LoadedModel loaded = ModelReader.read(safetensors("e.safetensors", w), ModelParity.TWO_HEADS);
        ModelFolder.save(loaded.model(), model, loaded.preprocess(), loaded.merges(), StorageType.FP16, Map.of());
        ModelReader.read(model, LoadOptions.NONE);
        byte[] bytes = Files.readAllBytes(model.resolve("model.safetensors"));
        StoredTensor token = Checkpoint.open(model).tensor("visual.class_embedding");
        bytes[(int) token.position() + 5] = 0x7e; // a half NaN in place of element 2
        Files.write(model.resolve("model.safetensors"), bytes);
        String message = refusal(model, LoadOptions.NONE);
        assertTrue(message.contains("'visual.class_embedding'") && message.contains("NaN at [2]"), message);
    }
}
