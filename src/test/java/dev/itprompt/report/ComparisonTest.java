package dev.itprompt.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {

    @TempDir
    private Path root;

    private RunRecord run(String name, long seed, String... settings) throws IOException {
        return RunReader.read(SampleRun.of(seed).write(root.resolve(name), settings));
    }

    @Test
    void oneSettingIsSaidAndNothingElse() throws IOException {
        Comparison comparison = Comparison.of(run("a", 1, "encodeBatch: 10"), run("b", 1, "encodeBatch: 20"));
        assertEquals(List.of(new Comparison.Difference("encodeBatch", "10", "20")), comparison.settings());
        assertTrue(comparison.sameResults() && comparison.inputs().isEmpty() && comparison.environment().isEmpty());
        assertEquals(List.of("settings"), comparison.tables().stream().map(Table::id).toList());
        Comparison added = Comparison.of(run("c", 1), run("d", 1, "encodeBatch: 20"));
        assertEquals(List.of(new Comparison.Difference("encodeBatch", "none", "20")), added.settings());
    }

    @Test
    void otherAnswersAreCountedByClassAndImage() throws IOException {
        RunRecord first = run("a", 1);
        RunRecord second = run("b", 2);
        Comparison comparison = Comparison.of(first, second);
        assertFalse(comparison.sameResults());
        Comparison.ImageDifference images = comparison.images().getFirst();
        boolean[] a = Tables.right(first, "it-prompt");
        boolean[] b = Tables.right(second, "it-prompt");
        int[] one = first.method("it-prompt").answers().classes();
        int[] other = second.method("it-prompt").answers().classes();
        int different = 0;
        for (int i = 0; i < one.length; i++) {
            different += one[i] == other[i] ? 0 : 1;
        }
        assertEquals(new Comparison.ImageDifference("it-prompt", 30, 0, different, McNemarTest.of(a, b)), images);
        assertTrue(comparison.classes().stream().allMatch(difference -> difference.first().endsWith(" of 5")));
    }

    @Test
    void classesInAnotherOrderAreTheSameClasses() throws IOException {
        RunRecord first = run("a", 1);
        RunRecord second = RunReader.read(new SampleRun("sample", List.of("hen", "emu", "ant", "cow", "cat", "dog"), List.of("it-prompt", "x", "joint"), 1)
                .write(root.resolve("b")));
        Comparison comparison = Comparison.of(first, second);
        assertEquals(25, comparison.images().getFirst().shared());
        assertEquals(10, comparison.images().getFirst().onlyOne());
        assertTrue(comparison.classes().contains(new Comparison.Difference("it-prompt cow", "none",
                comparison.classes().stream().filter(d -> d.what().equals("it-prompt cow")).findFirst().orElseThrow().second())));
        assertTrue(comparison.results().contains(new Comparison.Difference("ncm", "there", "none")));
    }

    @Test
    void anotherAccuracyMatrixWithTheSameLastColumnIsADifference() throws IOException {
        RunRecord first = run("a", 1);
        Path changed = SampleRun.of(1).write(root.resolve("b"));
        String metrics = Files.readString(changed.resolve("metrics.json"));
        long before = first.method("it-prompt").accuracy().correct(0, 0);
        Files.writeString(changed.resolve("metrics.json"), metrics.replaceFirst("\\[ \\[ " + before + ",", "[ [ " + (before == 10 ? 9 : before + 1) + ","));
        assertFalse(Comparison.of(first, RunReader.read(changed)).sameResults());
    }
}
