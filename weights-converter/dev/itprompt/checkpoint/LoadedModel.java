package dev.itprompt.checkpoint;

import dev.itprompt.data.Preprocess;
import dev.itprompt.model.Clip;
import dev.itprompt.model.PretrainedModel;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.VisionModel;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model as it was read.
 *
 * @param model      sizes and weights
 * @param preprocess how its images were prepared in training, without chance
 * @param family     in words, such as {@code OpenAI's CLIP}
 * @param checkpoint the file or folder with the weights
 * @param prefix     before the names of the tensors that were taken; empty if there is none
 * @param dropped    names of the tensors that were left out
 * @param merges     file of the tokenizer, if there is one
 */
public record LoadedModel(PretrainedModel model, Preprocess preprocess, String family, Checkpoint checkpoint, String prefix,
                          List<String> dropped, Optional<Path> merges) {

    /** The text tower, if there is one. */
    public Optional<TextTransformer> text() {
        return model instanceof Clip clip ? Optional.of(clip.text()) : Optional.empty();
    }

    /** A model and the file its tokenizer was read from. */
    record Towers(PretrainedModel model, Optional<Path> merges) {

        /** Puts a model together; the tokenizer is looked for in the folder if the options name none. */
        static Towers of(VisionTransformer vision, Optional<TextTransformer> text, Map<String, Tensor> weights, LoadOptions options,
                Path folder) {
            if (text.isEmpty()) {
                return new Towers(new VisionModel(vision, weights), Optional.empty());
            }
            TextTransformer t = text.get();
            Optional<Path> merges = MergesFile.find(options.mergesFile(), folder);
            return new Towers(new Clip(vision, t, weights,
                    merges.map(file -> MergesFile.tokenizer(file, t.context(), t.vocabulary()))), merges);
        }
    }
}
