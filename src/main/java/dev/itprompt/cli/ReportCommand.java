package dev.itprompt.cli;

import dev.itprompt.InputException;
import dev.itprompt.Writable;
import dev.itprompt.WriteException;
import dev.itprompt.report.Mlflow;
import dev.itprompt.report.ReportFiles;
import dev.itprompt.report.RunSet;
import dev.itprompt.report.TensorBoard;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the files that show results. */
@Command(
        name = "report",
        description = {"Writes the files that show the results of finished runs, from their result files alone: a page (report.html), a workbook "
                + "(results.xlsx), all metrics (results.csv), the summary for papers (table.tex, table.md) and the curves (accuracy.svg, accuracy.png). "
                + "The same results give the same bytes.", ""},
        footer = {"", "Examples:",
            "  itprompt report output/demo-0",
            "  itprompt report output/demo-0 --format html --times",
            "  itprompt report output/demo-0 --tensorboard",
            "  itprompt report output/demo-0 --mlflow http://localhost:5000",
            "  itprompt report output/demo-0 output/demo-1 --output output/both"})
final class ReportCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", arity = "1..*", description = "Folders of runs with different seeds, or one that train --seeds wrote its summary into.")
    private List<Path> folders;

    @Option(names = "--format", split = ",", paramLabel = "NAME,...", hideParamSyntax = true,
            description = "Only these: ${COMPLETION-CANDIDATES}; default: all.")
    private List<ReportFiles.Format> formats = List.of(ReportFiles.Format.values());

    @Option(names = "--output", paramLabel = "DIR", description = "Folder for the files; default: that of the results, if there is one.")
    private Path output;

    @Option(names = "--tensorboard", description = "Write curves for TensorBoard as well, into the folder tensorboard below: accuracies after each task, losses, rates.")
    private boolean tensorBoard;

    @Option(names = "--mlflow", paramLabel = "URL", description = "Send the results to an MLflow tracking server as well, such as http://localhost:5000: a run for "
            + "each seed and method.")
    private String mlflow;

    @Option(names = "--times", description = "Put times, machine and memory into the files as well, which are others when the same run is done again.")
    private boolean times;

    @Override
    public void run() {
        if (output == null && folders.size() > 1) {
            throw new InputException("--output: expected a folder for the files of several runs, found none");
        }
        Path folder = output == null ? folders.getFirst() : output;
        Optional<Mlflow> server = Optional.ofNullable(mlflow).map(address -> Mlflow.at(address, System.getenv()));
        RunSet set = RunSet.read(folders);
        Writable.requireFolder("--output", folder);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new WriteException(folder, e);
        }
        ReportFiles.write(set, folder, formats, times);
        PrintWriter out = spec.commandLine().getOut();
        formats.forEach(format -> out.println(folder.resolve(format.file())));
        if (tensorBoard) {
            out.println(TensorBoard.write(set, folder));
        }
        server.ifPresent(to -> out.println(to.server() + ": " + to.send(set) + " runs"));
        out.flush();
    }
}
