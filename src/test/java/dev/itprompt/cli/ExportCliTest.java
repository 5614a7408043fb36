package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is exported is enough to classify as predict does. */
class ExportCliTest {

    private static final List<String> METHODS = List.of("ncm", "lda", "simplecil", "linear-probe", "it-prompt-no-prompts");

    @TempDir
    private Path root;

    private static boolean hasNumpy() {
        try {
            return new ProcessBuilder("python3", "-c", "import numpy").start().waitFor() == 0;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    private static void succeed(List<String> words) {
        Outcome outcome = TinyProject.run(words.toArray(String[]::new));
        assertEquals(0, outcome.exitCode(), outcome.err());
    }

    @Test
    void pythonClassifiesAsPredictDoes() throws IOException, InterruptedException {
        assumeTrue(hasNumpy(), "python3 with numpy");
        TinyProject project = TinyProject.create(root);
        Path run = root.resolve("run");
        succeed(List.of(project.trainArguments("--output", run.toString(), "--set", "methods=" + String.join(",", METHODS), "--set", "heldOut.path=''")));
        List<String> pictures = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 5; i++) {
            BufferedImage image = new BufferedImage(TinyProject.SIDE, TinyProject.SIDE, BufferedImage.TYPE_INT_RGB);
            for (int p = 0; p < TinyProject.SIDE * TinyProject.SIDE; p++) {
                image.setRGB(p % TinyProject.SIDE, p / TinyProject.SIDE, random.nextInt(1 << 24));
            }
            Path file = root.resolve(i + ".png");
            ImageIO.write(image, "png", file.toFile());
            pictures.add(file.toString());
        }
        Path features = root.resolve("features.npy");
        succeed(with(List.of("embed", "--device", "reference", "--checkpoint", project.model().toString(), "--output", features.toString(), "--image"), pictures));
        for (String method : METHODS) {
            Path state = root.resolve(method + ".npz");
            Path answers = root.resolve(method + ".json");
            Path scores = root.resolve(method + "-scores.json");
            succeed(List.of("export", "--device", "reference", "--run", run.toString(), "--method", method, "--format", "npz", "--output", state.toString()));
            succeed(with(List.of("predict", "--device", "reference", "--run", run.toString(), "--method", method, "--top", "4", "--progress", "off", "--output",
                    answers.toString(), "--image"), pictures));
            Process python = new ProcessBuilder("python3", "src/test/python/export_scores.py", method, state.toString(), features.toString(),
                    scores.toString()).redirectErrorStream(true).redirectOutput(root.resolve("said").toFile()).start();
            assertEquals(0, python.waitFor(), Files.readString(root.resolve("said")));
            Path other = root.resolve("values.json");
            succeed(List.of("export", "--device", "reference", "--run", run.toString(), "--method", method, "--format", "json", "--output", other.toString()));
            List<String> classes = JsonMapper.shared().readTree(Files.readString(other)).get("classes").valueStream().map(JsonNode::asString).toList();
            JsonNode expected = JsonMapper.shared().readTree(Files.readString(answers));
            JsonNode actual = JsonMapper.shared().readTree(Files.readString(scores));
            for (int i = 0; i < pictures.size(); i++) {
                assertEquals(4, expected.get(i).get("classes").size());
                for (JsonNode answer : expected.get(i).get("classes")) {
                    double score = actual.get(i).get(classes.indexOf(answer.get("class").asString())).asDouble();
                    assertEquals(answer.get("score").asDouble(), score, 1e-5, method + ", picture " + i);
                }
            }
        }
        Path tensors = root.resolve("lda.safetensors");
        succeed(List.of("export", "--device", "reference", "--run", run.toString(), "--method", "lda", "--format", "safetensors", "--output", tensors.toString()));
        assertTrue(Files.size(tensors) > 0);
    }

    private static List<String> with(List<String> words, List<String> more) {
        List<String> all = new ArrayList<>(words);
        all.addAll(more);
        return all;
    }
}
