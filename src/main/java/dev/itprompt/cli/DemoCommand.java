package dev.itprompt.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs the bundled experiment. */
@Command(
        name = "demo",
        description = {"Runs configs/demo.yaml: five tasks of two classes each with the bundled images and the bundled model, in about "
                + "a minute on two cores.", ""},
        footer = {"", "Examples:",
            "  itprompt demo",
            "  itprompt demo --seed 1 --force --matrices"})
final class DemoCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private TrainOptions options;

    @Override
    public Integer call() {
        return options.run(spec, Path.of("configs", "demo.yaml"), null);
    }
}
