package dev.itprompt.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.continual.AccuracyMatrix;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every metric, statistic and test against what NumPy computed of the same numbers; see src/test/python/metric_goldens.py. */
class DefinitionTest {

    private static JsonNode goldens;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream in = DefinitionTest.class.getResourceAsStream("metrics.json")) {
            goldens = JsonMapper.shared().readTree(in);
        }
    }

    private static AccuracyMatrix matrix(JsonNode correct, JsonNode total) {
        AccuracyMatrix matrix = new AccuracyMatrix(total.size());
        for (int j = 0; j < total.size(); j++) {
            for (int t = 0; t < total.size(); t++) {
                if (total.get(j).get(t).asLong() > 0) {
                    matrix.set(j, t, correct.get(j).get(t).asLong(), total.get(j).get(t).asLong());
                }
            }
        }
        return matrix;
    }

    private static int[] ints(JsonNode node) {
        return node.valueStream().mapToInt(JsonNode::asInt).toArray();
    }

    private static double[] doubles(JsonNode node) {
        return node.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }

    /** A run of one method out of a golden case. */
    private static RunRecord run(JsonNode golden) {
        int tasks = golden.get("tasks").asInt();
        int perTask = golden.get("perTask").asInt();
        List<List<String>> names = IntStream.range(0, tasks).mapToObj(t -> IntStream.range(0, perTask).mapToObj(c -> "class " + (t * perTask + c))
                .toList()).toList();
        List<TestImage> images = IntStream.of(ints(golden.get("labels"))).mapToObj(label -> new TestImage("image", label, label / perTask)).toList();
        int[] inferred = ints(golden.get("inferred"));
        AccuracyMatrix tasksRight = new AccuracyMatrix(tasks);
        for (int j = 0; j < tasks; j++) {
            int task = j;
            long right = IntStream.range(0, inferred.length).filter(i -> images.get(i).task() == task && inferred[i] == task).count();
            tasksRight.set(j, tasks - 1, right, images.stream().filter(image -> image.task() == task).count());
        }
        MethodRecord method = new MethodRecord("method", matrix(golden.get("correct"), golden.get("total")),
                IntStream.range(0, golden.get("initial").size()).mapToObj(i -> golden.get("initial").get(i).asDouble()).toList(),
                inferred.length == 0 ? Optional.empty() : Optional.of(tasksRight), Optional.of(matrix(golden.get("correct"), golden.get("total"))),
                new Answers(ints(golden.get("classes")), inferred, doubles(golden.get("confidence"))), Map.of(), Map.of("prompts", 30L, "keys", 12L),
                Optional.of(new MethodRecord.ZeroShot(40, 30, false)), new MethodRecord.Cost(OptionalInt.of(1), List.of(2.0, 3.0), List.of(0.5), OptionalLong.of(77)));
        return new RunRecord(Path.of("run"), "run", 0, names, List.of(), images, List.of(method), Map.of(), Map.of(), Optional.empty());
    }

    /** The same formulas, of the matrix where tasks are told. */
    @Test
    void toldTasksHaveTheSameFormulas() {
        for (JsonNode golden : goldens.get("cases")) {
            RunRecord run = run(golden);
            MethodRecord method = run.methods().getFirst();
            assertEquals(Definition.TRANSFER.of(run, method), Definition.TRANSFER_TOLD.of(run, method));
            assertEquals(Definition.AVERAGE.of(run, method), Definition.AVERAGE_TOLD.of(run, method));
            assertEquals(Definition.LAST.of(run, method), Definition.LAST_TOLD.of(run, method));
        }
    }

    @Test
    void everyMetricIsWhatNumPyComputes() {
        Set<String> seen = new TreeSet<>();
        for (JsonNode golden : goldens.get("cases")) {
            RunRecord run = run(golden);
            for (Definition definition : EnumSet.range(Definition.FAA, Definition.ECE)) {
                OptionalDouble value = definition.of(run, run.methods().getFirst());
                JsonNode expected = golden.get("metrics").get(definition.key());
                assertEquals(expected != null, value.isPresent(), definition + " with " + run.tasks().size() + " tasks");
                if (expected != null) {
                    assertEquals(expected.asDouble(), value.getAsDouble(), 1e-9, definition.key() + " with " + run.tasks().size() + " tasks");
                    seen.add(definition.key());
                }
            }
        }
        EnumSet.range(Definition.FAA, Definition.ECE).forEach(definition -> assertTrue(seen.contains(definition.key()), definition + " never known"));
    }

    @Test
    void classesAndTasksAreCountedAsNumPyCountsThem() {
        for (JsonNode golden : goldens.get("cases")) {
            RunRecord run = run(golden);
            MethodRecord method = run.methods().getFirst();
            ClassCounts classes = ClassCounts.of(run, method);
            assertCounts(golden.get("confusion"), classes.confusion());
            assertArrayEquals(doubles(golden.get("perClass")), IntStream.range(0, run.classes().size()).mapToDouble(classes::accuracy).toArray(), 1e-9);
            if (!golden.get("taskConfusion").isEmpty()) {
                assertCounts(golden.get("taskConfusion"), ClassCounts.ofTasks(run, method).confusion());
            }
        }
    }

    private static void assertCounts(JsonNode expected, long[][] counts) {
        List<long[]> rows = new ArrayList<>();
        expected.forEach(row -> rows.add(row.valueStream().mapToLong(JsonNode::asLong).toArray()));
        assertArrayEquals(rows.toArray(long[][]::new), counts);
    }

    @Test
    void costsAreSumsAndQuotients() {
        RunRecord run = run(goldens.get("cases").get(1));
        MethodRecord method = run.methods().getFirst();
        assertEquals(42, Definition.TRAINABLE.of(run, method).getAsDouble());
        assertEquals(77, Definition.STATE_BYTES.of(run, method).getAsDouble());
        assertEquals(5, Definition.LEARN_SECONDS.of(run, method).getAsDouble());
        long[] sizes = goldens.get("cases").get(1).get("total").valueStream().mapToLong(row -> row.get(1).asLong()).toArray();
        assertEquals((2 * sizes[0] + sizes[1]) / 0.5, Definition.TEST_RATE.of(run, method).getAsDouble());
        assertEquals(0.75, Definition.ZERO_SHOT.of(run, method).getAsDouble());
    }

    @Test
    void statisticsOverSeedsAreWhatNumPyComputes() {
        for (JsonNode golden : goldens.get("seeds")) {
            double[] first = doubles(golden.get("first"));
            SeedStatistics s = SeedStatistics.of(first);
            assertEquals(golden.get("mean").asDouble(), s.mean(), 1e-9);
            assertEquals(golden.get("population").asDouble(), s.populationDeviation(), 1e-9);
            if (first.length == 1) {
                assertTrue(Double.isNaN(s.sampleDeviation()) && Double.isNaN(s.halfWidth()));
                continue;
            }
            assertEquals(golden.get("sample").asDouble(), s.sampleDeviation(), 1e-9);
            assertEquals(golden.get("halfWidth").asDouble(), s.halfWidth(), 1e-6);
            PairedTest test = PairedTest.of(first, doubles(golden.get("second")));
            assertEquals(golden.get("t").asDouble(), test.t(), 1e-9);
            assertEquals(golden.get("p").asDouble(), test.p(), 1e-9);
        }
        PairedTest equal = PairedTest.of(new double[] {1, 2}, new double[] {2, 3});
        assertTrue(Double.isNaN(equal.p()) && equal.difference() == 1);
    }

    @Test
    void mcNemarsTestIsExact() {
        for (JsonNode golden : goldens.get("mcnemar")) {
            double p = McNemarTest.of(golden.get("onlyFirst").asInt(), golden.get("onlySecond").asInt()).p();
            assertEquals(golden.get("p").asDouble(), p, 1e-9 * golden.get("p").asDouble(), golden.toString());
        }
        McNemarTest test = McNemarTest.of(new boolean[] {true, true, false, true}, new boolean[] {true, false, false, false});
        assertEquals(List.of(2, 0), List.of(test.onlyFirst(), test.onlySecond()));
        assertEquals(0.5, test.p(), 1e-12);
    }

    @Test
    void namesAreUniqueAndAnUnknownOneIsAnsweredWithTheNearest() {
        assertEquals(Definition.values().length, IntStream.range(0, Definition.values().length).mapToObj(i -> Definition.values()[i].key()).distinct().count());
        assertEquals(Definition.FORGETTING_CODA, Definition.named("Forgetting-coda"));
        assertTrue(assertThrows(InputException.class, () -> Definition.named("forgetting-codda")).getMessage().endsWith("did you mean forgetting-coda?"));
    }

    @Test
    void evennessIsEntropyOfAnEvenChoices() {
        assertEquals(1, Formulas.evenness(new double[] {5, 5, 5}), 1e-12);
        assertEquals(0, Formulas.evenness(new double[] {0, 7}), 1e-12);
        assertEquals(0, Formulas.evenness(new double[] {7}), 1e-12);
        assertEquals(0.8112781244591328, Formulas.evenness(new double[] {3, 1}), 1e-12, "Shannon's entropy of 3 to 1 in bits");
    }
}
