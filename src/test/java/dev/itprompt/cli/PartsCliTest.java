package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training batches in parts, from the command line to what methods of both kinds of steps have learned. */
class PartsCliTest {

    private static final List<String> METHODS = List.of("it-prompt", "l2p", "coda-prompt");

    @TempDir
    private Path root;
    private TinyProject project;

    @BeforeEach
    void create() throws IOException {
        project = TinyProject.create(root);
    }

    private Outcome train(String... more) {
        Stream<String> small = METHODS.stream().flatMap(method -> Stream.of("epochs=1", "batch=4").map(setting -> "methods." + method + "." + setting));
        return TinyProject.run(Stream.of(Stream.of("train", "--config", project.config().toString(), "--set", "methods=" + String.join(",", METHODS)),
                small.flatMap(setting -> Stream.of("--set", setting)), Stream.of(more)).flatMap(words -> words).toArray(String[]::new));
    }

    private Path learn(String folder, String... more) {
        Path output = root.resolve(folder);
        Outcome outcome = train(Stream.concat(Stream.of("--output", output.toString()), Stream.of(more)).toArray(String[]::new));
        assertEquals(0, outcome.exitCode(), outcome.err());
        return output;
    }

    private static long difference(Path one, Path other, String method) throws IOException {
        return Files.mismatch(one.resolve("methods/" + method + ".safetensors"), other.resolve("methods/" + method + ".safetensors"));
    }

    @Test
    void resultsDependOnThePartsAlone() throws IOException {
        Path whole = learn("whole", "--threads", "2");
        Path one = learn("one", "--threads", "1", "--parts", "1");
        Path two = learn("two", "--threads", "1", "--parts", "2");
        Path threads = learn("threads", "--threads", "3", "--parts", "2");
        for (String method : METHODS) {
            assertEquals(-1, difference(whole, one, method), method);
            assertEquals(-1, difference(two, threads, method), method);
            assertNotEquals(-1, difference(whole, two, method), method);
        }
        assertTrue(Files.readString(two.resolve("config.yaml")).contains("    parts: 2\n"));
    }

    @Test
    void thePlanSaysSo() {
        Outcome plan = train("--plan", "--parts", "2");
        assertEquals(0, plan.exitCode(), plan.err());
        assertTrue(plan.out().lines().anyMatch(line -> line.startsWith("parts ") && line.contains("all above is of one part")), plan.out());
        assertTrue(train("--plan").out().lines().noneMatch(line -> line.startsWith("parts ")));
    }

    @Test
    void someMethodMustHaveBatches() {
        Outcome refused = TinyProject.run("train", "--config", project.config().toString(), "--set", "methods=lda,ncm", "--parts", "2");
        assertEquals(2, refused.exitCode());
        assertEquals("itprompt: --parts: expected a method that is trained on images by gradients, found lda, ncm\n", refused.err());
        Outcome none = TinyProject.run("train", "--config", project.config().toString(), "--parts", "0");
        assertEquals(2, none.exitCode());
        assertTrue(none.err().contains(".parts: "), none.err());
    }
}
