package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Readable files that pretend to be models, and indexes that lead astray. */
class HostileModelsTest {

    @TempDir
    static Path files;
    /** Names and shapes of a model that can be read. */
    private static final Map<String, List<Long>> MODEL = new LinkedHashMap<>();

    @BeforeAll
    static void unpack() throws IOException {
        PackedFiles.unpack(files);
        Checkpoint.open(files.resolve("augreg-timm.safetensors")).tensors()
                .forEach((name, tensor) -> MODEL.put(name, tensor.shape()));
    }

    /** A small file in which every tensor repeats one element. */
    private static KeyMatch match(Map<String, List<Long>> shapes) {
        PickleWriter p = new PickleWriter().op("}");
        shapes.forEach((name, shape) -> p.text(name).tensor(0, shape.stream().mapToLong(Long::longValue)
                .toArray(), new long[shape.size()]).op("s"));
        return KeyMatch.of(Hostile.open(RawZip.torch(p.bytes()).bytes()).orElseThrow(), null);
    }

    private static void read(KeyMatch match) {
        ModelFacts.of(match, ModelSizes.of(match.tensors()), LoadOptions.NONE);
        match.tensors().load();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\\E(((.", "\\E.*\\Q.", "(a+)+$.", "{i}.", "\\."})
    void aPrefixIsNoPattern(String prefix) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        MODEL.forEach((name, shape) -> shapes.put(prefix + name, shape));
        KeyMatch match = match(shapes);
        assertEquals(prefix, match.prefix());
        read(match);
    }

    @Test
    void extentsBeyondMeasureAreRefused() {
        List<String> used = match(MODEL).tensors().sources().values().stream().flatMap(source -> source.parts().stream())
                .map(StoredTensor::name).toList();
        assertTrue(used.size() > 20, used::toString);
        for (String name : used) {
            for (long extent : new long[] {0, Integer.MAX_VALUE, 1L << 32, 1L << 40}) {
                for (int axis = 0; axis < MODEL.get(name).size(); axis++) {
                    List<Long> shape = new ArrayList<>(MODEL.get(name));
                    shape.set(axis, extent);
                    Map<String, List<Long>> shapes = new LinkedHashMap<>(MODEL);
                    shapes.put(name, shape);
                    KeyMatch match = match(shapes);
                    Hostile.oneLine(assertThrows(CheckpointException.class, () -> read(match), name + shape));
                }
            }
        }
    }

    @Test
    void manyLargeTensorsOfASmallFileAreRefusedTogether() {
        PickleWriter p = new PickleWriter().op("}").tensor(0, new long[] {16 << 20}, new long[] {0}).put(0).op("0");
        for (String name : MODEL.keySet()) {
            for (int i = 0; i < (name.startsWith("blocks.0.") ? 100 : name.startsWith("blocks.") ? 0 : 1); i++) {
                p.text(name.replace("blocks.0.", "blocks." + i + ".")).get(0).op("s");
            }
        }
        KeyMatch match = KeyMatch.of(Hostile.open(RawZip.torch(p.bytes()).bytes()).orElseThrow(), null);
        Hostile.check(assertThrows(CheckpointException.class, match.tensors()::load));
    }

    @Test
    void indexesThatLeadAstrayAreRefused() throws IOException {
        Path folder = Files.createDirectory(files.resolve("index"));
        Path index = folder.resolve("model.safetensors.index.json");
        Files.copy(files.resolve("augreg-timm.safetensors"), folder.resolve("shard"));
        Files.writeString(folder.resolve("other.json"), "{\"weight_map\":{\"a\":\"model.safetensors.index.json\"}}");
        for (String shard : List.of("\"../augreg-timm.safetensors\"", "\"/etc/passwd\"", "\"a/b\"", "\"..\\\\x\"", "\"C:x\"",
                "\"\"", "\".\"", "\"..\"",
                "\"a\\u0000b\"", "\"a\\nb\"", "\"\\ud800\"", "\"\\u009b\"", "\"missing\"", "\"shard\"",
                "\"model.safetensors.index.json\"",
                "\"other.json\"", "null", "1", "{}", "[\"shard\"]", "\"" + "x".repeat(5000) + "\"")) {
            refused(index, "{\"weight_map\":{\"no.such.tensor\":" + shard + "}}");
        }
        for (String text : List.of("{", "{}", "{\"weight_map\":[]}", "{\"weight_map\":{}}", "{\"weight_map\":7}",
                "{\"a\":".repeat(100_000),
                "{\"weight_map\":{\"a\":\"" + "x".repeat(1 << 20) + "\"}}")) {
            refused(index, text);
        }
    }

    private static void refused(Path index, String text) throws IOException {
        Files.write(index, text.getBytes(StandardCharsets.UTF_8));
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(index), text.substring(0,
                Math.min(100, text.length())));
        Hostile.oneLine(e);
        assertTrue(e.file().startsWith(index.getParent()), e::getMessage);
    }
}
