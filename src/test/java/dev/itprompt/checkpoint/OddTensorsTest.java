package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tensors of every type, layout and place in a PyTorch file, against what PyTorch says they hold. */
class OddTensorsTest {

    private static final Map<String, ElementType> TYPES = Map.ofEntries(Map.entry("float64", ElementType.F64),
            Map.entry("float32", ElementType.F32), Map.entry("float16", ElementType.F16), Map.entry("bfloat16", ElementType.BF16),
            Map.entry("int8", ElementType.I8), Map.entry("int16", ElementType.I16), Map.entry("int32", ElementType.I32),
            Map.entry("int64", ElementType.I64), Map.entry("uint8", ElementType.U8), Map.entry("bool", ElementType.BOOL));

    @TempDir
    static Path files;

    @BeforeAll
    static void unpack() throws IOException {
        PackedFiles.unpack(files);
    }

    @ParameterizedTest
    @ValueSource(strings = {"oddities.pt", "oddities-legacy.pt"})
    void holdWhatPyTorchSays(String file) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(files.resolve(file));
        JsonNode golden = JsonMapper.shared().readTree(Files.readString(files.resolve("oddities.golden.json")));
        Set<String> names = new TreeSet<>();
        for (String list : new String[] {"tensors", "arrays"}) {
            for (JsonNode expected : golden.path(list)) {
                names.add(expected.path("name").stringValue());
                check(checkpoint.tensor(expected.path("name").stringValue()), expected);
            }
        }
        assertTrue(names.size() > 20, names::toString);
        assertEquals(names, new TreeSet<>(checkpoint.tensors().keySet()));
    }

    private static void check(StoredTensor tensor, JsonNode expected) {
        String name = tensor.name();
        assertEquals(TYPES.get(expected.path("dtype").stringValue()), tensor.type(), name);
        assertEquals(expected.path("shape").valueStream().map(JsonNode::longValue).toList(), tensor.shape(), name);
        if (tensor.elements() == 0) {
            assertThrows(CheckpointException.class, tensor::load, name);
            return;
        }
        Tensor loaded = tensor.load();
        int i = 0;
        for (JsonNode value : expected.path("values")) {
            float number = value.isBoolean() ? (value.booleanValue() ? 1 : 0) : (float) value.doubleValue();
            assertEquals(number, loaded.get(i++), String.format(Locale.ROOT, "%s[%d]", name, i - 1));
        }
        assertEquals(loaded.shape().size(), i, name);
    }

    @Test
    void whatIsNoTensorIsDescribed() {
        Map<String, String> others = Checkpoint.open(files.resolve("oddities.pt")).others();
        assertTrue(others.values().stream().anyMatch(text -> text.equals("None")), others::toString);
        assertTrue(others.keySet().stream().noneMatch(name -> name.contains("_rebuild")), others::toString);
    }

    @Test
    void kindsThatAreNotReadAreReportedBesideTheOthers() {
        Checkpoint checkpoint = Checkpoint.open(files.resolve("unsupported.pt"));
        assertEquals(Set.of("dense"), checkpoint.tensors().keySet());
        assertTrue(checkpoint.others().keySet().containsAll(Set.of("sparse", "quantised", "complex64")), checkpoint.others()::toString);
    }
}
