package dev.itprompt.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunReaderTest {

    @TempDir
    private Path root;

    @Test
    void allThatTheFilesSayIsRead() throws IOException {
        RunRecord run = RunReader.read(SampleRun.of(3).write(root.resolve("run")));
        assertEquals(List.of("it-prompt", "ncm", "joint"), run.methods().stream().map(MethodRecord::name).toList());
        assertEquals(SampleRun.CLASSES, run.classes());
        assertEquals(30, run.images().size());
        assertEquals(new TestImage("images/hen/1.png", 2, 1), run.images().get(11));
        assertEquals("0.005", run.settings().get("itPrompt.rate"));
        assertEquals("[\"it-prompt\",\"ncm\",\"joint\"]", run.settings().get("methods"));
        assertEquals("sha256 00ff", run.facts().get("checkpoint"));
        assertEquals(25, run.heldOut().orElseThrow().top1());
        assertTrue(run.method("it-prompt").isComplete() && run.method("it-prompt").inferred().isPresent());
        assertFalse(run.method("joint").isComplete() || run.method("joint").inferred().isPresent());
        assertEquals(List.of(1.5), run.method("it-prompt").cost().learnSeconds());
        assertThrows(InputException.class, () -> run.method("other"));
    }

    static List<String> hostile() {
        return Hostile.TEXTS;
    }

    /** A name comes back from predictions.csv as it was, whatever it holds, and no cell begins with what a spreadsheet computes. */
    @ParameterizedTest
    @MethodSource("hostile")
    void hostileNamesComeBackAsTheyWere(String text) throws IOException {
        List<String> classes = List.of(text, "'" + text, "dog", "hen");
        Path folder = new SampleRun(text, classes, List.of("a" + text, "b", "c"), 1).write(root.resolve("run"));
        RunRecord run = RunReader.read(folder);
        assertEquals(classes, run.classes());
        assertEquals(text, run.name());
        assertEquals("a" + text, run.methods().getFirst().name());
        assertEquals("images/" + text + "/0.png", run.images().getFirst().source());
        assertTrue(run.images().stream().anyMatch(image -> image.label() == 1));
        assertFalse(CsvCell.of(text).matches("(?s)\"?[=+\\-@\t\r].*"), CsvCell.of(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"metrics.json", "predictions.csv", "config.yaml"})
    void aMissingFileIsNamed(String name) throws IOException {
        Path folder = SampleRun.of(1).write(root.resolve("run"));
        Files.delete(folder.resolve(name));
        assertTrue(assertThrows(InputException.class, () -> RunReader.read(folder)).getMessage().contains("found no " + name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[]", "{\"scenario\": 3}", "null", "{\"name\": \"a\", \"seed\": 1, \"scenario\": {\"tasks\": [[\"cat\"]], "
            + "\"trainImages\": []}, \"methods\": {\"a\": {\"accuracy\": {\"total\": [[1]], \"correct\": [[2]]}, \"trainable\": {}}}}"})
    void damagedMetricsAreSaidToBe(String text) throws IOException {
        Path folder = SampleRun.of(1).write(root.resolve("run"));
        Files.writeString(folder.resolve("metrics.json"), text);
        assertTrue(assertThrows(InputException.class, () -> RunReader.read(folder)).getMessage().contains("run train again"));
    }

    @Test
    void damagedAnswersAreSaidToBe() throws IOException {
        Path folder = SampleRun.of(1).write(root.resolve("run"));
        Path csv = folder.resolve("predictions.csv");
        List<String> lines = Files.readAllLines(csv);
        String first = lines.get(1);
        for (List<String> changed : List.of(lines.subList(0, 40), swapped(lines, 32, 33), replaced(lines, 1, first.replaceFirst("(cat|dog|hen|emu|ant|bee),0", "cow,0")),
                replaced(lines, 1, "it-prompt"), List.of("a,b", "1,2"))) {
            Files.write(csv, changed);
            InputException error = assertThrows(InputException.class, () -> RunReader.read(folder), changed.toString());
            assertTrue(error.getMessage().startsWith(csv + ": expected ") && error.getMessage().endsWith("; run train again"), error.getMessage());
        }
        Files.write(csv, replaced(lines, 1, first.contains("png,cat,cat") ? first.replace("png,cat,cat", "png,cat,dog") : first.replaceFirst("png,cat,\\w+", "png,cat,cat")));
        assertTrue(assertThrows(InputException.class, () -> RunReader.read(folder)).getMessage().contains("right answers of it-prompt on task 1"));
    }

    private static List<String> swapped(List<String> lines, int a, int b) {
        return replaced(replaced(lines, a, lines.get(b)), b, lines.get(a));
    }

    private static List<String> replaced(List<String> lines, int index, String line) {
        return Stream.concat(Stream.concat(lines.subList(0, index).stream(), Stream.of(line)), lines.subList(index + 1, lines.size()).stream()).toList();
    }

    @Test
    void confidencesGiveTheCalibrationError() throws IOException {
        Path folder = SampleRun.of(1).write(root.resolve("run"));
        List<String> lines = Files.readAllLines(folder.resolve("predictions.csv"));
        Files.write(folder.resolve("predictions.csv"), lines.stream().map(line -> line + (line.startsWith("method,") ? ",confidence" : ",1.0")).toList());
        RunRecord run = RunReader.read(folder);
        MethodRecord method = run.methods().getFirst();
        assertEquals(100 - Definition.LAST_MICRO.of(run, method).getAsDouble(), Definition.ECE.of(run, method).getAsDouble(), 1e-9);
    }

    /** A method fills every cell of a column or none; what stands there are shares and tasks that there are. */
    @ParameterizedTest
    @ValueSource(strings = {"NaN", "-0.1", "1.000001", "", "x"})
    void confidencesThatAreNoneAreDamage(String odd) throws IOException {
        Path folder = SampleRun.of(1).write(root.resolve("run"));
        Path csv = folder.resolve("predictions.csv");
        List<String> lines = Files.readAllLines(csv);
        List<String> scored = lines.stream().map(line -> line + (line.startsWith("method,") ? ",confidence" : line.startsWith("ncm") ? "," : ",0.5")).toList();
        Files.write(csv, scored);
        RunRecord run = RunReader.read(folder);
        assertEquals(30, run.method("it-prompt").answers().confidence().length);
        assertTrue(Definition.ECE.of(run, run.method("ncm")).isEmpty());
        Files.write(csv, replaced(scored, 7, lines.get(7) + "," + odd));
        assertDamaged(folder, csv);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "-1", ""})
    void inferredTasksThatAreNoneAreDamage(String odd) throws IOException {
        Path folder = SampleRun.of(1).write(root.resolve("run"));
        Path csv = folder.resolve("predictions.csv");
        List<String> lines = Files.readAllLines(csv);
        Files.write(csv, replaced(lines, 7, lines.get(7).replaceFirst("\\d$", odd)));
        assertDamaged(folder, csv);
    }

    private static void assertDamaged(Path folder, Path csv) {
        InputException error = assertThrows(InputException.class, () -> RunReader.read(folder));
        assertTrue(error.getMessage().startsWith(csv + ": expected ") && error.getMessage().endsWith("; run train again"), error.getMessage());
    }

    @Test
    void severalSeedsAreReadByTheirFoldersOrBySummary() throws IOException {
        Path a = SampleRun.of(1).write(root.resolve("seed-1"));
        Path b = SampleRun.of(2).write(root.resolve("seed-2"));
        Files.writeString(root.resolve("summary.json"), "{\"seeds\": [1, 2]}");
        assertEquals(List.of(a, b), RunSet.read(List.of(root)).runs().stream().map(RunRecord::folder).toList());
        Path elsewhere = Files.createDirectory(root.resolve("other"));
        Files.writeString(elsewhere.resolve("summary.json"), "{\"seeds\": [1, 2], \"runs\": [\"../seed-1\", \"../seed-2\"]}");
        assertEquals(List.of(1L, 2L), RunSet.read(List.of(elsewhere)).runs().stream().map(RunRecord::seed).toList());
        assertThrows(InputException.class, () -> RunSet.read(List.of(a, a)));
        Path longer = new SampleRun("sample", List.of("a", "b", "c", "d"), List.of("x", "y", "z"), 7).write(root.resolve("longer"));
        assertTrue(assertThrows(InputException.class, () -> RunSet.read(List.of(a, longer))).getMessage().contains("a run with 3 tasks"));
        assertThrows(InputException.class, () -> RunSet.read(List.of(Files.createDirectory(root.resolve("empty")))));
    }

    @Test
    void tablesOverSeedsHaveMeansAndBothDeviations() throws IOException {
        RunSet set = RunSet.read(List.of(SampleRun.of(1).write(root.resolve("a")), SampleRun.of(2).write(root.resolve("b"))));
        Tables tables = new Tables(set);
        List<Cell> row = tables.statistics(List.of(Definition.FAA)).rows().getFirst();
        double[] values = set.runs().stream().mapToDouble(run -> Definition.FAA.of(run, run.methods().getFirst()).getAsDouble()).toArray();
        double half = Math.abs(values[0] - values[1]) / 2;
        assertEquals(List.of("FAA", "%", "it-prompt", "2", Cell.fixed((values[0] + values[1]) / 2, 4), Cell.fixed(half, 4), Cell.fixed(half * Math.sqrt(2), 4),
                Cell.fixed(12.706204736 * half, 4)), row.stream().map(Cell::plain).toList());
        assertEquals(3, tables.tests().rows().stream().filter(r -> r.get(3).plain().equals("ncm")).count());
        assertTrue(tables.settings().rows().stream().anyMatch(r -> r.equals(List.of(new Cell.Text("2"), new Cell.Text("seed"), new Cell.Text("2")))));
        assertEquals(60, tables.confusion().rows().stream().filter(r -> r.get(1).plain().equals("ncm"))
                .mapToDouble(r -> ((Cell.Number) r.get(4)).value()).sum());
    }
}
