package dev.itprompt.cli;

import dev.itprompt.Writable;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.LearnedExport;
import dev.itprompt.experiment.LearnedRun;
import dev.itprompt.experiment.ProjectFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes what a run has learned for other programs. */
@Command(
        name = "export",
        description = {"Writes all that a method of a finished run has learned as named arrays, for other programs; docs/export.md says how a few lines of "
                + "Python classify with them.", ""},
        footer = {"", "Examples:", "  itprompt export --run output/demo-0 --method lda --format npz --output lda.npz",
            "  itprompt export --run output/demo-0 --format safetensors --output it-prompt.safetensors"})
final class ExportCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--run", required = true, paramLabel = "DIR", description = "Folder of the run.")
    private Path run;

    @Option(names = "--method", paramLabel = "NAME", description = "The method; default: the first that the run compares.")
    private String method;

    @Option(names = "--format", required = true, paramLabel = "KIND", description = "safetensors, npz or json.")
    private LearnedExport.Format format;

    @Option(names = "--output", required = true, paramLabel = "FILE", description = "File to write.")
    private Path output;

    @Mixin
    private DeviceOptions device;

    @Override
    public void run() {
        Writable.requireFile("--output", output);
        PrintWriter out = spec.commandLine().getOut();
        try (Device opened = device.open(); LearnedRun learned = LearnedRun.open(run, Optional.ofNullable(method), opened, ProjectFolder.find())) {
            LearnedExport.write(output, format, learned);
            out.println(learned.method() + ", " + learned.classes().size() + " classes: " + output);
        }
        out.flush();
    }
}
