package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Warnings;
import dev.itprompt.checkpoint.StorageType;
import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.config.Configuration;
import dev.itprompt.data.CaptionedImages;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.device.Device;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.pretrain.PretrainSettings;
import dev.itprompt.pretrain.Pretraining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code inspect} knows what the program itself writes. */
class InspectCliTest {

    @TempDir
    private Path root;
    private TinyProject project;

    @BeforeEach
    void createProject() throws IOException {
        project = TinyProject.create(root);
    }

    private static String inspect(String... words) {
        String[] all = new String[words.length + 1];
        all[0] = "inspect";
        System.arraycopy(words, 0, all, 1, words.length);
        Outcome outcome = TinyProject.run(all);
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertFalse(outcome.out().contains("none that is known"), outcome.out());
        return outcome.out();
    }

    private static void assertLine(String text, String line) {
        assertTrue(text.lines().anyMatch(line::equals), "'" + line + "' in:\n" + text);
    }

    @Test
    void aRunFolder() throws IOException {
        assertEquals(0, project.train("--output", project.output().toString(), "--set", "methods=it-prompt,ncm,zero-shot").exitCode());
        String folder = project.output().toString();
        String text = inspect(folder);
        assertLine(text, "content     run of train, finished");
        assertLine(text, "name        tiny");
        assertLine(text, "seed        0");
        assertLine(text, "methods     it-prompt, ncm, zero-shot");
        assertLine(text, "device      reference");
        assertTrue(text.contains("checkpoint  " + project.model() + ", sha256 "), text);
        for (String part : List.of("state       methods/it-prompt.safetensors, ", ": prompt (9), tii (", "result      ncm: FAA ",
                "state       methods/ncm.safetensors, ", "seen (1), classifier (11) tensors")) {
            assertTrue(text.contains(part), part + " in:\n" + text);
        }
        JsonNode json = JsonMapper.shared().readTree(inspect("--json", folder));
        assertEquals("tiny", json.required("run").required("name").asString());
        assertEquals(3, json.required("states").size());
        assertTrue(json.required("finished").asBoolean() && json.required("states").get(0).required("finished").asBoolean());
        assertEquals(9, json.required("states").get(0).required("tensors").required("prompt").asInt());
        assertTrue(json.required("summary").required("methods").required("ncm").required("FAA").asDouble() > 0);
    }

    @Test
    void aRunThatHasNotFinished() throws IOException {
        assertEquals(0, project.train("--output", project.output().toString(), "--set", "methods=ncm,lda").exitCode());
        Files.delete(project.output().resolve("summary.json"));
        Files.delete(project.output().resolve("methods/lda.json"));
        String text = inspect(project.output().toString());
        assertLine(text, "content     run of train, not finished; the same command goes on from it");
        List<String> states = text.lines().filter(line -> line.startsWith("state ")).toList();
        assertTrue(states.get(0).contains("lda") && states.get(0).endsWith("; the training is not finished"), text);
        assertTrue(states.get(1).contains("ncm") && states.get(1).endsWith(" tensors"), text);
    }

    @Test
    void aSummaryOverSeeds() {
        assertEquals(0, project.train("--output", project.output().toString(), "--set", "methods=ncm", "--seeds", "0,1").exitCode());
        String text = inspect(project.output().toString());
        assertLine(text, "content     summary of runs of train with seeds 0, 1");
        assertTrue(text.contains("result      ncm: FAA ") && text.contains(" ± "), text);
        assertLine(inspect(project.output().resolve("seed-1").toString()), "seed        1");
    }

    @Test
    void learnedState() {
        assertEquals(0, project.train("--output", project.output().toString(), "--set", "methods=ncm").exitCode());
        String file = project.output().resolve("methods/ncm.safetensors").toString();
        String text = inspect(file);
        assertLine(text, "content     what training ncm learned, kept in a run folder");
        assertLine(text, "holds       seen (1), classifier (11) tensors");
        assertFalse(text.contains("problem"), text);
        JsonNode json = JsonMapper.shared().readTree(inspect("--json", file));
        assertEquals("what training ncm learned, kept in a run folder", json.required("content").asString());
        assertTrue(json.required("problem").isNull());
    }

    @Test
    void aPretrainingAndItsModel() throws IOException {
        Path config = Files.writeString(root.resolve("p.yaml"), """
                merges: %s
                vision: {imageSize: 8, patch: 4, width: 64, layers: 1, embedding: 16}
                text: {context: 16, width: 64, layers: 1}
                batch: 2
                steps: 4
                saveEvery: 2
                """.formatted(root.resolve("merges.txt.gz")));
        Path model = root.resolve("pretrained");
        Pretraining pretraining = new Pretraining(Configuration.of(PretrainSettings.class).file(config).build().settings(),
                CaptionedImages.readAll(List.of(root.resolve("heldout")), new ImageLoading(1, 0, Warnings.NONE)), Path::of);
        try (Device device = new ReferenceDevice()) {
            assertThrows(IllegalStateException.class, () -> pretraining.run(device, model, StorageType.FP32, (_, done, _, _) -> {
                if (done == 3) {
                    throw new IllegalStateException("interrupted");
                }
            }));
        }
        String state = "content     state of a pretraining after step 2, from which the same pretrain command goes on";
        assertLine(inspect(model.toString()), state);
        assertLine(inspect(model.resolve("training-state.safetensors").toString()), state);
        assertEquals(0, TinyProject.run("pretrain", "--device", "reference", "--config", config.toString(), "--data",
                root.resolve("heldout").toString(), "--output", model.toString(), "--storage", "fp32").exitCode());
        String text = inspect(model.toString());
        assertLine(text, "content     model folder as convert and pretrain write it");
        assertTrue(text.contains("image side  8x8 pixels") && text.contains("text side   16 tokens"), text);
    }

    @Test
    void otherFoldersAreNoRuns() throws IOException {
        Files.writeString(project.model().resolve("summary.json"), "{");
        assertLine(inspect(project.model().toString()), "content     model folder as convert and pretrain write it");
        Files.writeString(project.model().resolve("summary.json"), "{\"methods\": {}}");
        assertLine(inspect(project.model().toString()), "content     model folder as convert and pretrain write it");
    }

    @Test
    void aDamagedRunIsRefusedInOneLine() throws IOException {
        assertEquals(0, project.train("--output", project.output().toString(), "--set", "methods=ncm").exitCode());
        Files.writeString(project.output().resolve("summary.json"), "{");
        Outcome outcome = TinyProject.run("inspect", project.output().toString());
        assertEquals(2, outcome.exitCode());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().contains("found a damaged file"), outcome.err());
    }
}
