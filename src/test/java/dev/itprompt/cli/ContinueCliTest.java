package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.JsonText;
import dev.itprompt.RandomStreams;
import dev.itprompt.cli.TinyProject.Outcome;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Further tasks on a finished run: train --continue. */
class ContinueCliTest {

    private static final List<String> CLASSES = List.of("ant", "bee", "cow", "doe", "eel", "fox");
    private static final String METHODS = "it-prompt,it-prompt-cncm,zero-shot,ncm,lda,linear-probe,shared-prompt,joint";

    @TempDir
    private Path root;
    private TinyProject project;
    private Path first;

    @BeforeEach
    void firstRun() throws IOException {
        project = TinyProject.create(root);
        images("four", CLASSES.subList(0, 4));
        images("six", CLASSES);
        first = root.resolve("first");
        done(train("--config", project.config().toString(), "--output", first.toString(), "--set", "dataset.kind=image-folder",
                "--set", "dataset.path=" + root.resolve("four/train"), "--set", "dataset.testPath=" + root.resolve("four/test"), "--set", "dataset.classNames=[]",
                "--set", "scenario.split=2x2", "--set", "scenario.classOrderSeed=0", "--set", "methods=" + METHODS));
    }

    private void images(String folder, List<String> classes) throws IOException {
        for (String name : classes) {
            for (String part : List.of("train", "test")) {
                Path target = Files.createDirectories(root.resolve(folder).resolve(part).resolve(name));
                for (int i = 0; i < (part.equals("train") ? 5 : 3); i++) {
                    RandomGenerator random = new RandomStreams(4).stream(part + name, i);
                    int hue = CLASSES.indexOf(name);
                    BufferedImage image = new BufferedImage(TinyProject.SIDE, TinyProject.SIDE, BufferedImage.TYPE_INT_RGB);
                    for (int p = 0; p < TinyProject.SIDE * TinyProject.SIDE; p++) {
                        int light = 60 + 120 * (p / TinyProject.SIDE * 2 / TinyProject.SIDE == hue % 2 ? 1 : 0) + random.nextInt(50);
                        image.setRGB(p % TinyProject.SIDE, p / TinyProject.SIDE, light << 8 * (hue / 2));
                    }
                    ImageIO.write(image, "png", target.resolve(i + ".png").toFile());
                }
            }
        }
    }

    private static Outcome train(String... words) {
        List<String> all = new ArrayList<>(List.of("train", "--progress", "off"));
        all.addAll(List.of(words));
        return TinyProject.run(all.toArray(String[]::new));
    }

    private static void done(Outcome outcome) {
        assertEquals(0, outcome.exitCode(), outcome.err());
    }

    private static JsonNode metrics(Path run) throws IOException {
        return JsonText.MAPPER.readTree(Files.readString(run.resolve("metrics.json")));
    }

    private Outcome goOn(Path output, String... words) {
        List<String> all = new ArrayList<>(List.of("--continue", first.toString(), "--output", output.toString(),
                "--set", "dataset.path=" + root.resolve("six/train"), "--set", "dataset.testPath=" + root.resolve("six/test")));
        all.addAll(List.of(words));
        return train(all.toArray(String[]::new));
    }

    /** What has a closed form ends as if all tasks had come in one run; what is trained goes on from what it learned. */
    @Test
    void furtherTasksFollowThoseOfTheRun() throws IOException {
        Path continued = root.resolve("continued");
        done(goOn(continued));
        Path whole = root.resolve("whole");
        done(train("--config", first.resolve("config.yaml").toString(), "--output", whole.toString(), "--set", "dataset.path=" + root.resolve("six/train"),
                "--set", "dataset.testPath=" + root.resolve("six/test"), "--set", "scenario.split=3x2"));
        JsonNode metrics = metrics(continued);
        assertEquals(metrics(whole).get("scenario"), metrics.get("scenario"));
        assertEquals("[[\"ant\",\"bee\"],[\"cow\",\"doe\"],[\"eel\",\"fox\"]]", metrics.get("scenario").get("tasks").toString());
        for (String method : List.of("lda", "ncm")) {
            assertEquals(metrics(whole).get("methods").get(method).get("accuracy"), metrics.get("methods").get(method).get("accuracy"), method);
        }
        for (String method : METHODS.split(",")) {
            JsonNode now = metrics.get("methods").get(method).get("accuracy").get("correct");
            JsonNode before = metrics(first).get("methods").get(method).get("accuracy").get("correct");
            for (int j = 0; j < 2 && !method.equals("joint"); j++) {
                for (int t = j; t < 2; t++) {
                    assertEquals(before.get(j).get(t), now.get(j).get(t), method);
                }
            }
            IntStream.range(0, 3).forEach(j -> assertTrue(now.get(j).get(2).isNumber(), method));
        }
        Outcome predicted = TinyProject.run("predict", "--run", continued.toString(), "--method", "lda", "--folder",
                root.resolve("six/test/fox").toString());
        done(predicted);
        assertTrue(predicted.out().contains("fox"), predicted.out());
        Path twice = root.resolve("twice");
        images("six", List.of("gnu"));
        done(train("--continue", continued.toString(), "--output", twice.toString(), "--set", "methods=lda,it-prompt"));
        assertEquals(4, metrics(twice).get("scenario").get("tasks").size());
    }

    @Test
    void whatCannotBeGoneOnWithIsRefused() throws IOException {
        Path output = root.resolve("no");
        assertRefused(train("--continue", first.toString(), "--output", output.toString()), "expected classes that the run in", "found none");
        assertRefused(goOn(output, "--set", "dataset.testPath=" + root.resolve("none")), "none");
        assertRefused(goOn(output, "--seeds", "0,1"), "--continue: goes on with one run; leave out --seeds");
        assertRefused(goOn(output, "--set", "scenario.split=3x2"), "expected a split of exactly 2 classes");
        assertRefused(train("--continue", root.toString()), "expected the folder of a run");
        assertRefused(train("--continue", first.toString(), "--resume", first.toString()), "expected one of --config FILE, --resume DIR and --continue DIR");
        Path two = root.resolve("two");
        for (String part : List.of("train", "test")) {
            for (String name : List.of("ant", "eel")) {
                Files.createDirectories(two.resolve(part));
                Files.move(root.resolve("six").resolve(part).resolve(name), two.resolve(part).resolve(name));
            }
        }
        assertRefused(goOn(output, "--set", "dataset.path=" + two.resolve("train"), "--set", "dataset.testPath=" + two.resolve("test")),
                "expected all classes that the run in", "found no 'bee'; add its images");
        Files.delete(first.resolve("metrics.json"));
        assertRefused(goOn(output), "expected the results of a run");
    }

    private static void assertRefused(Outcome outcome, String... parts) {
        assertEquals(2, outcome.exitCode(), outcome.out() + outcome.err());
        for (String part : parts) {
            assertTrue(outcome.err().contains(part), outcome.err());
        }
    }
}
