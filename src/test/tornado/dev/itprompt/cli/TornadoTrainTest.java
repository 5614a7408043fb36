package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.device.tornado.TestedDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two tasks of the demo, with few images, on the default TornadoVM device and on the CPU device. */
class TornadoTrainTest {

    @TempDir
    Path root;

    /** Images of each task that are classified rightly, after each task, and images whose task is inferred rightly. */
    private List<Integer> correct(String device) throws IOException {
        Path output = root.resolve(device);
        Outcome outcome = TinyProject.run("train", "--config", "configs/demo.yaml", "--device", device, "--output", output.toString(),
                "--set", "methods=it-prompt", "--set", "scenario.split=2x5", "--set", "dataset.trainPerClass=32",
                "--set", "dataset.testPerClass=20", "--set", "methods.it-prompt.epochs=1", "--set", "methods.it-prompt.inference.epochs=3",
                "--set", "methods.it-prompt.replay.epochs=2", "--set", "heldOut.limit=20");
        assertEquals(0, outcome.exitCode(), outcome.err());
        JsonNode method = JsonMapper.builder().build().readTree(Files.readString(output.resolve("metrics.json")))
                .get("methods").get("it-prompt");
        List<Integer> correct = new ArrayList<>();
        for (String counts : List.of("accuracy", "taskInferenceAccuracy")) {
            for (JsonNode row : method.get(counts).get("correct")) {
                row.forEach(count -> correct.add(count.asInt(0)));
            }
        }
        assertEquals(8, correct.size(), method.toString());
        return correct;
    }

    @Test
    void twoTasksEndAsOnTheCpu() throws IOException {
        TestedDevice.open().close(); // skips where there is none
        List<Integer> cpu = correct("cpu");
        List<Integer> tornado = correct("tornado");
        for (int i = 0; i < cpu.size(); i++) {
            assertEquals(cpu.get(i), tornado.get(i), 3, "cpu " + cpu + ", tornado " + tornado);
        }
    }
}
