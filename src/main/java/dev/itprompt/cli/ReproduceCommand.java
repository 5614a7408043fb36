package dev.itprompt.cli;

import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.report.Cell;
import dev.itprompt.report.ConsoleTable;
import dev.itprompt.report.Published;
import dev.itprompt.report.Reproduction;
import dev.itprompt.report.Table;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints published figures beside measured ones. */
@Command(
        name = "reproduce",
        description = {"Prints the published figures of a benchmark, with their sources, beside those of finished runs and campaigns and what these cost. "
                + "Runs nothing: where there is no run it says so, and names the configuration that would make one.", ""},
        footer = {"", "Examples:",
            "  itprompt reproduce                        names of the benchmarks",
            "  itprompt reproduce cifar100",
            "  itprompt reproduce imagenet-r --runs output/campaign --json"})
final class ReproduceCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "A benchmark; without it all names are listed.")
    private String name;

    @Option(names = "--runs", split = ",", paramLabel = "DIR,...", hideParamSyntax = true,
            description = "Folders that are looked through for finished runs; default: output.")
    private List<Path> folders;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (name == null) {
            list(out);
        } else {
            print(out, Published.of(name));
        }
        out.flush();
    }

    private void list(PrintWriter out) {
        if (json) {
            Table.Builder all = new Table.Builder("benchmarks", "published figures", List.of("name", "title"));
            Published.NAMES.forEach(known -> all.row(new Cell.Text(known), new Cell.Text(Published.of(known).title())));
            out.println(ConsoleTable.json(List.of(all.build())));
        } else {
            Published.NAMES.forEach(known -> out.printf(Locale.ROOT, "%-14s %s\n", known, Published.of(known).title()));
        }
    }

    private void print(PrintWriter out, Published published) {
        ProjectFolder project = ProjectFolder.find();
        Reproduction reproduction = Reproduction.of(published, folders == null ? List.of(project.resolve("output")) : folders,
                Main.warnings(spec.commandLine()));
        if (json) {
            out.println(ConsoleTable.json(reproduction.tables()));
            return;
        }
        reproduction.tables().forEach(table -> out.println(ConsoleTable.of(table)));
        out.print(reproduction.notes());
        List<String> configurations = reproduction.missing().stream().map(method -> "configs/" + name + "/" + method + ".yaml")
                .filter(file -> Files.isRegularFile(project.resolve(file))).toList();
        if (!configurations.isEmpty()) {
            out.println("  not run: ./itprompt train --config FILE --seeds 0,1,2,3,4 with " + String.join(", ", configurations)
                    + "; --set checkpoint=models/NAME and --set scenario.split=TASKSxCLASSES for other settings");
        }
    }
}
