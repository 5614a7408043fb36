package dev.itprompt.report;

import dev.itprompt.InputException;
import dev.itprompt.Warnings;
import dev.itprompt.WriteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Published figures of a benchmark beside those of finished runs, from result files alone. A run belongs to a benchmark by the kind of its
 * data set, and to a published setting by the name of its model's folder, the number of its tasks and the classes of the first.
 */
public final class Reproduction {

    /** What stands where a published method has no run. */
    static final String NOT_RUN = "not run";
    private static final List<String> HEAD = List.of("method", "run", "seeds", "trainImages");
    private static final String CHECKPOINT = "checkpoint";
    private static final String SEED = "seed";
    private static final String PEAK = "peakMemoryBytes";
    /** Of methods that no source speaks of. */
    private static final List<Definition> OTHERWISE = List.of(Definition.FAA, Definition.CAA);
    private static final List<Definition> COSTS = List.of(Definition.TRAINABLE, Definition.STATE_BYTES, Definition.QUERY_PASSES, Definition.TEST_RATE);
    private static final List<String> COST_HEADS = Stream.concat(COSTS.stream().map(Definition::key), Stream.of(PEAK)).toList();

    private final Published published;
    private final Map<Published.Setting, List<RunSet>> runs;

    private Reproduction(Published published, Map<Published.Setting, List<RunSet>> runs) {
        this.published = published;
        this.runs = runs;
    }

    /**
     * Reads all finished runs below some folders.
     *
     * @param folders  looked through; one that does not exist has no runs
     * @param warnings hears of runs that cannot be read, which are left out
     */
    public static Reproduction of(Published published, List<Path> folders, Warnings warnings) {
        Map<Published.Setting, Map<List<Object>, Map<Long, RunRecord>>> groups = new LinkedHashMap<>();
        for (Path folder : folders.stream().flatMap(folder -> runs(folder).stream()).distinct().toList()) {
            try {
                RunRecord run = RunReader.read(folder);
                if (published.datasets().contains(run.settings().get("dataset.kind"))) {
                    groups.computeIfAbsent(setting(run), _ -> new LinkedHashMap<>()).computeIfAbsent(kind(run), _ -> new TreeMap<>())
                            .putIfAbsent(run.seed(), run);
                }
            } catch (InputException e) {
                warnings.warn("left out: " + e.getMessage());
            }
        }
        Map<Published.Setting, List<RunSet>> runs = new LinkedHashMap<>();
        groups.forEach((setting, kinds) -> runs.put(setting, kinds.values().stream().map(seeds -> new RunSet(List.copyOf(seeds.values()))).toList()));
        return new Reproduction(published, runs);
    }

