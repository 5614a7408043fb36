package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PredictCliTest {

    @TempDir
    private Path root;
    private TinyProject project;
    private Path run;

    /** A run over image folders whose test images can be asked for again, one file each. */
    @BeforeEach
    void create() throws IOException {
        project = TinyProject.create(root);
        for (String part : List.of("pictures", "tests")) {
            for (int c = 0; c < 2; c++) {
                Path folder = Files.createDirectories(root.resolve(part).resolve("kind" + c));
                for (int i = 0; i < 4; i++) {
                    project.writePicture(folder.resolve(i + ".png"), c);
                }
            }
        }
        Path config = Files.writeString(root.resolve("pictures.yaml"), """
                name: pictures
                dataset: {kind: image-folder, path: %s, testPath: %s}
                checkpoint: %s
                scenario: {split: 2x1, classOrderSeed: 0}
                heldOut: {path: ''}
                encodeBatch: 3
                methods:
                  it-prompt: {length: 2, layers: [0], batch: 4, epochs: 2, replay: {epochs: 1}}
                  it-prompt-cncm:
                  ncm:
                  joint: {length: 2, layers: [0], batch: 4, epochs: 2}
                """.formatted(root.resolve("pictures"), root.resolve("tests"), project.model()));
        run = root.resolve("run");
        Outcome outcome = TinyProject.run("train", "--config", config.toString(), "--device", "reference", "--output", run.toString());
        assertEquals(0, outcome.exitCode(), outcome.err());
    }

    private static Outcome predict(Path run, String... more) {
        return TinyProject.run(Stream.concat(Stream.of("predict", "--run", run.toString(), "--device", "reference", "--progress", "off"),
                Stream.of(more)).toArray(String[]::new));
    }

    /** What predict says of the test images is what the run has said of them, without the run's images. */
    @Test
    void answersAreThoseOfTheRun() throws IOException {
        List<String> known = Files.readAllLines(run.resolve("predictions.csv"));
        for (String method : List.of("it-prompt", "it-prompt-cncm", "ncm", "joint")) {
            Path file = root.resolve(method + ".csv");
            Outcome outcome = predict(run, "--folder", root.resolve("tests").toString(), "--method", method, "--output", file.toString());
            assertEquals(0, outcome.exitCode(), outcome.err());
            List<String> lines = Files.readAllLines(file);
            assertEquals("image,rank,class,score,task", lines.getFirst());
            List<String> answers = new ArrayList<>();
            lines.stream().skip(1).map(line -> line.split(",", -1)).forEach(cells -> answers.add(cells[2] + " " + cells[4]));
            for (String[] row : known.stream().map(line -> line.split(",", -1)).filter(cells -> cells[0].equals(method) && !cells[6].isEmpty()).toList()) {
                String score = lines.stream().map(line -> line.split(",", -1)).filter(cells -> cells[0].endsWith(row[1])).findFirst().orElseThrow()[3];
                assertEquals(Double.parseDouble(row[6]), Double.parseDouble(score), 1.5e-6, method + ", " + row[1]);
            }
            List<String> expected = known.stream().map(line -> line.split(",", -1)).filter(cells -> cells[0].equals(method))
                    .sorted((a, b) -> a[1].compareTo(b[1])).map(cells -> cells[3] + " " + cells[5]).toList();
            assertEquals(expected, answers, method);
        }
    }

    @Test
    void quietPredictionsGoToTheFileAlone() throws IOException {
        Path file = root.resolve("quiet.csv");
        Outcome outcome = predict(run, "--folder", root.resolve("tests").toString(), "--output", file.toString(), "--quiet");
        assertEquals(new Outcome(0, "", ""), outcome);
        assertEquals(9, Files.readAllLines(file).size());
        assertRefused("--quiet: expected --output FILE for the answers, found none", run, "-q");
    }

    @Test
    void labelsThatWereNotLearnedAreMixedIn() throws IOException {
        Path file = root.resolve("answers.jsonl");
        Outcome outcome = predict(run, "--image", root.resolve("tests/kind0/0.png").toString(), "--labels", "cat, tac", "--top", "9",
                "--output", file.toString());
        assertEquals(0, outcome.exitCode(), outcome.err());
        JsonNode answer = JsonMapper.shared().readTree(Files.readString(file));
        assertEquals(4, answer.required("classes").size());
        double sum = answer.required("classes").valueStream().mapToDouble(c -> c.required("score").asDouble()).sum();
        assertEquals(1, sum, 1e-9);
        assertTrue(Files.readString(file).contains("\"class\":\"tac\""));
    }

    @Test
    void wrongInputIsOneLine() {
        assertRefused("expected the folder of a run, found no config.yaml in it", root);
        assertRefused("--method: expected one that the run has finished (it-prompt, it-prompt-cncm, ncm, joint), found lda", run, "--method",
                "lda");
        assertRefused("--labels: expected labels that were not learned, found 'kind0'", run, "--labels", "kind0");
        assertRefused("--output: expected a file ending in .csv, .jsonl or .json, found x.txt", run, "--output", "x.txt");
    }

    private void assertRefused(String part, Path folder, String... more) {
        Outcome outcome = predict(folder, Stream.concat(Stream.of("--image", root.resolve("tests/kind0/0.png").toString()), Stream.of(more))
                .toArray(String[]::new));
        assertEquals(2, outcome.exitCode(), outcome.err());
        assertTrue(outcome.err().contains(part), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
    }
}
