package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.PackedFiles;
import dev.itprompt.cli.TinyProject.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code inspect}, {@code convert}, {@code embed} and {@code train} with checkpoints that PyTorch wrote. */
class CheckpointCliTest {

    @TempDir
    static Path files;

    @TempDir
    Path folder;

    @BeforeAll
    static void unpack() throws IOException {
        PackedFiles.unpack(files);
    }

    private static Outcome ok(String... arguments) {
        Outcome outcome = TinyProject.run(arguments);
        assertEquals(0, outcome.exitCode(), outcome.err());
        return outcome;
    }

    private static String path(String file) {
        return files.resolve(file).toString();
    }

    private Path picture() throws IOException {
        Path picture = folder.resolve("picture.png");
        new TinyProject(folder).writePicture(picture, 0);
        return picture;
    }

    @Test
    void inspectShowsFamilyModelTensorsAndHash() throws Exception {
        String out = ok("inspect", path("ibot-21k.pth")).out();
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(files.resolve("ibot-21k.pth"))));
        for (String part : new String[] {"PyTorch zip", "iBOT", "32x32 pixels, patches of 8, width 128, 2 blocks, 2 heads",
            "prefix      'teacher.backbone.', another copy below 'student.module.backbone.'", "args: object of argparse.Namespace",
            "teacher.backbone.blocks.1.mlp.fc2.weight", "sha256      " + hash}) {
            assertTrue(out.contains(part), part + " in:\n" + out);
        }
        assertTrue(out.indexOf("taken") < out.indexOf("teacher.backbone.cls_token"));
        assertTrue(out.indexOf("dropped") < out.indexOf("student.module.backbone.cls_token"));
        assertFalse(ok("inspect", "--no-sha256", path("dino.pth")).out().contains("sha256"));
    }

    @Test
    void inspectWritesJson() {
        JsonNode root = JsonMapper.shared().readTree(ok("inspect", "--json", path("huggingface-clip-sharded")).out());
        assertEquals("sharded", root.path("container").stringValue());
        assertEquals(2, root.path("files").size());
        assertEquals(64, root.path("sha256").stringValue().length());
        assertEquals(128, root.path("vision").path("width").intValue());
        assertEquals(520, root.path("text").path("vocabulary").intValue());
        JsonNode first = root.path("tensors").path(0);
        assertTrue(first.path("name").isString() && first.path("shape").isArray() && first.path("offset").longValue() > 0);
        assertTrue(root.path("tensors").valueStream().anyMatch(t -> !t.path("taken").booleanValue()));
    }

    @Test
    void inspectDescribesAFileWithoutAModelAndRefusesADamagedOne() throws IOException {
        assertTrue(ok("inspect", path("oddities.pt")).out().contains("none that is known"));
        Path damaged = folder.resolve("damaged.pt");
        byte[] bytes = Files.readAllBytes(files.resolve("dino.pth"));
        Files.write(damaged, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        Outcome outcome = TinyProject.run("inspect", damaged.toString());
        assertEquals(2, outcome.exitCode());
        assertTrue(outcome.err().contains("damaged.pt, offset ") && outcome.err().strip().lines().count() == 1, outcome.err());
    }

    @Test
    void anEmbeddingIsTheSameFromTheOriginalAndTheConvertedModel() throws IOException {
        Path model = folder.resolve("model");
        String merges = path("huggingface-clip/merges.txt");
        String said = ok("convert", path("openai-clip-torchscript.pt"), "--merges", merges, "--output", model.toString()).out();
        assertTrue(said.contains("OpenAI's CLIP") && said.contains("sha256"), said);
        for (String name : new String[] {"model.safetensors", "config.json", "preprocessor_config.json", "merges.txt.gz"}) {
            assertTrue(Files.exists(model.resolve(name)), name);
        }
        assertTrue(Checkpoint.open(model).metadata().get("source_sha256").matches("[0-9a-f]{64}"));
        float[] original = embed(path("openai-clip-torchscript.pt"), "--image", picture().toString(), picture().toString());
        assertArrayEquals(original, embed(model.toString(), "--image", picture().toString(), picture().toString()));
        assertArrayEquals(embed(path("huggingface-clip"), "--text", "a cat"), embed(model.toString(), "--text", "a cat"));
    }

    private float[] embed(String checkpoint, String... inputs) throws IOException {
        Path out = Files.createTempFile(folder, "rows", ".npy");
        String[] arguments = {"embed", "--checkpoint", checkpoint, "--output", out.toString(), "--device", "reference"};
        String[] all = java.util.stream.Stream.of(arguments, inputs).flatMap(java.util.Arrays::stream).toArray(String[]::new);
        ok(all);
        var rows = Checkpoint.open(out).tensors().values().iterator().next();
        assertEquals(List.of(inputs.length - 1L, 32L), rows.shape());
        return rows.load().toArray();
    }

    @Test
    void embedWritesJsonAndObeysTheProfile() throws IOException {
        Path out = folder.resolve("rows.json");
        ok("embed", "--checkpoint", path("dino.pth"), "--image", picture().toString(), "--output", out.toString());
        JsonNode row = JsonMapper.shared().readTree(Files.readString(out)).path(0);
        assertEquals(picture().toString(), row.path("input").stringValue());
        assertEquals(128, row.path("embedding").size());
        ok("embed", "--checkpoint", path("dino.pth"), "--image", picture().toString(), "--preprocess", "half", "--output", out.toString());
        assertTrue(row.path("embedding").path(0).doubleValue()
                != JsonMapper.shared().readTree(Files.readString(out)).path(0).path("embedding").path(0).doubleValue());
    }

    @Test
    void whatCannotBeEmbeddedIsRefused() throws IOException {
        assertRefused("without a text side", "embed", "--checkpoint", path("dino.pth"), "--text", "a cat", "--output", "x.npy");
        assertRefused("--merges", "embed", "--checkpoint", path("openai-clip-state-dict.pt"), "--text", "a cat", "--output", "x.npy");
        assertRefused(".npy or .json", "embed", "--checkpoint", path("dino.pth"), "--image", picture().toString(), "--output", "x.csv");
        assertRefused("--activation", "convert", path("openclip-training.pt"), "--output", folder.resolve("m").toString());
        assertFalse(Files.exists(folder.resolve("m")), "nothing is written before everything is known");
    }

    private static void assertRefused(String part, String... arguments) {
        Outcome outcome = TinyProject.run(arguments);
        assertEquals(2, outcome.exitCode(), outcome.out() + outcome.err());
        assertTrue(outcome.err().contains(part), outcome.err());
    }

    @Test
    void trainTakesAnOriginalFileAndSaysWhatAModelWithoutTextsNeeds() throws IOException {
        TinyProject project = TinyProject.create(folder);
        Outcome refused = project.train("--checkpoint", path("dino.pth"), "--output", project.output().toString());
        assertEquals(2, refused.exitCode());
        for (String change : new String[] {"itPrompt.textGuide=off", "methods without zero-shot", "heldOut.path=''"}) {
            assertTrue(refused.err().contains(change), refused.err());
        }
        Outcome trained = project.train("--checkpoint", path("mocov3.pth.tar"), "--set", "load.branch=momentum_encoder", "--set",
                "itPrompt.textGuide=off", "--set", "methods=it-prompt,ncm", "--set", "heldOut.path=", "--output",
                project.output().toString());
        assertEquals(0, trained.exitCode(), trained.err());
        assertTrue(trained.out().contains("it-prompt") && trained.out().contains("mocov3.pth.tar"), trained.out());
    }
}
