package dev.itprompt.cli;

import dev.itprompt.Writable;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelFolder;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.checkpoint.StorageType;
import dev.itprompt.data.Preprocess;
import dev.itprompt.model.Clip;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Turns a checkpoint into a model folder. */
@Command(
        name = "convert",
        preprocessor = FormerNames.class,
        description = {"Turns a checkpoint into a folder with model.safetensors, config.json, preprocessor_config.json and, for CLIP, "
                + "merges.txt.gz. Every other command also takes the original file.", ""},
        footer = {"", "Examples:",
            "  itprompt convert ViT-B-16.pt --merges bpe_simple_vocab_16e6.txt.gz --output models/clip-b16",
            "  itprompt convert checkpoint.pth --branch student --output models/ibot-student",
            "  itprompt convert open_clip_pytorch_model.bin --activation gelu --storage fp16 --output models/openclip"})
final class ConvertCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "A checkpoint file, or a folder with one.")
    private Path file;

    @Option(names = "--output", required = true, paramLabel = "DIR", description = "Folder for the model; none yet, or an empty one.")
    private Path output;

    @Option(names = "--storage", paramLabel = "TYPE", defaultValue = "fp32",
            description = "Precision of the stored weights: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private StorageType storage;

    @Mixin
    private PreprocessOption preprocess;
    @Mixin
    private CheckpointOptions options;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        Writable.requireFolder("--output", output);
        ModelFolder.requireNew(output);
        LoadedModel loaded = ModelReader.read(file, options.load());
        Preprocess prepared = preprocess.of(loaded);
        String hash = loaded.checkpoint().sha256();
        Map<String, String> metadata = new TreeMap<>(Map.of(ModelFolder.FAMILY, loaded.family(),
                ModelFolder.SOURCE, loaded.checkpoint().file().getFileName().toString(), "source_sha256", hash,
                "source_container", loaded.checkpoint().container().toString(), "source_prefix", loaded.prefix()));
        ModelFolder.save(loaded.model(), output, prepared, loaded.merges(), storage, metadata);
        out.println("family: " + loaded.family() + (loaded.prefix().isEmpty() ? "" : ", below '" + loaded.prefix() + "'"));
        out.println("source: " + loaded.checkpoint().container() + ", sha256 " + hash);
        out.printf(Locale.ROOT, "weights: %,d taken; %d tensors left out%s\n", loaded.model().parameterCount(),
                loaded.dropped().size(),
                loaded.dropped().isEmpty() ? "" : ", such as " + loaded.dropped().getFirst() + " (inspect lists them)");
        if (loaded.model() instanceof Clip && loaded.merges().isEmpty()) {
            out.println("tokenizer: none beside the checkpoint; texts need --merges");
        }
        out.println("model: " + output);
        out.flush();
    }
}
