package dev.itprompt.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options that say how progress is shown, and whether anything is. */
final class ProgressOptions {

    /** What can be asked for. */
    enum Mode { AUTO, PLAIN, OFF }

    @Option(names = "--progress", paramLabel = "HOW", defaultValue = "auto",
            description = "auto (a live line on a terminal, at most a line a minute elsewhere), plain (a line every 10 s) or off; "
                    + "default: auto.")
    private Mode mode;

    @Mixin
    private QuietOption quiet;

    /** Whether nothing but errors and warnings is to be printed. */
    boolean isQuiet() {
        return quiet.isGiven();
    }

    /** Where a command's ordinary output goes; nowhere with {@code --quiet}. */
    PrintWriter out(CommandSpec spec) {
        return quiet.out(spec);
    }

    /** A printer on the error stream. */
    ProgressPrinter printer(PrintWriter err) {
        return new ProgressPrinter(err, switch (quiet.isGiven() ? Mode.OFF : mode) {
            case OFF -> ProgressPrinter.Style.OFF;
            case PLAIN -> ProgressPrinter.Style.PLAIN;
            case AUTO -> Terminal.isTerminal(Terminal.STDERR) ? ProgressPrinter.Style.LIVE : ProgressPrinter.Style.SPARSE;
        }, System::nanoTime);
    }
}
