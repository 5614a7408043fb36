package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs that go on: interrupted, killed, extended, with other data, beside each other. */
class RunStateCliTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String QUICK = "methods=ncm,lda,zero-shot";

    @TempDir
    private Path root;
    private TinyProject project;
    private Path output;

    @BeforeEach
    void createProject() throws IOException {
        project = TinyProject.create(root);
        output = project.output();
    }

    private Outcome train(String... more) {
        return project.train(words(more));
    }

    private String[] words(String... more) {
        return Stream.concat(Stream.of("--output", output.toString(), "--set", QUICK), Stream.of(more)).toArray(String[]::new);
    }

    private static void assertDone(Outcome outcome) {
        assertEquals(0, outcome.exitCode(), outcome.err());
    }

    private static void assertRefused(Outcome outcome, String... parts) {
        assertEquals(2, outcome.exitCode(), outcome.out() + outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        for (String part : parts) {
            assertTrue(outcome.err().contains(part), "expected '" + part + "' in: " + outcome.err());
        }
    }

    private static JsonNode json(Path file) throws IOException {
        return JSON.readTree(Files.readString(file));
    }

    /** What an interruption leaves of a finished run. */
    private void interrupt() throws IOException {
        Files.delete(output.resolve("summary.json"));
        Files.delete(output.resolve("methods/lda.json"));
    }

    private void change(Path file, int from, int step) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int i = from; i < bytes.length; i += step) {
            bytes[i] = (byte) ~bytes[i];
        }
        Files.write(file, bytes);
    }

    @Test
    void changedDataIsRefusedAndNamed() throws IOException {
        assertDone(train());
        interrupt();
        Path images = root.resolve("train-images-idx3-ubyte");
        byte[] kept = Files.readAllBytes(images);
        change(images, kept.length - 1, 1); // a single pixel
        assertRefused(train(), "differs in its training images;");
        Files.write(images, kept);
        change(root.resolve("t10k-images-idx3-ubyte"), 16, 1);
        assertRefused(train(), "differs in its test images;");
        change(root.resolve("t10k-images-idx3-ubyte"), 16, 1);
        project.writePicture(root.resolve("heldout/1.png"), 0);
        assertRefused(train(), "differs in its held-out images;");
        project.writePicture(root.resolve("heldout/1.png"), 1);
        assertDone(train());
    }

    @Test
    void fewerTestImagesAreRefused() throws IOException {
        assertDone(train());
        interrupt();
        for (String name : List.of("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")) {
            Path file = root.resolve(name);
            byte[] bytes = Files.readAllBytes(file);
            int header = name.contains("images") ? 16 : 8;
            bytes[7] = 8;
            Files.write(file, Arrays.copyOf(bytes, header + (bytes.length - header) * 8 / 12));
        }
        assertRefused(train(), "differs in its split, test images;");
        assertEquals(Set.of("ncm.json", "zero-shot.json"), names(output.resolve("methods"), ".json"), "nothing was trained");
    }

    @Test
    void anotherModelOrTokenizerIsRefused() throws IOException {
        assertDone(train());
        interrupt();
        Path weights = project.model().resolve("model.safetensors");
        byte[] kept = Files.readAllBytes(weights);
        byte[] changed = kept.clone();
        changed[changed.length - 4] ^= 1;
        Files.write(weights, changed);
        assertRefused(train(), "differs in its checkpoint;");
        Files.write(weights, kept);
        Path sizes = project.model().resolve("config.json");
        String text = Files.readString(sizes);
        Files.writeString(sizes, text.replaceFirst("\"layer_norm_eps\" : 1.0E-5", "\"layer_norm_eps\" : 1.0E-6"));
        assertNotEquals(text, Files.readString(sizes));
        assertRefused(train(), "differs in its model;");
        Files.writeString(sizes, text);
        assertRefused(TinyProject.run("train", "--config", project.config().toString(), "--device", "cpu", "--output", output.toString(),
                "--set", QUICK), "differs in its device (reference, now cpu), arithmetic;");
        assertDone(train());
    }

    @Test
    void otherArithmeticIsRefusedUnlessItIsForcedAndThenRecorded() throws IOException {
        assertDone(train());
        interrupt();
        Path config = output.resolve("config.yaml");
        String now = Files.readString(config).lines().filter(line -> line.startsWith("# arithmetic: ")).findFirst().orElseThrow()
                .substring("# arithmetic: ".length());
        String before = Files.readString(config).replace(now, "8 lanes");
        Files.writeString(config, before);
        assertRefused(train(), "differs in its arithmetic");
        assertRefused(train("--force-arithmetic", "--set", "seed=7"), "with another configuration (seed: 0, now 7)");
        assertEquals(before, Files.readString(config), "what was refused changes nothing");
        assertDone(train("--force-arithmetic"));
        assertTrue(Files.readString(config).contains("# arithmetic: 8 lanes, then " + now + "\n"), Files.readString(config));
        interrupt();
        assertRefused(train(), "differs in its arithmetic");
        assertDone(train("--force-arithmetic"));
        assertTrue(Files.readString(config).contains("# arithmetic: 8 lanes, then " + now + "\n"), Files.readString(config));
    }

    @Test
    void aFolderWithoutItsConfigurationIsRefused() throws IOException {
        assertDone(train());
        Files.delete(output.resolve("config.yaml"));
        assertRefused(train(), "holds a run without config.yaml");
    }

    @Test
    void whatWasLearnedMustBeThere() throws IOException {
        assertDone(train());
        interrupt();
        Path state = output.resolve("methods/ncm.safetensors");
        byte[] kept = Files.readAllBytes(state);
        Files.delete(state);
        assertRefused(train(), "ncm.safetensors", "found no file", "delete", "ncm.json to train again");
        Files.write(state, Arrays.copyOf(kept, kept.length - 1));
        assertRefused(train(), "ncm.safetensors");
        change(state, 0, 1);
        assertRefused(train(), "ncm.safetensors");
        byte[] bit = kept.clone();
        bit[bit.length - 1] ^= 1;
        Files.write(state, bit);
        assertRefused(train(), "ncm.safetensors", "another or a damaged file");
        Files.delete(output.resolve("methods/ncm.json"));
        assertDone(train());
        assertEquals(-1, Files.mismatch(state, Files.write(root.resolve("kept"), kept)), "trained again to the same bytes");
    }

    @Test
    void damagedResultsAreRefused() throws IOException {
        assertDone(train());
        interrupt();
        String valid = Files.readString(output.resolve("methods/ncm.json"));
        Files.writeString(output.resolve("methods/ncm.json"), valid.replace("\"method\" : \"ncm\"", "\"method\" : \"other\""));
        assertRefused(train(), "expected the results of ncm, found those of [", "--force");
        for (String damaged : List.of(valid.replaceFirst("\"classes\" : \\[ \\d", "\"classes\" : [ 4"),
                valid.replaceFirst("\"classes\" : \\[ \\d", "\"classes\" : [ -1"), valid.replaceFirst("\"classes\" : \\[ \\d,", "\"classes\" : ["),
                "", "{", "[]", "{\"methods\": {}}", "{\"stateSha256\": 1, \"methods\": {\"ncm\": {}}}",
                "{\"stateSha256\": \"\", \"methods\": {\"ncm\": {\"method\": \"ncm\", \"accuracy\": {\"total\": [1]}}}}")) {
            assertFalse(damaged.equals(valid));
            Files.writeString(output.resolve("methods/ncm.json"), damaged);
            assertRefused(train(), "ncm.json", "delete it to train again");
        }
    }

    @Test
    void aDamagedSummaryOrConfigurationIsRefused() throws IOException {
        assertDone(train());
        Path summary = output.resolve("summary.json");
        byte[] kept = Files.readAllBytes(summary);
        for (String damaged : List.of("", "{", "[]", "{}", "7", "{\"methods\": \u0000")) {
            Files.writeString(summary, damaged);
            assertRefused(train(), "summary.json", "delete it to have it written again");
        }
        Files.delete(summary);
        assertDone(train());
        assertEquals(json(summary), JSON.readTree(kept));
        Files.write(output.resolve("config.yaml"), new byte[] {(byte) 0xff, 10});
        assertRefused(train(), "holds a run with another configuration");
    }

    @Test
    void aFinishedRunTakesFurtherMethods() throws IOException {
        assertDone(train());
        byte[] ncm = Files.readAllBytes(output.resolve("methods/ncm.json"));
        assertRefused(train(), "finished run", "--force");
        assertDone(train("--set", QUICK + ",linear-probe"));
        assertEquals(List.of("ncm", "lda", "zero-shot", "linear-probe"),
                List.copyOf(json(output.resolve("summary.json")).required("methods").propertyNames()));
        assertEquals(1 + 4 * 12, Files.readAllLines(output.resolve("predictions.csv")).size());
        assertEquals(new String(ncm, StandardCharsets.UTF_8), Files.readString(output.resolve("methods/ncm.json")), "kept");
        assertRefused(train("--set", "methods=ncm,linear-probe"), "holds results of lda, zero-shot as well");
        assertRefused(train("--set", QUICK + ",linear-probe"), "finished run");
    }

    /** Another answer of a training that is finished needs no training. */
    @Test
    void aFinishedTrainingGivesItsOtherAnswers() throws IOException {
        assertDone(train("--set", "methods=it-prompt"));
        byte[] results = Files.readAllBytes(output.resolve("methods/it-prompt.json"));
        assertDone(train("--set", "methods=it-prompt,it-prompt-cncm"));
        assertEquals(2, json(output.resolve("summary.json")).required("methods").size());
        assertTrue(Arrays.equals(results, Files.readAllBytes(output.resolve("methods/it-prompt.json"))));
    }

    @Test
    void seedsGoOnAfterAKillAndTakeFurtherSeedsAndMethods() throws Exception {
        String[] command = project.trainArguments(words("--seeds", "0,1"));
        Process process = TinyProject.start(root.resolve("said"), command);
        try {
            TinyProject.await(process, output.resolve("seed-0/summary.json"));
        } finally {
            process.destroyForcibly().waitFor();
        }
        Files.deleteIfExists(output.resolve("summary.json")); // a quick machine may have come so far
        Files.deleteIfExists(output.resolve("seed-1/summary.json"));
        String first = Files.readString(output.resolve("seed-0/summary.json"));
        Outcome on = TinyProject.run(command);
        assertDone(on);
        assertTrue(on.out().contains("finished before, taken over: " + output.resolve("seed-0")), on.out());
        assertFalse(on.out().contains("taken over: " + output.resolve("seed-1")), on.out());
        assertEquals(first, Files.readString(output.resolve("seed-0/summary.json")));
        assertEquals(2, json(output.resolve("summary.json")).at("/methods/lda/FAA/runs").asInt());

        Outcome all = TinyProject.run(command);
        assertDone(all);
        assertTrue(all.out().contains(" ± ") && all.out().contains("taken over: " + output.resolve("seed-1")), all.out());

        assertDone(train("--seeds", "0,1,2", "--set", QUICK + ",linear-probe"));
        JsonNode summary = json(output.resolve("summary.json"));
        assertEquals("[0,1,2]", summary.required("seeds").toString());
        assertEquals(3, summary.at("/methods/linear-probe/FAA/runs").asInt());
        assertEquals(json(output.resolve("seed-0/summary.json")).at("/methods/ncm"), JSON.readTree(first).at("/methods/ncm"));
    }

    @Test
    void oneFolderHasOneRunAndAKilledOneIsNoObstacle() throws Exception {
        String endless = "methods.it-prompt.epochs=100000";
        Process process = TinyProject.start(root.resolve("said"), project.trainArguments("--output", output.toString(), "--set",
                "methods=it-prompt", "--set", endless));
        try {
            TinyProject.await(process, output.resolve("config.yaml"));
            assertRefused(train(), "another run is going on in this folder");
            assertRefused(train("--force"), "another run is going on in this folder");
        } finally {
            process.destroyForcibly().waitFor();
        }
        Files.writeString(output.resolve("report.txt.123-4.part"), "left by a killed run");
        Files.writeString(output.resolve("methods/ncm.json.123-5.part"), "likewise");
        assertDone(train("--force"));
        assertEquals(Set.of(), names(output, ".part"));
        assertEquals(Set.of(), names(output.resolve("methods"), ".part"));
    }

    private static Set<String> names(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return Set.copyOf(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(ending)).toList());
        }
    }

    /** The order of maps depends on the process unless it is fixed. */
    @Test
    void twoProcessesWriteTheSameBytes() throws Exception {
        String all = "methods=it-prompt,zero-shot,ncm,lda,linear-probe,shared-prompt,joint";
        assertDone(train("--set", all));
        Path other = root.resolve("other");
        Process process = TinyProject.start(root.resolve("said"), project.trainArguments("--output", other.toString(), "--set", all));
        assertEquals(0, TinyProject.exitCode(process), Files.readString(root.resolve("said")));
        Set<String> states = names(output.resolve("methods"), ".safetensors");
        assertEquals(7, states.size());
        for (String name : states) {
            assertEquals(-1, Files.mismatch(output.resolve("methods").resolve(name), other.resolve("methods").resolve(name)), name);
        }
        for (String name : List.of("config.yaml", "predictions.csv", "accuracy.svg", "accuracy.png", "report.html", "results.xlsx", "results.csv",
                "table.tex", "table.md", "mistakes.json")) {
            assertEquals(-1, Files.mismatch(output.resolve(name), other.resolve(name)), name);
        }
        assertEquals(withoutTimes(output), withoutTimes(other));
        assertTrue(withoutTimes(output).contains("\"trainable\":{\"prompts\":256,\"classifier\":68}"), withoutTimes(output));
    }

    private static String withoutTimes(Path folder) throws IOException {
        return json(folder.resolve("metrics.json")).toString().replaceFirst(",\"timings\":.*", "");
    }

    @Test
    void anInterruptedRunSaysThatItGoesOn() throws Exception {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "processes are ended at once there");
        Process process = TinyProject.start(root.resolve("said"), project.trainArguments("--output", output.toString(), "--set",
                "methods=zero-shot,it-prompt", "--set", "methods.it-prompt.epochs=100000"));
        TinyProject.await(process, output.resolve("methods/zero-shot.json"));
        process.destroy();
        TinyProject.exitCode(process);
        List<String> said = Files.readAllLines(root.resolve("said"));
        assertEquals("itprompt: stopped; the state is saved in " + output + "; itprompt train --resume " + output + " goes on there",
                said.getLast());
    }

    /** A limit on the length of files stands for a disk that is full: the system refuses to write on. */
    @Test
    void aFullDiskIsOneLine() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "limits are set by a POSIX shell");
        List<String> limited = List.of("/bin/sh", "-c", "ulimit -f 64 && exec \"$@\"", "sh"); // 32 or 64 kB: enough for a log
        Process process = TinyProject.start(root.resolve("said"), limited, project.trainArguments("--output", output.toString(), "--set",
                "methods=ncm,it-prompt"));
        assertEquals(1, TinyProject.exitCode(process), Files.readString(root.resolve("said")));
        List<String> errors = Files.readAllLines(root.resolve("said")).stream().filter(line -> line.startsWith("itprompt: ")).toList();
        assertEquals(1, errors.size(), errors.toString());
        assertTrue(errors.getFirst().matches("itprompt: .*it-prompt.safetensors: cannot be written \\(.+\\); it needs [0-9,]+ bytes"),
                errors.getFirst());
        assertEquals(Set.of("ncm.json"), names(output.resolve("methods"), ".json"));
        assertEquals(Set.of(), names(output.resolve("methods"), ".part"));
        assertDone(train("--set", "methods=ncm,it-prompt"));
    }
}
