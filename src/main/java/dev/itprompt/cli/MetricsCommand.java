package dev.itprompt.cli;

import dev.itprompt.report.ConsoleTable;
import dev.itprompt.report.Definition;
import dev.itprompt.report.RunSet;
import dev.itprompt.report.Table;
import dev.itprompt.report.Tables;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Computes metrics from stored results. */
@Command(
        name = "metrics",
        description = {"Computes metrics of finished runs by their names, from the stored accuracy matrices and answers alone: every published "
                + "average, forgetting and transfer, per-class accuracy, confusion, tests between methods. Over several seeds: mean, "
                + "both standard deviations, 95 % interval.", ""},
        footer = {"", "Examples:",
            "  itprompt metrics output/demo-0",
            "  itprompt metrics output/demo-0 --define forgetting-coda,forgetting-hide",
            "  itprompt metrics output/demo-0 --define classes,confusion --json",
            "  itprompt metrics output/demo-0 output/demo-1 output/demo-2",
            "  itprompt metrics --list"})
final class MetricsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", arity = "0..*", description = "Folders of runs, or one that train --seeds wrote its summary into.")
    private List<Path> folders = List.of();

    @Option(names = "--define", split = ",", paramLabel = "NAME,...", hideParamSyntax = true,
            description = "Only these: names of metrics (--list), or the tables accuracy, classes, confusion, tasks, selection, times, tests.")
    private List<String> names = List.of();

    @Option(names = "--list", description = "Print every metric's name, meaning and source.")
    private boolean list;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (folders.isEmpty() != list) {
            throw new ParameterException(spec.commandLine(), "Expected folders of runs, or --list");
        }
        if (list) {
            out.print(json ? ConsoleTable.json(List.of(Tables.definitions(List.of(Definition.values())))) + "\n"
                    : meanings(List.of(Definition.values())));
        } else {
            print(out, new Tables(RunSet.read(folders)));
        }
        out.flush();
    }

    private void print(PrintWriter out, Tables tables) {
        Map<String, Supplier<Table>> others = new LinkedHashMap<>();
        others.put("accuracy", tables::accuracy);
        others.put("classes", tables::classes);
        others.put("confusion", tables::confusion);
        others.put("tasks", tables::taskConfusion);
        others.put("selection", tables::selection);
        others.put("times", tables::times);
        others.put("tests", tables::tests);
        List<Definition> definitions = names.isEmpty() ? List.of(Definition.values())
                : names.stream().filter(name -> !others.containsKey(name)).map(Definition::named).toList();
        List<Table> chosen = new ArrayList<>();
        if (!definitions.isEmpty()) {
            chosen.add(tables.isSeveral() ? tables.statistics(definitions) : tables.metrics(definitions));
        }
        names.stream().filter(others::containsKey).forEach(name -> chosen.add(others.get(name).get()));
        if (json) {
            out.println(ConsoleTable.json(chosen));
        } else {
            out.print(String.join("\n", chosen.stream().map(ConsoleTable::of).toList()) + (definitions.isEmpty() ? "" : "\n" + meanings(definitions)));
        }
    }

    /** What names mean, a line each. */
    private static String meanings(List<Definition> definitions) {
        StringBuilder text = new StringBuilder();
        definitions.forEach(d -> text.append(String.format(Locale.ROOT, "  %-23s  %s%s\n", d.key(), d.meaning(),
                d.source().isEmpty() ? "" : "; as in " + d.source())));
        text.append("  A[j][t] is the accuracy in percent on task j's test images after task t, over all classes seen by then; T is the number of "
                + "tasks.\n");
        definitions.stream().filter(d -> d.needs().startsWith("accuracies on tasks not") || d == Definition.ECE).forEach(d -> text.append("  ")
                .append(d.key()).append(" needs ").append(d.needs()).append("; without them it is not available.\n"));
        return text.toString();
    }
}
