package dev.itprompt.cli;

import dev.itprompt.InputException;
import dev.itprompt.checkpoint.LoadOptions;
import picocli.CommandLine.Option;

/** Options that say what a checkpoint does not say about itself. */
final class CheckpointOptions {

    private static final int LARGEST = 4096;

    @Option(names = "--branch", paramLabel = "NAME", defaultValue = "",
            description = "Of several copies of the model in a file the one below this part of a prefix: teacher, student, "
                    + "base_encoder, momentum_encoder; default: teacher or base_encoder.")
    private String branch;

    @Option(names = "--activation", paramLabel = "KIND", defaultValue = "auto",
            description = "auto (as the checkpoint or the configuration beside it says), gelu or quick_gelu; default: auto.")
    private LoadOptions.Nonlinearity activation;

    @Option(names = "--heads", paramLabel = "N", defaultValue = "0",
            description = "Attention heads of the image tower; default: as the file, the configuration beside it or a published model of "
                    + "its size has (inspect says which).")
    private int heads;

    @Option(names = "--text-heads", paramLabel = "N", defaultValue = "0",
            description = "Attention heads of the text tower; default: likewise.")
    private int textHeads;

    @Option(names = "--merges", paramLabel = "FILE", defaultValue = "",
            description = "The tokenizer's merges (merges.txt, bpe_simple_vocab_16e6.txt.gz, tokenizer.json); default: looked for beside "
                    + "the checkpoint.")
    private String merges;

    @Option(names = "--image-size", paramLabel = "PIXELS", defaultValue = "0",
            description = "Side of the model's input, to which position embeddings are resized; default: the checkpoint's own.")
    private int imageSize;

    /** @throws InputException if a number is out of range */
    LoadOptions load() {
        requireCount("--heads", heads);
        requireCount("--text-heads", textHeads);
        requireCount("--image-size", imageSize);
        return new LoadOptions(branch, activation, heads, textHeads, merges, imageSize);
    }

    private static void requireCount(String option, int value) {
        if (value < 0 || value > LARGEST) {
            throw new InputException(option + ": expected a whole number from 0 to " + LARGEST + ", found " + value);
        }
    }
}
