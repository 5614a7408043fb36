package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a user should know although the work goes on is one line each on the error stream. */
class WarningsCliTest {

    /** A canvas of 64x32 pixels with a frame of 16x16 at (8, 8), and the same as PNG. */
    private static final String GIF = "47494638376140002000810000dc281e1e5ac81c5bca0000002c0800080010001000400842000108"
            + "1c2830808000081312246830a1c285050f3a0c0031e2448a151b4eac0840a3438e1e1f420c8910a4"
            + "c48f194f8a5c4812e3489525535e343953e6469b0e0302003b";
    private static final String PNG = "89504e470d0a1a0a0000000d49484452000000400000002008020000002dffe9d300000067494441"
            + "54789cedd8b1098030104051ef700e6b6b47700887cc108ee004ce12eded42844fe0bff220709feb"
            + "12f7ba4c234b7a815e06d00ca019409b5b1fec5ba991f9d4cffcbc8e9f566a33fc050ca019403380"
            + "6600cd009a01340368e1bf10cc009a013403682f90cf088594fdfe1a0000000049454e44ae426082";

    @TempDir
    Path root;
    private TinyProject project;

    @BeforeEach
    void createProject() throws IOException {
        project = TinyProject.create(root);
    }

    private Outcome classify(String labels) throws IOException {
        project.writePicture(root.resolve("picture.png"), 0);
        return TinyProject.run("classify", "--device", "reference", "--checkpoint", project.model().toString(), "--labels", labels,
                root.resolve("picture.png").toString());
    }

    private Outcome train(Path train, Path test) {
        return project.train("--output", project.output().toString(), "--set", "dataset.kind=image-folder", "--set",
                "dataset.path=" + train, "--set", "dataset.testPath=" + test, "--set", "scenario.split=2x1", "--set", "methods=ncm", "--seeds", "1,2");
    }

    private Path images(String folder, String... names) throws IOException {
        for (String name : names) {
            Path file = root.resolve(folder).resolve(name);
            Files.createDirectories(file.getParent());
            project.writePicture(file, folder.startsWith("train") ? 0 : 1);
        }
        return root.resolve(folder);
    }

    @Test
    void dataThatIsNotReadOrReadTwiceIsSaidOnce() throws IOException {
        Path train = images("train", "cat/a.png", "dog/a.png");
        Files.writeString(train.resolve("cat/notes.txt"), "");
        Outcome outcome = train(train, train);
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals(List.of("itprompt: warning: " + train + ": not read: 1 file of another kind (cat/notes.txt)",
                "itprompt: warning: dataset: 2 of 2 files of test images are training images too, such as "
                        + train.resolve("cat/a.png") + " (" + train.resolve("cat/a.png") + "); accuracies of what was learned by heart say little"),
                outcome.err().lines().toList());
    }

    @Test
    void classNamesOfOneTextAreSaid() throws IOException {
        Outcome outcome = train(images("train", "Cat/a.png", "cat/a.png"), images("test", "Cat/a.png", "cat/a.png"));
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals("itprompt: warning: class names 'Cat' and 'cat' are the same text to the model: zero-shot and the text guide "
                + "cannot tell them apart; rename them", outcome.err().strip());
    }

    @Test
    void twoFoldersOfOneClassAreRefused() throws IOException {
        String[] twice = {"T-shirt_top/a.png", "T-shirt top/a.png"};
        Outcome outcome = train(images("train", twice), images("test", twice));
        assertEquals(2, outcome.exitCode());
        assertTrue(outcome.err().contains("'T-shirt top' and 'T-shirt_top', which are both 'T-shirt top'"), outcome.err());
        assertEquals(1, outcome.err().lines().count());
        Outcome idx = project.train("--set", "dataset.classNames=[cat, dog, cat, emu]");
        assertEquals(2, idx.exitCode());
        assertTrue(idx.err().contains("classNames must be different, found 'cat' more than once"), idx.err());
    }

    @Test
    void labelsOfOneTextAreSaidAndLeftOut() throws IOException {
        Outcome outcome = classify("cat,dog,Cat,cat");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals("itprompt: warning: --labels: 'cat' and 'Cat' and 'cat' are the same text to the model; the first is kept",
                outcome.err().strip());
        assertEquals(3, outcome.out().lines().count(), outcome.out());
        for (String same : List.of("cat,CAT", "caf\u00e9,cafe\u0301", "cat,cat")) {
            Outcome refused = classify(same);
            assertEquals(2, refused.exitCode(), refused.out());
            assertTrue(refused.err().contains("expected two or more different labels"), refused.err());
        }
        Outcome nothing = classify("cat,&nbsp;");
        assertEquals(2, nothing.exitCode());
        assertEquals("itprompt: --labels: expected labels that the model can read, found '&nbsp;', of which its tokenizer leaves "
                + "nothing; name it otherwise", nothing.err().strip());
    }

    @Test
    void labelFilesMayBeginWithAByteOrderMark() throws IOException {
        Path file = Files.writeString(root.resolve("labels.txt"), "\ufeffcat\r\n\r\ndog\r\n");
        Outcome outcome = classify(file.toString());
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals(List.of("cat", "dog"),
                outcome.out().lines().skip(1).map(line -> line.replaceAll(".*%  ", "")).sorted().toList());
        Files.write(file, "cat\nd\u00f6g\n".getBytes(StandardCharsets.ISO_8859_1));
        Outcome latin = classify(file.toString());
        assertEquals(2, latin.exitCode());
        assertTrue(latin.err().contains("labels.txt: expected text in UTF-8"), latin.err());
    }

    @Test
    void captionsOfOneTextAreSaid() throws IOException {
        Files.writeString(root.resolve("heldout/metadata.jsonl"), """
                {"file_name": "0.png", "text": "red cat"}
                {"file_name": "1.png", "text": "Red  Cat"}
                """);
        Outcome outcome = project.train("--output", project.output().toString(), "--set", "methods=ncm");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals("itprompt: warning: " + root.resolve("heldout") + ": captions 'Red  Cat' and 'red cat' are the same text to the "
                + "model: only the first is ever found", outcome.err().strip());
    }

    @Test
    void theFrameOfAGifLiesOnItsCanvas() throws IOException {
        Path gif = Files.write(root.resolve("offset.gif"), HexFormat.of().parseHex(GIF));
        Path png = Files.write(root.resolve("expected.png"), HexFormat.of().parseHex(PNG));
        Path out = root.resolve("rows.json");
        Outcome outcome = TinyProject.run("embed", "--device", "reference", "--checkpoint", project.model().toString(), "--image",
                gif.toString(), png.toString(), "--output", out.toString());
        assertEquals(0, outcome.exitCode(), outcome.err());
        JsonNode rows = JsonMapper.shared().readTree(Files.readString(out));
        assertEquals(2, rows.size());
        assertEquals(rows.get(1).get("embedding"), rows.get(0).get("embedding"));
    }
}
