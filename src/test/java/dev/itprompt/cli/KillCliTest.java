package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs that are killed at random moments end with the bytes of one that is left alone. {@code -Ditprompt.kills=100} kills more often, and
 * {@code -Ditprompt.killSeed=N} at other moments.
 */
class KillCliTest {

    private static final int KILLS = Integer.getInteger("itprompt.kills", 8);
    private static final long SEED = Long.getLong("itprompt.killSeed", 1);
    /** A process that is killed lives this long at most, in ms. */
    private static final int LONGEST = 2_000;
    private static final int SHORTEST = 300;

    @TempDir
    private Path root;
    private TinyProject project;

    @BeforeEach
    void create() throws IOException {
        project = TinyProject.create(root);
    }

    private String[] arguments(Path output) {
        return new String[] {"train", "--config", project.config().toString(), "--output", output.toString(), "--device", "reference",
            "--checkpoint-every", "0.05", "--progress", "off", "--set", "methods=it-prompt,it-prompt-cncm,shared-prompt,lda,linear-probe,joint",
            "--set", "methods.it-prompt.epochs=12", "--set", "methods.it-prompt.augment=true", "--set", "methods.shared-prompt.epochs=12",
            "--set", "methods.joint.epochs=12", "--set", "methods.it-prompt.inference.epochs=12", "--set",
            "methods.it-prompt.inference.augment=true", "--set", "methods.it-prompt.replay.start=trained", "--set",
            "methods.it-prompt.replay.leastSteps=40", "--set", "methods.it-prompt.replay.epochs=5"};
    }

    @Test
    void killedRunsEndWithTheSameBytes() throws IOException, InterruptedException {
        Path undisturbed = root.resolve("undisturbed");
        assertEquals(0, TinyProject.exitCode(TinyProject.start(root.resolve("said"), arguments(undisturbed))),
                () -> read(root.resolve("said")));
        Map<String, String> expected = results(undisturbed);
        SplittableRandom random = new SplittableRandom(SEED);
        int kills = 0;
        for (int run = 0; kills < KILLS; run++) {
            Path output = root.resolve("killed-" + run);
            while (true) {
                Path said = root.resolve("said-" + run);
                Process process = TinyProject.start(said, arguments(output));
                if (kills < KILLS && !process.waitFor(random.nextInt(SHORTEST, LONGEST), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly().waitFor();
                    kills++;
                    continue;
                }
                assertEquals(0, TinyProject.exitCode(process), () -> read(said));
                break;
            }
            Map<String, String> actual = results(output);
            assertEquals(expected.keySet(), actual.keySet());
            int after = kills;
            expected.forEach((name, content) -> assertEquals(content, actual.get(name), name + " after " + after + " kills, seed " + SEED));
        }
    }

    /** Told to stop, a run saves at its next step and says how it goes on; there it ends with the same bytes. */
    @Test
    void stoppedRunsGoOn() throws IOException, InterruptedException {
        Path undisturbed = root.resolve("undisturbed");
        assertEquals(0, TinyProject.exitCode(TinyProject.start(root.resolve("said"), arguments(undisturbed))),
                () -> read(root.resolve("said")));
        Path output = root.resolve("stopped");
        Path said = root.resolve("said-stopped");
        Process process = TinyProject.start(said, arguments(output));
        TinyProject.await(process, output.resolve("methods/it-prompt.checkpoint.safetensors"));
        process.destroy();
        assertEquals(143, TinyProject.exitCode(process), () -> read(said));
        assertTrue(read(said).contains("itprompt: stopped; the state is saved in " + output + "; itprompt train --resume " + output
                + " goes on there"), () -> read(said));
        Path resumed = root.resolve("said-resumed");
        assertEquals(0, TinyProject.exitCode(TinyProject.start(resumed, "train", "--resume", output.toString(), "--progress", "off")),
                () -> read(resumed));
        assertEquals(results(undisturbed), results(output));
    }

    /** Every file that must be the same, by name; text as it is, other files by what {@link Files#mismatch} would compare. */
    private static Map<String, String> results(Path folder) throws IOException {
        Map<String, String> results = new LinkedHashMap<>();
        JsonMapper json = JsonMapper.builder().build();
        ObjectNode metrics = (ObjectNode) json.readTree(Files.readString(folder.resolve("metrics.json")));
        metrics.remove("timings");
        results.put("metrics.json", metrics.toString());
        results.put("predictions.csv", Files.readString(folder.resolve("predictions.csv")));
        try (Stream<Path> files = Files.list(folder.resolve("methods"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList()) {
                results.put(file.getFileName().toString(), new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return results;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
