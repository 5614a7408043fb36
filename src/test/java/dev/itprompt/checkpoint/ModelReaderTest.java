package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.checkpoint.Checkpoint.Container;
import dev.itprompt.checkpoint.LoadOptions.Nonlinearity;
import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import dev.itprompt.device.Device;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.model.Clip;
import dev.itprompt.model.VisionModel;
import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ModelReaderTest {

    private static final List<ModelParity> ALL = ModelParity.ALL;

    @TempDir
    static Path files;

    @BeforeAll
    static void unpack() throws IOException {
        PackedFiles.unpack(files);
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void embedsAsPyTorchDoes(ModelParity parity) {
        try (Device device = new CpuDevice(2); Device reference = new ReferenceDevice()) {
            LoadedModel loaded = parity.read(files);
            parity.check(loaded.model(), files, device, 1e-5);
            parity.check(loaded.model(), files, reference, 1e-6);
        }
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void aConvertedModelIsTheSameModel(ModelParity parity, @TempDir Path folder) {
        LoadedModel loaded = parity.read(files);
        Preprocess preprocess = loaded.prepared().known() ? loaded.preprocess() : Preprocess.named(Normalization.Name.HALF, 32);
        ModelFolder.save(loaded.model(), folder, preprocess, loaded.merges(), StorageType.FP32, Map.of("source_sha256", "x"));
        LoadedModel again = ModelReader.read(folder, LoadOptions.NONE);
        assertEquals(loaded.model().vision(), again.model().vision());
        assertEquals(loaded.text(), again.text());
        assertEquals(preprocess, again.preprocess());
        assertEquals(loaded.merges().isPresent(), again.merges().isPresent());
        assertEquals("x", again.checkpoint().metadata().get("source_sha256"));
        assertEquals(loaded.model().weights().keySet(), again.model().weights().keySet());
        loaded.model().weights().forEach((name, tensor) -> assertArrayEquals(tensor.toArray(),
                again.model().weights().get(name).toArray(), name));
    }

    @Test
    void halfPrecisionStorageStaysClose(@TempDir Path folder) {
        ModelParity parity = ModelParity.of("openclip-quickgelu", "clip-quickgelu");
        LoadedModel loaded = parity.read(files);
        ModelFolder.save(loaded.model(), folder, loaded.preprocess(), loaded.merges(), StorageType.FP16, Map.of());
        try (Device device = new CpuDevice(1)) {
            parity.check(ModelReader.read(folder, LoadOptions.NONE).model(), files, device, 5e-3);
        }
    }

    @Test
    void familiesContainersAndPreprocessingAreRecognised() {
        assertFamily("openai-clip-torchscript.pt", Container.TORCHSCRIPT, "OpenAI's CLIP", Normalization.CLIP);
        assertFamily("openai-clip-legacy.pt", Container.TORCH_LEGACY, "OpenAI's CLIP", Normalization.CLIP);
        assertFamily("openai-clip-state-dict.pt", Container.TORCH, "OpenAI's CLIP", Normalization.CLIP);
        assertFamily("openclip", Container.TORCH, "OpenCLIP", Normalization.CLIP);
        assertFamily("huggingface-clip", Container.SAFETENSORS, "Hugging Face", Normalization.CLIP);
        assertFamily("huggingface-clip-sharded", Container.SHARDED, "Hugging Face", Normalization.CLIP);
        assertFamily("dino.pth", Container.TORCH, "backbone only", Normalization.IMAGENET);
        assertFamily("ibot-21k.pth", Container.TORCH, "iBOT", Normalization.IMAGENET);
        assertFamily("mocov3.pth.tar", Container.TORCH, "MoCo v3", Normalization.IMAGENET);
        assertFamily("augreg-timm.safetensors", Container.SAFETENSORS, "classifier", null);
        assertFamily("google-vit.npz", Container.NPZ, "Google", Normalization.HALF);
    }

    private static void assertFamily(String file, Container container, String family, Normalization normalization) {
        LoadOptions options = ModelParity.ALL.stream().filter(parity -> parity.file().equals(file)).findFirst().orElseThrow().options();
        LoadedModel loaded = ModelReader.read(files.resolve(file), options);
        assertEquals(container, loaded.checkpoint().container(), file);
        assertTrue(loaded.family().contains(family), loaded.family());
        if (normalization == null) {
            InputException e = assertThrows(InputException.class, loaded::preprocess);
            assertTrue(e.getMessage().contains("--preprocess"), e.getMessage());
        } else {
            assertEquals(normalization, loaded.preprocess().normalization(), file);
        }
        boolean clip = normalization == Normalization.CLIP;
        assertEquals(clip ? Clip.class : VisionModel.class, loaded.model().getClass(), file);
    }

    @Test
    void whatIsLeftOutIsListed() {
        List<String> dropped = ModelReader.read(files.resolve("ibot-21k.pth"), LoadOptions.NONE).dropped();
        assertTrue(dropped.contains("teacher.backbone.masked_embed") || dropped.contains("student.module.backbone.masked_embed"), dropped::toString);
        assertTrue(dropped.contains("student.module.backbone.cls_token"));
        assertTrue(dropped.stream().anyMatch(name -> name.startsWith("optimizer.state.")));
        assertTrue(dropped.stream().noneMatch(name -> name.startsWith("teacher.backbone.blocks.")));
        assertEquals(List.of("input_resolution", "context_length", "vocab_size"),
                ModelReader.read(files.resolve("openai-clip-state-dict.pt"), LoadOptions.NONE).dropped());
    }

    @Test
    void weightsThatDoNotTellTheirActivationAreRefused() {
        InputException e = assertThrows(InputException.class,
                () -> ModelReader.read(files.resolve("openclip-training.pt"), LoadOptions.NONE));
        assertTrue(e.getMessage().contains("--activation"), e.getMessage());
    }

    @Test
    void aMissingTensorIsNamedWithItsNearestCandidate(@TempDir Path folder) {
        LinkedHashMap<String, Tensor> tensors = dino();
        tensors.put("blocks.1.norm2.wieght", tensors.remove("blocks.1.norm2.weight"));
        SafeTensors.write(folder.resolve("x"), tensors, Map.of(), StorageType.FP32);
        CheckpointException e = assertThrows(CheckpointException.class,
                () -> ModelReader.read(folder.resolve("x"), LoadOptions.NONE));
        assertEquals("blocks.1.norm2.weight", e.tensor());
        assertTrue(e.getMessage().contains("'blocks.1.norm2.wieght'"), e.getMessage());
    }

    @Test
    void anUnknownTensorOfTheBackboneIsRefused(@TempDir Path folder) {
        LinkedHashMap<String, Tensor> tensors = dino();
        tensors.put("blocks.0.ls1.gamma", Tensor.scalar(1));
        SafeTensors.write(folder.resolve("x"), tensors, Map.of(), StorageType.FP32);
        CheckpointException e = assertThrows(CheckpointException.class,
                () -> ModelReader.read(folder.resolve("x"), LoadOptions.NONE));
        assertEquals("blocks.0.ls1.gamma", e.tensor());
    }

    @Test
    void aFileWithoutAModelSaysWhatItHolds(@TempDir Path folder) {
        SafeTensors.write(folder.resolve("x"), new LinkedHashMap<>(Map.of("layer1.0.weight", Tensor.scalar(1))), Map.of(), StorageType.FP32);
        InputException e = assertThrows(InputException.class, () -> ModelReader.read(folder.resolve("x"), LoadOptions.NONE));
        assertTrue(e.getMessage().contains("layer1.0.weight") && e.getMessage().contains("timm-vit"), e.getMessage());
    }

    @Test
    void anUnknownBranchListsTheCopies() {
        InputException e = assertThrows(InputException.class, () -> ModelReader.read(files.resolve("mocov3.pth.tar"),
                new LoadOptions("teacher", Nonlinearity.AUTO, 0, 0, "", 0)));
        assertTrue(e.getMessage().contains("base_encoder") && e.getMessage().contains("momentum_encoder"), e.getMessage());
    }

    @Test
    void positionEmbeddingsAreResizedToAnotherImageSize() {
        LoadedModel larger = ModelReader.read(files.resolve("dino.pth"), new LoadOptions("", Nonlinearity.AUTO, 2, 0, "", 56));
        assertEquals(56, larger.model().vision().imageSize());
        assertEquals(1 + 7 * 7, larger.model().weights().get("visual.positional_embedding").shape().dim(0));
        assertEquals(64, larger.preprocess().resize(), "256/224 of the side");
        InputException e = assertThrows(InputException.class,
                () -> ModelReader.read(files.resolve("dino.pth"), new LoadOptions("", Nonlinearity.AUTO, 2, 0, "", 57)));
        assertTrue(e.getMessage().contains("patch size 8"), e.getMessage());
    }

    @Test
    void positionEmbeddingsAreResizedAsPyTorchDoesIt() {
        Checkpoint golden = Checkpoint.open(files.resolve("pos-embed-resize.golden.safetensors"));
        int cases = golden.tensors().size() / 2;
        assertTrue(cases >= 3);
        for (int i = 0; i < cases; i++) {
            Tensor expected = golden.tensor("out." + i).load();
            Tensor actual = PositionEmbedding.resize(golden.tensor("in." + i).load(), PositionEmbedding.grid(expected.shape().dim(0)));
            assertEquals(expected.shape(), actual.shape());
            assertArrayEquals(expected.toArray(), actual.toArray(), 2e-6f, "case " + i);
        }
    }

    @Test
    void theTokenizerIsFoundBesideTheWeights(@TempDir Path folder) throws IOException {
        Clip clip = (Clip) ModelReader.read(files.resolve("huggingface-clip"), LoadOptions.NONE).model();
        assertEquals(clip.text().vocabulary(), clip.tokenizer().orElseThrow().vocabularySize());
        Path alone = Files.copy(files.resolve("openai-clip-state-dict.pt"), folder.resolve("clip.pt"), StandardCopyOption.REPLACE_EXISTING);
        assertTrue(((Clip) ModelReader.read(alone, LoadOptions.NONE).model()).tokenizer().isEmpty());
        String merges = files.resolve("huggingface-clip/merges.txt").toString();
        assertTrue(((Clip) ModelReader.read(alone, new LoadOptions("", Nonlinearity.AUTO, 0, 0, merges, 0)).model()).tokenizer().isPresent());
    }

    private static LinkedHashMap<String, Tensor> dino() {
        LinkedHashMap<String, Tensor> tensors = new LinkedHashMap<>();
        Checkpoint.open(files.resolve("dino.pth")).tensors().forEach((name, tensor) -> tensors.put(name, tensor.load()));
        return tensors;
    }
}
