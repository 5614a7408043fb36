package dev.itprompt.cli;

import dev.itprompt.Writable;
import dev.itprompt.checkpoint.StorageType;
import dev.itprompt.config.Configuration;
import dev.itprompt.data.CaptionedImages;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.model.Clip;
import dev.itprompt.pretrain.PretrainSettings;
import dev.itprompt.pretrain.Pretraining;
import dev.itprompt.train.StopRequest;
import dev.itprompt.train.StoppedException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a small CLIP from scratch. */
@Command(
        name = "pretrain",
        description = {"Trains a CLIP from scratch on folders of captioned images and writes it as a model folder. An interrupted "
                + "run goes on where it was when the same command is given again.", ""},
        footer = {"", "A data folder holds images and metadata.jsonl with a line {\"file_name\": .., \"text\": ..} for each, or holds "
                + "such folders.", "", "Examples:",
            "  itprompt pretrain --config configs/tiny-clip.yaml --data emoji --data icons --output models/my-clip",
            "  itprompt config --pretrain                    all settings"})
final class PretrainCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "Settings in YAML.")
    private Path config;

    @Option(names = "--data", required = true, arity = "1..*", paramLabel = "DIR", description = "Folders of captioned images.")
    private List<Path> data;

    @Option(names = "--output", required = true, paramLabel = "DIR", description = "Folder for the model.")
    private Path output;

    @Option(names = "--storage", paramLabel = "TYPE", defaultValue = "fp16",
            description = "Precision of the stored weights: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private StorageType storage;

    @Option(names = "--shorter-side", paramLabel = "PIXELS", defaultValue = "64",
            description = "Larger pictures are shrunk to this when they are read, to save memory; 0 keeps them; default: 64.")
    private int shorterSide;

    @Mixin
    private ConfigOptions settings;
    @Mixin
    private DeviceOptions device;
    @Mixin
    private ProgressOptions progress;

    @Override
    public void run() {
        PrintWriter out = progress.out(spec);
        Configuration<PretrainSettings> configuration = settings.read(Configuration.of(PretrainSettings.class), config);
        Writable.requireFolder("--output", output);
        List<CaptionedImages.Captioned> pictures = CaptionedImages.readAll(data,
                new ImageLoading(device.threads(), shorterSide, Main.warnings(spec.commandLine())));
        try (Device opened = device.open(); ProgressPrinter printer = progress.printer(spec.commandLine().getErr())) {
            out.println(pictures.size() + " pictures; " + opened.description());
            out.flush();
            long start = System.nanoTime();
            Pretraining pretraining = new Pretraining(configuration.settings(), pictures, ProjectFolder.find()::resolve);
            Clip clip;
            StopRequest.listen(() -> System.err.println("\nitprompt: stopping; the state is saved first"));
            try {
                clip = pretraining.run(opened, output, storage, printer);
                StopRequest.answered();
            } catch (StoppedException e) {
                printer.clear();
                throw new StoppedException("stopped; the state is saved in " + output + "; the same command goes on there", true);
            }
            printer.clear();
            out.println(clip.parameterCount() + " weights in " + output + " after "
                    + ProgressPrinter.duration((System.nanoTime() - start) / 1e9));
            out.flush();
        }
    }
}
