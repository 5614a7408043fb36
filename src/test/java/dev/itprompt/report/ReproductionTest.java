package dev.itprompt.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.Warnings;
import dev.itprompt.config.Kind;
import dev.itprompt.config.Variant;
import dev.itprompt.data.sets.Datasets;
import dev.itprompt.method.Method;
import dev.itprompt.method.Registry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tools.jackson.databind.JsonNode;

/** Published figures, and measured ones beside them. */
class ReproductionTest {

    @SuppressWarnings("unused")
    private static final List<String> NAMES = Published.NAMES;

    private static final Published PUBLISHED = new Published("sample", "Sample", List.of("idx"), List.of(
            new Published.Figures("a paper", new Published.Setting("small", 3, 2), Map.of("it-prompt", Map.of("FAA", new Cell.Spread(80, 1.5, 2)))),
            new Published.Figures("another", new Published.Setting("large", 3, 2), Map.of("ncm", Map.of("FAA", new Cell.Number(70.25, 2))))));

    @TempDir
    private Path root;

    /** A name that is no method's, a metric that does not exist or a share that is no percentage would be shown to everybody. */
    @ParameterizedTest
    @FieldSource("NAMES")
    void publishedFiguresAreOfMethodsAndMetricsThatAreKnown(String name) {
        Set<String> methods = new HashSet<>();
        for (Method<?> method : Registry.METHODS.kinds()) {
            methods.add(method.name());
            method.answers().stream().map(Kind.Answer::suffix).forEach(suffix -> methods.add(method.name() + suffix));
        }
        Registry.METHODS.variants().stream().map(Variant::name).forEach(methods::add);
        Published published = Published.of(name);
        published.datasets().forEach(kind -> assertEquals(kind, Datasets.of(kind).facts().name()));
        assertTrue(Files.isDirectory(Path.of("configs", name)) || Files.isRegularFile(Path.of("configs", name + ".yaml")), name);
        for (Published.Figures figures : published.figures()) {
            assertFalse(figures.source().isBlank(), name);
            assertTrue(methods.containsAll(figures.values().keySet()), figures.values().keySet().toString());
            figures.values().values().forEach(values -> values.forEach((metric, value) -> {
                assertEquals(metric, Definition.named(metric).key());
                double mean = value instanceof Cell.Spread spread ? spread.mean() : ((Cell.Number) value).value();
                assertTrue(mean > 0 && mean < 100, value.toString());
            }));
        }
    }

    @Test
    void figuresKeepThePlacesTheyWerePublishedWith() {
        Published published = Published.of("cifar100");
        Map<String, Map<String, Cell>> values = published.figures().stream().filter(figures -> figures.setting().model().equals("moco-1k")).findFirst()
                .orElseThrow().values();
        assertEquals("12.60", values.get("coda-prompt").get("FFM").plain());
        assertEquals("76.83 ± 0.34", values.get("coda-prompt").get("FAA").plain());
    }

    @Test
    void unknownBenchmarksAreRefusedWithTheNearest() {
        assertEquals("reproduce: expected the name of a benchmark, found cifar10; did you mean cifar100?",
                assertThrows(InputException.class, () -> Published.of("cifar10")).getMessage());
    }

    private Reproduction reproduction(List<String> warnings) {
        return Reproduction.of(PUBLISHED, List.of(root, root.resolve("absent")), warnings::add);
    }

    @Test
    void measuredFiguresOfAllSeedsStandBesideThePublishedOnes() throws IOException {
        SampleRun.of(0).write(root.resolve("sweep/runs/a"), "checkpoint: models/small");
        SampleRun.of(1).write(root.resolve("sweep/runs/b"), "checkpoint: models/small");
        JsonNode json = JsonText.MAPPER.readTree(ConsoleTable.json(reproduction(new ArrayList<>()).tables()));
        JsonNode row = json.at("/sample-1/0");
        double first = Definition.FAA.of(null, RunReader.read(root.resolve("sweep/runs/a")).method("it-prompt")).orElseThrow();
        double second = Definition.FAA.of(null, RunReader.read(root.resolve("sweep/runs/b")).method("it-prompt")).orElseThrow();
        assertEquals("sample", row.get("run").asString());
        assertEquals(2, row.get("seeds").asInt());
        assertEquals(60, row.get("trainImages").asInt());
        assertEquals(80, row.at("/FAA published/mean").asDouble());
        assertEquals((first + second) / 2, row.at("/FAA/mean").asDouble(), 1e-9);
        assertEquals(42, row.at("/trainable/mean").asInt());
        assertTrue(row.get("peakMemoryBytes").isNull(), "there is no manifest");
        assertEquals("a paper", row.get("source").asString());
        assertEquals(Reproduction.NOT_RUN, json.at("/sample-2/0/run").asString(), "with another model");
        assertTrue(json.at("/sample-2/0/FAA").isNull());
        assertEquals(List.of("ncm", "joint"), json.at("/sample-small-3-2").valueStream().map(other -> other.get("method").asString()).toList());
        assertEquals(Set.of("ncm"), reproduction(new ArrayList<>()).missing());
    }

