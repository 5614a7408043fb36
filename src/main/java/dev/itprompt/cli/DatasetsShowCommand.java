package dev.itprompt.cli;

import dev.itprompt.AtomicFile;
import dev.itprompt.Writable;
import dev.itprompt.continual.ClassOrder;
import dev.itprompt.continual.Scenario;
import dev.itprompt.data.sets.DatasetPage;
import dev.itprompt.data.sets.Split;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what a data set looks like. */
@Command(
        name = "show",
        description = {"Writes an HTML page with samples of each class, by task.", ""},
        footer = {"", "Examples:", "  itprompt datasets show cifar-100 --output output/cifar-100.html",
            "  itprompt datasets show cub-200 --split B100Inc20 --order numpy --seed 1993 --output output/cub.html"})
final class DatasetsShowCommand implements Runnable {

    @Mixin
    private DatasetsCommand.Chosen chosen;

    @Option(names = "--output", required = true, paramLabel = "FILE", description = "The page.")
    private Path output;

    @Option(names = "--samples", paramLabel = "N", description = "Images of each class; default: ${DEFAULT-VALUE}.")
    private int samples = 8;

    @Option(names = "--split", paramLabel = "SPLIT", description = "Into which tasks, as scenario.split; default: ${DEFAULT-VALUE}.")
    private String split = "auto";

    @Option(names = "--order", paramLabel = "ORDER", description = "Of the classes: natural, python, numpy or a file; default: ${DEFAULT-VALUE}.")
    private String order = ClassOrder.NATURAL;

    @Option(names = "--seed", paramLabel = "N", description = "Of the order; default: ${DEFAULT-VALUE}.")
    private long seed;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        Writable.requireFile("--output", output);
        Split images = chosen.open(spec);
        List<String> names = images.train().classNames();
        List<Integer> classes = switch (order) {
            case ClassOrder.NATURAL -> ClassOrder.of(names.size(), 0);
            case ClassOrder.PYTHON -> ClassOrder.of(names.size(), seed);
            case ClassOrder.NUMPY -> ClassOrder.numpy(names.size(), seed);
            default -> ClassOrder.read(Path.of(order), names);
        };
        Scenario scenario = Scenario.of(classes, split, images.groups());
        String page = DatasetPage.html(chosen.facts().title(), images, scenario.tasks(), samples);
        AtomicFile.write(output, page.getBytes(StandardCharsets.UTF_8));
        spec.commandLine().getOut().println("page: " + output);
        spec.commandLine().getOut().flush();
    }
}
