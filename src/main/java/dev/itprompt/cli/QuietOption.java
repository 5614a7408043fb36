package dev.itprompt.cli;

import java.io.PrintWriter;
import java.io.Writer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The option by which a command says only what goes wrong. */
final class QuietOption {

    @Option(names = {"-q", "--quiet"}, description = "Print neither progress nor results, only errors and warnings; the exit code tells.")
    private boolean quiet;

    /** Whether it was given. */
    boolean isGiven() {
        return quiet;
    }

    /** Where a command's ordinary output goes: to its output stream, or nowhere. */
    PrintWriter out(CommandSpec spec) {
        return quiet ? new PrintWriter(Writer.nullWriter()) : spec.commandLine().getOut();
    }
}
