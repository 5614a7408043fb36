package dev.itprompt.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Commands for people who write kernels or port them. */
@Command(
        name = "kernels",
        description = {"Checks and shows the kernels of a device.", ""},
        subcommands = {KernelsVerifyCommand.class, KernelsDumpCommand.class},
        footer = {"", "Examples:", "  itprompt kernels verify --device cpu", "  itprompt kernels verify --device tornado --op Attention",
            "  itprompt kernels dump --device tornado:opencl --output output/kernels"})
final class KernelsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing subcommand; see: itprompt kernels --help");
    }
}
