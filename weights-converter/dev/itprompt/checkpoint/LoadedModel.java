package dev.itprompt.checkpoint;

import dev.itprompt.data.Preprocess;
import dev.itprompt.model.Clip;
import dev.itprompt.model.PretrainedModel;
import dev.itprompt.model.TextTransformer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model as it was read.
 *
 * @param model    sizes and weights
 * @param prepared how its images were prepared in training, without chance
 * @param origin   where it comes from
 * @param merges   file of the tokenizer, if there is one
 */
public record LoadedModel(PretrainedModel model, Fact<Preprocess> prepared, Origin origin, Optional<Path> merges) {

    /**
     * Where a model comes from.
     *
     * @param family     in words, such as {@code OpenAI's CLIP}
     * @param checkpoint the file or folder with the weights
     * @param prefix     before the names of the tensors that were taken; empty if there is none
     * @param dropped    names of the tensors that were left out
     */
    public record Origin(String family, Checkpoint checkpoint, String prefix, List<String> dropped) {}

    /**
     * How its images were prepared in training, without chance.
     *
     * @throws CheckpointException if nothing tells
     */
    public Preprocess preprocess() {
        if (!prepared.known()) {
            throw new CheckpointException(checkpoint().file(), null, "something that tells how images are prepared",
                    "nothing in it or beside it, and published models of its kind differ", "give " + prepared.source());
        }
        return prepared.value();
    }

    /** The family in words. */
    public String family() {
        return origin.family;
    }

    /** The file or folder with the weights. */
    public Checkpoint checkpoint() {
        return origin.checkpoint;
    }

    /** Before the names of the tensors that were taken. */
    public String prefix() {
        return origin.prefix;
    }

    /** Names of the tensors that were left out. */
    public List<String> dropped() {
        return origin.dropped;
    }

    /** The text tower, if there is one. */
    public Optional<TextTransformer> text() {
        return model instanceof Clip clip ? Optional.of(clip.text()) : Optional.empty();
    }
}