    @Test
    void selectionCountsEveryTestImageOnce() throws IOException {
        Table table = new Tables(RunSet.read(List.of(SampleRun.of(0).write(root.resolve("a"))))).selection();
        assertEquals(3, table.rows().size(), "of it-prompt alone, a line a task");
        assertEquals(30, table.rows().stream().mapToDouble(row -> ((Cell.Number) row.get(4)).value()).sum());
        assertEquals(100, table.rows().stream().mapToDouble(row -> ((Cell.Number) row.get(6)).value()).sum(), 1e-9);
        double even = ((Cell.Number) table.rows().getFirst().get(7)).value();
        assertTrue(even > 0 && even < 1, "entropy " + even);
        assertEquals(Cell.NONE, table.rows().get(1).get(7));
    }

    /** Of chosen entries images are shown, of mixtures mean weights; pools of several seeds are added up. */
    @Test
    void usesOfPoolsAreShares() throws IOException {
        List<RunRecord> runs = new ArrayList<>();
        for (String sums : List.of("[30, 0, 10]", "[0, 0, 20]")) {
            Path metrics = SampleRun.of(runs.size()).write(root.resolve("pools" + runs.size())).resolve("metrics.json");
            Files.writeString(metrics, Files.readString(metrics).replaceFirst("(\"ncm\"\\s*:\\s*\\{)", "$1 \"pools\": {\"pool\": {\"images\": 20, \"sums\": " + sums
                    + ", \"weighed\": false}, \"pool.2\": {\"images\": 20, \"sums\": [3, 5], \"weighed\": true}},"));
            runs.add(RunReader.read(metrics.getParent()));
        }
        Tables tables = new Tables(new RunSet(List.of(runs.getFirst())));
        List<List<String>> rows = tables.selection().rows().stream().filter(row -> row.get(1).plain().equals("ncm"))
                .map(row -> row.stream().skip(2).map(Cell::plain).toList()).toList();
        assertEquals(List.of(List.of("pool", "1", "30", "-", "75.00", "0.512", "1"), List.of("pool", "2", "0", "-", "0.00", "-", "-"),
                List.of("pool", "3", "10", "-", "25.00", "-", "-"), List.of("pool.2", "1", "-", "0.1500", "37.50", "0.954", "0"),
                List.of("pool.2", "2", "-", "0.2500", "62.50", "-", "-")), rows, "entropies of 3:0:1 and 3:5, by log 3 and log 2");
        String page = HtmlReport.of(new RunSet(runs), false);
        assertTrue(page.contains("Prompt pools") && page.contains("pool: entropy 0.631 of an even choice&#39;s; 1 of 3 entries never used."), page);
        assertFalse(HtmlReport.of(new RunSet(List.of(RunReader.read(SampleRun.of(1).write(root.resolve("none"))))), false).contains("Prompt pools"));
    }

    @Test
    void runsWithOtherSettingsAreNotMixed() throws IOException {
        SampleRun.of(0).write(root.resolve("a"), "checkpoint: models/small", "rate: 1");
        SampleRun.of(1).write(root.resolve("b"), "checkpoint: models/small", "rate: 2");
        SampleRun.of(1).write(root.resolve("c"), "checkpoint: models/small", "rate: 2");
        Table table = reproduction(new ArrayList<>()).tables().getFirst();
        assertEquals(List.of(1.0, 1.0), table.rows().stream().map(row -> ((Cell.Number) row.get(2)).value()).toList());
    }

    @Test
    void whatCannotBeReadIsLeftOutAndNamed() throws IOException {
        SampleRun.of(0).write(root.resolve("a"), "checkpoint: models/small");
        Files.writeString(SampleRun.of(1).write(root.resolve("b"), "checkpoint: models/small").resolve("metrics.json"), "{");
        List<String> warnings = new ArrayList<>();
        assertEquals(1, ((Cell.Number) reproduction(warnings).tables().getFirst().rows().getFirst().get(2)).value());
        assertEquals(1, warnings.size());
        assertTrue(warnings.getFirst().startsWith("left out: " + root.resolve("b").resolve("metrics.json")), warnings.toString());
    }

    @Test
    void runsOfOtherBenchmarksAreNotShown() throws IOException {
        SampleRun.of(0).write(root.resolve("a"), "checkpoint: models/small");
        Reproduction other = Reproduction.of(new Published("other", "Other", List.of("cifar-100"), List.of()), List.of(root), Warnings.NONE);
        assertEquals(List.of(), other.tables());
        assertTrue(other.notes().contains("no figure with a known source"), other.notes());
    }
}
