package dev.itprompt.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** The option that says how progress is shown. */
final class ProgressOptions {

    /** What can be asked for. */
    enum Mode { AUTO, PLAIN, OFF }

    @Option(names = "--progress", paramLabel = "HOW", defaultValue = "auto",
            description = "auto (a live line on a terminal, at most a line a minute elsewhere), plain (a line every 10 s) or off; "
                    + "default: auto.")
    private Mode mode;

    /** A printer on the error stream. */
    ProgressPrinter printer(PrintWriter err) {
        return new ProgressPrinter(err, switch (mode) {
            case OFF -> ProgressPrinter.Style.OFF;
            case PLAIN -> ProgressPrinter.Style.PLAIN;
            case AUTO -> Terminal.isTerminal(Terminal.STDERR) ? ProgressPrinter.Style.LIVE : ProgressPrinter.Style.SPARSE;
        }, System::nanoTime);
    }
}
