package dev.itprompt.cli;

import java.io.PrintWriter;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a script that completes commands and options in a shell. */
@Command(
        name = "completion",
        description = {"Prints a script that completes commands, options and their values in bash or zsh.", ""},
        footer = {"", "Examples:",
            "  source <(itprompt completion bash)",
            "  source <(itprompt completion zsh)"})
final class CompletionCommand implements Runnable {

    /** Shells that the script is for; zsh reads bash's after it has been told to. */
    enum Shell {
        BASH, ZSH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}.")
    private Shell shell;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (shell == Shell.ZSH) {
            out.print("autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n");
        }
        out.print(AutoComplete.bash(spec.root().name(), Main.commandLine()));
        out.print("\n");
        out.flush();
    }
}
