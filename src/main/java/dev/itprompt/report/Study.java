package dev.itprompt.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Runs of the same methods on several benchmarks or with several settings.
 *
 * @param name  of the whole
 * @param parts at least one; a benchmark with one choice of settings each
 */
public record Study(String name, List<Part> parts) {

    /**
     * Runs that differ in their seeds only.
     *
     * @param benchmark its name
     * @param settings  what it sets, in a few words
     * @param runs      with all seeds
     */
    public record Part(String benchmark, String settings, RunSet runs) {

        /** In a line. */
        public String title() {
            return benchmark + ", " + settings;
        }
    }

    private static final List<String> COLUMNS = List.of("benchmark", "settings");

    private static List<Cell> cells(Part part) {
        return List.of(new Cell.Text(part.benchmark()), new Cell.Text(part.settings()));
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    /** A table of every part, one below the other, with the part's names in front. */
    private Table joined(Function<Tables, Table> table) {
        Table first = table.apply(new Tables(parts.getFirst().runs()));
        Table.Builder all = new Table.Builder(first.id(), first.title(), joined(COLUMNS, first.head()));
        parts.forEach(part -> table.apply(new Tables(part.runs())).rows().forEach(row -> all.row(joined(cells(part), row))));
        return all.build();
    }

    /** A line per part and method with the metrics that most publications give. */
    public Table summary() {
        return joined(Tables::summary);
    }

    /** A line per part, metric and method, over seeds with both standard deviations and the confidence interval. */
    Table statistics(List<Definition> definitions) {
        return joined(tables -> tables.statistics(definitions));
    }

    /** Each method against the first. */
    Table tests() {
        return joined(Tables::tests);
    }

    /** Every entry of every accuracy matrix. */
    Table accuracy() {
        return joined(Tables::accuracy);
    }

    /** Accuracy of each class after the last task. */
    Table classes() {
        return joined(Tables::classes);
    }

    /** A line per run and method with the metrics that most publications give. */
    Table runs() {
        Table.Builder table = new Table.Builder("runs", "Runs", joined(COLUMNS, joined(List.of("seed", "method"),
                Definition.HEADLINE.stream().map(Definition::key).toList())));
        parts.forEach(part -> part.runs().runs().forEach(run -> run.methods().forEach(method -> {
            List<Cell> row = new ArrayList<>(cells(part));
            row.add(new Cell.Number(run.seed(), 0));
            row.add(new Cell.Text(method.name()));
            Definition.HEADLINE.forEach(d -> row.add(d.of(run, method).isPresent()
                    ? new Cell.Number(d.of(run, method).getAsDouble(), d.unit().places()) : Cell.NONE));
            table.row(row);
        })));
        return table.build();
    }

    /** The configuration and what it only names: once what all runs share, else for each part. */
    Table settings() {
        Table.Builder table = new Table.Builder("settings", "Settings and what they name", joined(COLUMNS, List.of("key", "value")));
        Map<String, Map<Part, Set<String>>> values = new LinkedHashMap<>();
        parts.forEach(part -> part.runs().runs().forEach(run -> Tables.named(run).forEach((key, value) -> values
                .computeIfAbsent(key, _ -> new LinkedHashMap<>()).computeIfAbsent(part, _ -> new LinkedHashSet<>()).add(value))));
        values.forEach((key, of) -> {
            Set<Set<String>> different = new LinkedHashSet<>(of.values());
            if (different.size() == 1 && of.size() == parts.size()) {
                table.row(new Cell.Text("all"), new Cell.Text("all"), new Cell.Text(key), new Cell.Text(String.join(", ", different.iterator().next())));
            } else {
                of.forEach((part, set) -> table.row(joined(cells(part), List.of(new Cell.Text(key), new Cell.Text(String.join(", ", set))))));
            }
        });
        return table.build();
    }

    /** The tables of a workbook, a sheet each. */
    List<Table> sheets(List<Definition> definitions) {
        return List.of(summary(), runs(), statistics(definitions), accuracy(), classes(), tests(), settings(), Tables.definitions(definitions));
    }

    /** All metrics of each run and method in long form. */
    String csv(List<Definition> definitions) {
        StringBuilder csv = new StringBuilder(String.join(",", COLUMNS)).append(',').append(TextFormats.CSV_HEAD);
        parts.forEach(part -> TextFormats.csv(part.runs(), definitions, CsvCell.of(part.benchmark()) + "," + CsvCell.of(part.settings()) + ",", csv));
        return csv.toString();
    }

    /** What stands below the summary. */
    String spread() {
        Set<String> spreads = new LinkedHashSet<>(parts.stream().map(part -> TextFormats.spread(part.runs())).toList());
        return spreads.size() == 1 ? spreads.iterator().next() : "mean ± population standard deviation over the seeds of each line";
    }
}
