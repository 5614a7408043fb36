package dev.itprompt.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs an experiment. */
@Command(
        name = "train",
        description = {"Learns the tasks of an experiment one after another with each method and compares the methods.", ""},
        footer = {"", "Writes config.yaml, metrics.json, summary.json, predictions.csv, manifest.json, log.jsonl, what each method "
                + "learned (methods/*.safetensors), and as itprompt report does report.html, results.xlsx, results.csv, table.tex, table.md, "
                + "accuracy.svg, accuracy.png.", "", "Examples:",
            "  itprompt train --config configs/demo.yaml",
            "  itprompt train --config configs/fashion-mnist.yaml --seeds 0,1,2",
            "  itprompt train --config configs/demo.yaml --set methods.it-prompt.epochs=5 --set methods=it-prompt,ncm",
            "  itprompt train --config my-images.yaml --checkpoint ViT-B-16.pt",
            "  itprompt train --config configs/demo.yaml --plan",
            "  itprompt train --config configs/demo.yaml --parts 4 --on spark://head:7077 --threads 16",
            "  itprompt train --resume output/demo-0",
            "  itprompt train --continue output/animals-0 --set dataset.path=more-animals"})
final class TrainCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--config", paramLabel = "FILE", description = "The experiment in YAML.")
    private Path config;

    @Option(names = "--resume", paramLabel = "DIR", description = "Go on with the interrupted run in this folder, as it was begun.")
    private Path resume;

    @Option(names = "--continue", paramLabel = "DIR",
            description = "Learn further tasks after those of the finished run in this folder, into another one: the classes of the data set that it has "
                    + "not learned, as one task unless scenario.split says otherwise.")
    private Path finished;

    @Option(names = "--checkpoint", paramLabel = "PATH",
            description = "The model, instead of the configuration's: a model folder or a checkpoint file (--set load.branch=student and the "
                    + "like say how it is read).")
    private String checkpoint;

    @Mixin
    private TrainOptions options;

    @Override
    public Integer call() {
        long given = Stream.of(config, resume, finished).filter(Objects::nonNull).count();
        if (given != 1) {
            throw new ParameterException(spec.commandLine(), "expected one of --config FILE, --resume DIR and --continue DIR, found "
                    + (given == 0 ? "none" : "several"));
        }
        if (resume != null) {
            return options.resume(spec, resume, checkpoint);
        }
        return finished != null ? options.goOn(spec, finished, checkpoint) : options.run(spec, config, checkpoint);
    }
}
