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
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
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
    void inspectSaysWhereEachFactComesFrom() {
        String clip = ok("inspect", "--no-sha256", path("openclip")).out();
        for (String line : new String[] {
            "imageSize       32                                             4 x 4 position embeddings, patches of 8 pixels",
            "heads           2                                              heads of 64 columns, open_clip's default, which open_clip_config",
            "activation      gelu                                           open_clip's default", "epsilon         1.0E-5",
            "pooling         class_token", "images          shorter side to 32, middle of 32, bicubic",
            "mean            [0.48145466, 0.4578275, 0.40821073]            open_clip_config.json, preprocess_cfg",
            "textHeads       1                                              open_clip_config.json, model_cfg.text_cfg.heads"}) {
            assertTrue(clip.contains(line), line + " in:\n" + clip);
        }
        assertTrue(ok("inspect", "--no-sha256", path("ibot-21k.pth")).out().contains("heads of 64 columns as in vit_base, named by the "
                + "training state"));
        String unknown = ok("inspect", "--no-sha256", path("augreg-timm.bin")).out();
        assertTrue(unknown.contains("heads           unknown                                        told nowhere; give --heads (load.heads)"), unknown);
        assertTrue(unknown.contains("preprocess      unknown                                        told nowhere; give --preprocess"), unknown);
        JsonNode facts = JsonMapper.shared().readTree(ok("inspect", "--json", "--no-sha256", "--heads", "4", path("augreg-timm.bin")).out())
                .path("facts");
        assertEquals(JsonMapper.shared().readTree("{\"value\": 4, \"source\": \"--heads\"}"), facts.path("heads"));
        assertTrue(facts.path("preprocess").path("value").isNull() && facts.path("preprocess").path("option").isString(), facts::toString);
        assertEquals(1e-6, facts.path("epsilon").path("value").doubleValue());
        JsonNode google = JsonMapper.shared().readTree(ok("inspect", "--json", "--no-sha256", path("google-vit.npz")).out()).path("facts");
        assertEquals("an axis of the attention kernels", google.path("heads").path("source").stringValue());
        assertEquals(0.5, google.path("preprocess").path("value").path("image_mean").path(0).doubleValue());
    }

    @Test
    void inspectDescribesAFileWithoutAModelAndRefusesADamagedOne() throws IOException {
        assertTrue(ok("inspect", path("oddities.pt")).out().contains("none that is known"));
        Path damaged = folder.resolve("damaged.pt");
        byte[] bytes = Files.readAllBytes(files.resolve("dino.pth"));
        Files.write(damaged, Arrays.copyOf(bytes, bytes.length / 2));
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

    @Test
    void convertReplacesNothing() throws IOException {
        Path model = folder.resolve("model");
        ok("convert", path("huggingface-clip"), "--output", model.toString());
        Path copy = folder.resolve("copy");
        Files.createDirectory(copy);
        Files.copy(files.resolve("openai-clip-state-dict.pt"), copy.resolve("clip.pt"));
        boolean links = !System.getProperty("os.name").startsWith("Windows"); // where they need a privilege
        Path link = links ? Files.createSymbolicLink(folder.resolve("link"), model) : model;
        String plain = picture().toString();
        Map<String, String> before = hashes();
        for (String[] pair : new String[][] {{model.toString(), model.toString()}, {model.toString(), link.toString()},
            {link.toString(), model.toString()}, {model + "/model.safetensors", model.toString()}, {model.toString(), model + "/."},
            {copy + "/clip.pt", copy.toString()}, {path("huggingface-clip"), copy.toString()}, {path("huggingface-clip"), plain},
            {path("huggingface-clip"), plain + "/below"}}) {
            Outcome outcome = TinyProject.run("convert", pair[0], "--output", pair[1], "--storage", "fp16");
            assertEquals(2, outcome.exitCode(), pair[0] + " to " + pair[1] + ": " + outcome.out() + outcome.err());
            assertEquals(1, outcome.err().strip().lines().count(), outcome.err());
            assertEquals(before, hashes());
        }
        Path below = model.resolve("half");
        ok("convert", model.toString(), "--output", below.toString(), "--storage", "fp16");
        assertTrue(Files.size(below.resolve("model.safetensors")) < Files.size(model.resolve("model.safetensors")));
    }

    private Map<String, String> hashes() throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                hashes.put(folder.relativize(file).toString(), Integer.toHexString(Arrays.hashCode(Files.readAllBytes(file))));
            }
        }
        return hashes;
    }

    @Test
    void convertAsksHowImagesArePrepared() throws IOException {
        Path model = folder.resolve("model");
        assertRefused("--preprocess", "convert", path("augreg-timm.bin"), "--heads", "2", "--output", model.toString());
        assertFalse(Files.exists(model));
        ok("convert", path("augreg-timm.bin"), "--heads", "2", "--preprocess", "half", "--output", model.toString());
        String out = ok("inspect", "--no-sha256", model.toString()).out();
        assertTrue(out.contains("mean            [0.5, 0.5, 0.5]") && out.contains("preprocessor_config.json"), out);
        assertRefused("--heads: expected a whole number from 0 to 4096, found -1", "inspect", "--heads", "-1", path("dino.pth"));
    }

    private float[] embed(String checkpoint, String... inputs) throws IOException {
        Path out = Files.createTempFile(folder, "rows", ".npy");
        String[] arguments = {"embed", "--checkpoint", checkpoint, "--output", out.toString(), "--device", "reference"};
        String[] all = Stream.of(arguments, inputs).flatMap(Arrays::stream).toArray(String[]::new);
        ok(all);
        var rows = Checkpoint.open(out).tensors().values().iterator().next();
        assertEquals(List.of(inputs.length - 1L, 32L), rows.shape());
        return rows.load().toArray();
    }

    @Test
    void embedWritesJsonAndObeysTheProfile() throws IOException {
        Path out = folder.resolve("rows.json");
        ok("embed", "--checkpoint", path("dino.pth"), "--heads", "2", "--image", picture().toString(), "--output", out.toString());
        JsonNode row = JsonMapper.shared().readTree(Files.readString(out)).path(0);
        assertEquals(picture().toString(), row.path("input").stringValue());
        assertEquals(128, row.path("embedding").size());
        ok("embed", "--checkpoint", path("dino.pth"), "--heads", "2", "--image", picture().toString(), "--preprocess", "half", "--output", out.toString());
        assertTrue(row.path("embedding").path(0).doubleValue()
                != JsonMapper.shared().readTree(Files.readString(out)).path(0).path("embedding").path(0).doubleValue());
    }

    @Test
    void whatCannotBeEmbeddedIsRefused() throws IOException {
        assertRefused("without a text side", "embed", "--checkpoint", path("dino.pth"), "--heads", "2", "--text", "a cat", "--output", "x.npy");
        assertRefused("--merges", "embed", "--checkpoint", path("openai-clip-state-dict.pt"), "--text", "a cat", "--output", "x.npy");
        assertRefused(".npy or .json", "embed", "--checkpoint", path("dino.pth"), "--heads", "2", "--image", picture().toString(), "--output", "x.csv");
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
        Outcome refused = project.train("--checkpoint", path("dino.pth"), "--set", "load.heads=2", "--set", "methods.it-prompt.textGuide=seen",
                "--set", "methods=it-prompt,zero-shot", "--output", project.output().toString());
        assertEquals(2, refused.exitCode());
        for (String change : new String[] {"methods.it-prompt.textGuide=off", "methods without zero-shot", "heldOut.path=''"}) {
            assertTrue(refused.err().contains(change), refused.err());
        }
        String[] more = {"--checkpoint", path("augreg-timm.bin"), "--set", "load.heads=2", "--set", "methods.it-prompt.textGuide=off", "--set",
            "methods=ncm", "--set", "heldOut.path=", "--output", project.output() + "-ncm", "--set", "image.normalization=native"};
        Outcome unknown = project.train(more);
        assertEquals(2, unknown.exitCode());
        assertTrue(unknown.err().contains("image.normalization"), unknown.err());
        more[more.length - 1] = "image.normalization=half";
        assertEquals(0, project.train(more).exitCode());
        String yaml = Files.readString(project.config());
        Path silent = Files.writeString(folder.resolve("silent.yaml"), yaml.substring(0, yaml.indexOf("methods:")));
        Outcome trained = TinyProject.run("train", "--config", silent.toString(), "--device", "reference", "--checkpoint",
                path("mocov3.pth.tar"), "--set", "load.branch=momentum_encoder", "--set", "load.heads=2", "--set", "heldOut.path=", "--set",
                "methods.it-prompt.epochs=1", "--set", "methods.shared-prompt.epochs=1", "--set", "methods.joint.epochs=1", "--output",
                project.output().toString());
        assertEquals(0, trained.exitCode(), trained.err());
        assertTrue(trained.err().contains("the model knows no texts: methods.it-prompt.textGuide=off, methods without zero-shot\n"),
                "what only defaults ask for is left out: " + trained.err());
        assertFalse(trained.out().contains("zero-shot  "), trained.out());
        assertTrue(trained.out().contains("it-prompt") && trained.out().contains("mocov3.pth.tar"), trained.out());
    }
}