    private static List<Path> runs(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isDirectory).filter(RunReader::isRun).map(run -> run.toAbsolutePath().normalize()).sorted().toList();
        } catch (IOException e) {
            throw new InputException(folder + ": cannot be read (" + WriteException.reason(e) + ")", e);
        }
    }

    private static Published.Setting setting(RunRecord run) {
        Path model = Path.of(run.settings().getOrDefault(CHECKPOINT, "")).getFileName();
        return new Published.Setting(model == null ? "" : model.toString(), run.tasks().size(), run.tasks().getFirst().size());
    }

    /** What runs have in common that differ in their seeds alone. */
    private static List<Object> kind(RunRecord run) {
        Map<String, String> settings = new TreeMap<>(run.settings());
        settings.remove(SEED);
        settings.remove("methods");
        settings.remove("methods.run");
        return List.of(run.name(), settings);
    }

    /** A table for each source and setting, then one for each setting with the methods that no source speaks of. */
    public List<Table> tables() {
        List<Table> tables = new ArrayList<>();
        for (int i = 0; i < published.figures().size(); i++) {
            tables.add(table(published.figures().get(i), i + 1));
        }
        runs.forEach((setting, sets) -> {
            Table others = others(setting, sets);
            if (!others.rows().isEmpty()) {
                tables.add(others);
            }
        });
        return tables;
    }

    private Table table(Published.Figures figures, int number) {
        List<Definition> metrics = metrics(figures);
        List<String> head = new ArrayList<>(HEAD);
        metrics.forEach(metric -> head.addAll(List.of(metric.key() + " published", metric.key())));
        head.addAll(COST_HEADS);
        head.add("source");
        Table.Builder table = new Table.Builder(published.name() + "-" + number, published.title() + ", " + figures.setting().title(), head);
        figures.values().forEach((method, values) -> {
            List<RunSet> measured = runs.getOrDefault(figures.setting(), List.of()).stream().filter(set -> methods(set).contains(method)).toList();
            if (measured.isEmpty()) {
                table.row(notRun(method, metrics, figures));
            }
            measured.forEach(set -> {
                RunSet own = of(set, method);
                List<Cell> row = row(method, own);
                metrics.forEach(metric -> row.addAll(List.of(values.getOrDefault(metric.key(), Cell.NONE), new Tables(own).cell(metric, method))));
                row.addAll(costs(method, own));
                row.add(new Cell.Text(figures.source()));
                table.row(row);
            });
        });
        return table.build();
    }

    private Table others(Published.Setting setting, List<RunSet> sets) {
        List<String> head = new ArrayList<>(HEAD);
        OTHERWISE.forEach(metric -> head.add(metric.key()));
        head.addAll(COST_HEADS);
        Table.Builder table = new Table.Builder(String.join("-", published.name(), setting.model(), Integer.toString(setting.tasks()),
                Integer.toString(setting.first())), published.title() + ", " + setting.title() + ", nothing published", head);
        Set<String> spoken = new LinkedHashSet<>();
        published.figures().stream().filter(of -> of.setting().equals(setting)).forEach(of -> spoken.addAll(of.values().keySet()));
        sets.forEach(set -> methods(set).stream().filter(method -> !spoken.contains(method)).forEach(method -> {
            RunSet own = of(set, method);
            List<Cell> row = row(method, own);
            OTHERWISE.forEach(metric -> row.add(new Tables(own).cell(metric, method)));
            row.addAll(costs(method, own));
            table.row(row);
        }));
        return table.build();
    }

    private static List<Definition> metrics(Published.Figures figures) {
        return figures.values().values().stream().flatMap(values -> values.keySet().stream()).distinct().map(Definition::named).toList();
    }

    /** Of any run of a set. */
    private static Set<String> methods(RunSet set) {
        Set<String> names = new LinkedHashSet<>();
        set.runs().forEach(run -> run.methods().forEach(method -> names.add(method.name())));
        return names;
    }

    private static RunSet of(RunSet set, String method) {
        return new RunSet(set.runs().stream().filter(run -> run.find(method).isPresent()).toList());
    }

    private static List<Cell> row(String method, RunSet own) {
        RunRecord first = own.runs().getFirst();
        return new ArrayList<>(List.of(new Cell.Text(method), new Cell.Text(first.name()), new Cell.Number(own.runs().size(), 0),
                new Cell.Number(first.trainImages().stream().mapToLong(Integer::longValue).sum(), 0)));
    }

    private static List<Cell> costs(String method, RunSet own) {
        return Stream.concat(COSTS.stream().map(cost -> new Tables(own).cell(cost, method)), Stream.of(peak(own))).toList();
    }

    private static List<Cell> notRun(String method, List<Definition> metrics, Published.Figures figures) {
        List<Cell> row = new ArrayList<>(List.of(new Cell.Text(method), new Cell.Text(NOT_RUN), Cell.NONE, Cell.NONE));
        metrics.forEach(metric -> row.addAll(List.of(figures.values().get(method).getOrDefault(metric.key(), Cell.NONE), Cell.NONE)));
        COST_HEADS.forEach(_ -> row.add(Cell.NONE));
        row.add(new Cell.Text(figures.source()));
        return row;
    }

    /** The most memory of any of the runs; none if one does not say. */
    private static Cell peak(RunSet set) {
        long most = 0;
        for (RunRecord run : set.runs()) {
            OptionalLong bytes = Manifest.peakMemory(run.folder());
            if (bytes.isEmpty()) {
                return Cell.NONE;
            }
            most = Math.max(most, bytes.getAsLong());
        }
        return new Cell.Number(most, 0);
    }

    /** What the columns mean, a line each. */
    public String notes() {
        StringBuilder text = new StringBuilder(published.figures().isEmpty() ? "  no figure with a known source has been published for a method of this program\n"
                : "");
        Set<Definition> shown = new LinkedHashSet<>();
        published.figures().forEach(figures -> shown.addAll(metrics(figures)));
        shown.addAll(OTHERWISE);
        shown.addAll(COSTS);
        shown.forEach(metric -> text.append(String.format(Locale.ROOT, "  %-15s  %s\n", metric.key(), metric.meaning())));
        return text.append(String.format(Locale.ROOT, "  %-15s  %s\n", PEAK, "largest resident memory of a whole run with all its methods, the most of all seeds"))
                .append("  A[j][t] is the accuracy in percent on task j's test images after task t; measured values over several seeds are mean ± population ")
                .append("standard deviation, published ones as they were published.\n").toString();
    }

    /** Published methods that no run with the setting has, each once. */
    public Set<String> missing() {
        Set<String> missing = new LinkedHashSet<>();
        published.figures().forEach(of -> of.values().keySet().stream().filter(method -> runs.getOrDefault(of.setting(), List.of()).stream()
                .noneMatch(set -> methods(set).contains(method))).forEach(missing::add));
        return missing;
    }
}
