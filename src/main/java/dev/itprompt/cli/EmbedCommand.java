package dev.itprompt.cli;

import dev.itprompt.Writable;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.Embedding;
import dev.itprompt.experiment.ProjectFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes embeddings of images or texts. */
@Command(
        name = "embed",
        preprocessor = FormerNames.class,
        description = {"Writes the embeddings of images or texts, one row each, as the model gives them (not normalised).", ""},
        footer = {"", "Examples:",
            "  itprompt embed --checkpoint ViT-B-16.pt --image cat.jpg dog.jpg --output images.npy",
            "  itprompt embed --checkpoint models/clip-b16 --text \"a photo of a cat\" \"a photo of a dog\" --output texts.json"})
final class EmbedCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--checkpoint", required = true, paramLabel = "PATH", description = "A model folder or a checkpoint file.")
    private String checkpoint;

    @ArgGroup(multiplicity = "1")
    private Inputs inputs;

    /** What to embed. */
    private static final class Inputs {
        @Option(names = "--image", arity = "1..*", required = true, paramLabel = "FILE", description = "Image files.")
        private List<Path> images = List.of();

        @Option(names = "--text", arity = "1..*", required = true, paramLabel = "TEXT", description = "Texts.")
        private List<String> texts = List.of();
    }

    @Option(names = "--output", required = true, paramLabel = "FILE", description = "File for the rows, ending in .npy or .json.")
    private Path output;

    @Mixin
    private PreprocessOption preprocess;
    @Mixin
    private CheckpointOptions options;
    @Mixin
    private DeviceOptions device;

    @Override
    public void run() {
        Embedding.requireKnown(output);
        Writable.requireFile("--output", output);
        long start = System.nanoTime();
        LoadedModel model = ModelReader.read(ProjectFolder.find().resolve(checkpoint), options.load());
        try (Device opened = device.open()) {
            Embedding embedding = inputs.texts.isEmpty() ? Embedding.images(opened, model, preprocess.of(model), inputs.images)
                    : Embedding.texts(opened, model, inputs.texts);
            double seconds = (System.nanoTime() - start) / 1e9;
            embedding.write(output);
            PrintWriter answer = spec.commandLine().getOut();
            double megabytes = model.checkpoint().bytes() / 1e6;
            answer.printf(Locale.ROOT, "%s: %,.1f MB opened, read and run in %.2f s (%,.0f MB/s)\n", model.family(), megabytes,
                    seconds, megabytes / seconds);
            answer.println(embedding.rows().shape() + " in " + output);
            answer.flush();
        }
    }
}
