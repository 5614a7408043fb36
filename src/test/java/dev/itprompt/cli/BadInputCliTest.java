package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every unusable input is answered with one clear line and exit code 2, and leaves no folder behind. */
class BadInputCliTest {

    @TempDir
    Path root;
    private TinyProject project;

    @BeforeEach
    void createProject() throws IOException {
        project = TinyProject.create(root);
    }

    private void assertRefused(Outcome outcome, String... parts) {
        assertEquals(2, outcome.exitCode(), outcome.out() + outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("itprompt: "), outcome.err());
        for (String part : parts) {
            assertTrue(outcome.err().contains(part), "expected '" + part + "' in: " + outcome.err());
        }
        assertFalse(Files.exists(project.output()), "a refused run left its folder");
    }

    private void assertSettingRefused(String set, String... parts) {
        assertRefused(project.train("--output", project.output().toString(), "--set", set), parts);
    }

    private void assertTrainRefused(String... parts) {
        assertRefused(project.train("--output", project.output().toString()), parts);
    }

    private static void truncate(Path file, int bytes) throws IOException {
        byte[] all = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(all, all.length - bytes));
    }

    @Test
    void missingConfiguration() {
        assertRefused(TinyProject.run("train", "--config", root.resolve("none.yaml").toString()), "none.yaml", "no such file");
        assertRefused(TinyProject.run("config", root.resolve("none.yaml").toString()), "none.yaml", "no such file");
        assertRefused(TinyProject.run("train"), "--config");
    }

    @Test
    void misspeltKeyInFileAndOption() throws IOException {
        Path config = Files.writeString(root.resolve("typo.yaml"), "methods:\n  it-prompt:\n    epocs: 3\n");
        assertRefused(TinyProject.run("train", "--config", config.toString()), "typo.yaml:3", "unknown key 'methods.it-prompt.epocs'",
                "did you mean 'methods.it-prompt.epochs'?");
        Path former = Files.writeString(root.resolve("former.yaml"), "name: old\nitPrompt:\n  batch: 3\n");
        assertRefused(TinyProject.run("train", "--config", former.toString()), "former.yaml:2: unknown key 'itPrompt'",
                "did you mean 'methods.it-prompt'?");
        assertSettingRefused("itPrompt.batch=3", "unknown key 'itPrompt.batch'", "did you mean 'methods.it-prompt.batch'?");
        assertSettingRefused("methods.it-prompt.lr=0.1", "--set methods.it-prompt.lr=0.1: unknown key 'methods.it-prompt.lr'; did you mean 'methods.it-prompt.rate'?");
        assertSettingRefused("methods.it-prompt.lenght=3", "--set methods.it-prompt.lenght=3", "did you mean 'methods.it-prompt.length'?");
    }

    @Test
    void wrongTypeOrRange() {
        assertSettingRefused("methods.it-prompt.epochs=many", "methods.it-prompt.epochs", "a whole number", "'many'");
        assertSettingRefused("methods.it-prompt.batch=0", "methods.it-prompt.batch", "at least 1", "'0'");
        assertSettingRefused("dataset.kind=idks", "dataset: kind: unknown data set 'idks'; did you mean idx?");
        assertSettingRefused("methods=it-promt", "unknown method 'it-promt'; did you mean 'it-prompt'?");
        assertSettingRefused("methods=ncm,ncm", "different names");
        assertSettingRefused("template=a photo", "{}");
        assertSettingRefused("seed=-1", "seed", "'-1'");
    }

    @Test
    void impossibleSplit() {
        assertSettingRefused("scenario.split=3x2", "3x2", "4 classes", "2x2");
        assertSettingRefused("scenario.split=some", "some", "tasks x classes");
    }

    @Test
    void missingFiles() throws IOException {
        assertSettingRefused("checkpoint=" + root.resolve("no-model"), "no-model", "a checkpoint file or a folder with one");
        assertSettingRefused("dataset.path=" + root.resolve("no-data"), "no-data");
        assertSettingRefused("heldOut.path=" + root.resolve("no-held-out"), "heldOut.path", "no-held-out");
        Files.delete(root.resolve("t10k-labels-idx1-ubyte"));
        assertTrainRefused("t10k-labels-idx1-ubyte");
    }

    @Test
    void truncatedIdx() throws IOException {
        truncate(root.resolve("train-images-idx3-ubyte"), 5);
        assertTrainRefused("train-images-idx3-ubyte");
    }

    @Test
    void labelsOutOfRange() {
        assertSettingRefused("dataset.classNames=[cat, dog, hen]", "labels from 0 to 2", "label 3");
    }

    @Test
    void classWithoutImages() {
        assertRefused(project.train("--output", project.output().toString(), "--set", "dataset.classNames=[a, b, c, d, e]", "--set",
                "scenario.split=5x1"), "class 'e' has no training images");
    }

    @Test
    void truncatedSafetensors() throws IOException {
        truncate(project.model().resolve("model.safetensors"), 7);
        assertTrainRefused("model.safetensors");
    }

    @Test
    void lyingSafetensorsHeader() throws IOException {
        Path weights = project.model().resolve("model.safetensors");
        byte[] header = "{\"proj\":{\"dtype\":\"F32\",\"shape\":[9000,9000],\"data_offsets\":[0,4]}}".getBytes(StandardCharsets.UTF_8);
        Files.write(weights, ByteBuffer.allocate(8 + header.length + 4).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length)
                .put(header).array());
        assertTrainRefused("model.safetensors", "proj");
        Files.write(weights, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(Long.MAX_VALUE).array());
        assertTrainRefused("model.safetensors");
    }

    @Test
    void modelWithoutATensor() throws IOException {
        byte[] header = "{}".getBytes(StandardCharsets.UTF_8);
        Files.write(project.model().resolve("model.safetensors"), ByteBuffer.allocate(8 + header.length)
                .order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header).array());
        assertTrainRefused("model.safetensors", "visual.conv1.weight", "found none");
    }

    @Test
    void brokenModelConfiguration() throws IOException {
        Files.writeString(project.model().resolve("config.json"), "{");
        assertTrainRefused("config.json");
    }

    @Test
    void heldOutImageThatIsNone() throws IOException {
        Files.writeString(root.resolve("heldout/1.png"), "no image");
        assertTrainRefused("1.png");
    }

    @Test
    void imageToClassifyThatIsNone() throws IOException {
        Path text = Files.writeString(root.resolve("text.png"), "no image");
        String model = project.model().toString();
        assertRefused(TinyProject.run("classify", "--device", "reference", "--checkpoint", model, "--labels", "a,b", text.toString()),
                "text.png");
        assertRefused(TinyProject.run("classify", "--device", "reference", "--checkpoint", model, "--labels", "a", text.toString()),
                "--labels");
        assertRefused(TinyProject.run("classify", "--device", "reference", "--checkpoint", model, "--labels", "a,b",
                root.resolve("none.png").toString()), "none.png");
        assertRefused(TinyProject.run("classify", "--device", "reference", "--checkpoint", model, "--labels", "a,b"), "IMAGE");
    }

    @Test
    void pretrainingWithoutEnoughPictures() throws IOException {
        Path config = Files.writeString(root.resolve("p.yaml"), "merges: " + root.resolve("merges.txt.gz") + "\n");
        String[] command = {"pretrain", "--device", "reference", "--config", config.toString(), "--output",
                project.output().toString(), "--data", root.resolve("heldout").toString()};
        assertRefused(TinyProject.run(command), "2");
        command[command.length - 1] = root.resolve("nowhere").toString();
        assertRefused(TinyProject.run(command), "nowhere");
    }

    @Test
    void impossibleOptions() throws IOException {
        assertRefused(project.train("--threads", "-1", "--output", project.output().toString()), "--threads");
        assertRefused(project.train("--seed", "1", "--seeds", "1,2", "--output", project.output().toString()), "--seeds");
        assertRefused(project.train("--seeds", "1,1", "--output", project.output().toString()), "--seeds");
        assertRefused(TinyProject.run("train", "--config", project.config().toString(), "--device", "gpu"), "gpu");
        Path file = Files.writeString(root.resolve("file"), "");
        assertRefused(project.train("--output", file.toString()), "expected a folder");
    }
}
