package dev.itprompt.checkpoint;

import dev.itprompt.Setting;
import java.nio.file.Path;

/** What a checkpoint does not say about itself, or is not to be believed. */
public record LoadOptions(
        @Setting(meaning = "for files with several copies of the model, a part of the wanted copy's prefix: teacher, student, "
                + "base_encoder, momentum_encoder; empty takes teacher or base_encoder", byDefault = "''")
        String branch,
        @Setting(meaning = "non-linearity: auto (what the checkpoint or its configuration says), gelu or quick-gelu; OpenCLIP's weights "
                + "alone do not tell", byDefault = "auto")
        Nonlinearity activation,
        @Setting(meaning = "attention heads of the image tower; 0 takes what the file, its configuration or a published model of this "
                + "size tells", byDefault = "0", min = 0, max = 4096)
        int heads,
        @Setting(meaning = "attention heads of the text tower; 0 as for heads", byDefault = "0", min = 0, max = 4096)
        int textHeads,
        @Setting(meaning = "file of the tokenizer's merges (merges.txt, bpe_simple_vocab_16e6.txt.gz or tokenizer.json); empty looks "
                + "beside the checkpoint", byDefault = "''")
        String merges,
        @Setting(meaning = "side of the model's square input in pixels, to which its position embeddings are resized; 0 takes the "
                + "checkpoint's own", byDefault = "0", min = 0, max = 4096)
        int imageSize) {

    /** Believe the checkpoint in everything. */
    public static final LoadOptions NONE = new LoadOptions("", Nonlinearity.AUTO, 0, 0, "", 0);

    /** Where the activation comes from. */
    public enum Nonlinearity { AUTO, GELU, QUICK_GELU }

    /** The merges file that is named, or null. */
    Path mergesFile() {
        return merges.isEmpty() ? null : Path.of(merges);
    }

    /** The branch that is named, or null. */
    String branchOrNull() {
        return branch.isEmpty() ? null : branch;
    }
}
