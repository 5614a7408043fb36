package dev.itprompt.cli;

import dev.itprompt.report.Comparison;
import dev.itprompt.report.ConsoleTable;
import dev.itprompt.report.RunReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what differs between two runs. */
@Command(
        name = "compare",
        description = {"Says what differs between two finished runs: settings, images and models, program and machine, and results by metric, class and "
                + "image. Exit code 0 if the results are the same, 1 if they differ.", ""},
        footer = {"", "Examples:",
            "  itprompt compare output/demo-0 output/demo-1",
            "  itprompt compare output/demo-0 output/ablations --json"})
final class CompareCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FIRST", description = "Folder of a run.")
    private Path first;

    @Parameters(index = "1", paramLabel = "SECOND", description = "Folder of another.")
    private Path second;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Comparison comparison = Comparison.of(RunReader.read(first), RunReader.read(second));
        if (json) {
            out.println(ConsoleTable.json(comparison.tables()));
        } else {
            comparison.tables().forEach(table -> out.println(ConsoleTable.of(table)));
            out.println(comparison.sameResults() ? "the results are the same" : "the results differ");
        }
        out.flush();
        return comparison.sameResults() ? 0 : Main.EXIT_FAILURE;
    }
}
