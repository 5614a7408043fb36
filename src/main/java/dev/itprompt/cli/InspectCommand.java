package dev.itprompt.cli;

import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.Inspection;
import dev.itprompt.experiment.CheckpointReport;
import dev.itprompt.experiment.OwnState;
import dev.itprompt.experiment.RunReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what is in a checkpoint. */
@Command(
        name = "inspect",
        description = {"Shows what is in a checkpoint: container, family, model, heads, activation and all else that its tensors do not tell, with "
                + "where each comes from, tensors, what would be left out, SHA-256; or what a folder of train holds. Nothing in a file is "
                + "executed.", ""},
        footer = {"", "Examples:",
            "  itprompt inspect ViT-B-16.pt",
            "  itprompt inspect checkpoint.pth --branch student",
            "  itprompt inspect model.safetensors --json",
            "  itprompt inspect output/demo-0"})
final class InspectCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "A checkpoint file or a folder with one, or a folder that train or pretrain wrote.")
    private Path file;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--no-sha256", description = "Leave the SHA-256 out, for which the whole file is read.")
    private boolean withoutHash;

    @Mixin
    private CheckpointOptions options;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        RunReport.of(file).ifPresentOrElse(run -> out.print(json ? run.json() + "\n" : run.text()), () -> inspect(out));
        out.flush();
    }

    private void inspect(PrintWriter out) {
        Inspection inspection = Inspection.of(OwnState.in(file), options.load());
        Checkpoint checkpoint = inspection.checkpoint();
        if (json) {
            out.println(CheckpointReport.json(inspection, withoutHash ? null : checkpoint.sha256()));
        } else {
            out.print(CheckpointReport.text(inspection));
            out.flush(); // the file may be large: the hash follows when it is there
            if (!withoutHash) {
                out.println("sha256      " + checkpoint.sha256());
            }
        }
    }
}
