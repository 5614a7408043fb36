package dev.itprompt.checkpoint;

import dev.itprompt.InputException;
import dev.itprompt.graph.Op.Activation;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.VisionTransformer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a checkpoint holds and what would be made of it, found without reading any tensor.
 *
 * @param checkpoint the file
 * @param family     the family's title; empty if there is none that fits
 * @param problem    why there is no model in it; empty if there is one
 * @param vision     the image tower; empty without a model
 * @param text       the text tower, if there is one
 * @param prefix     before the names of the model's tensors
 * @param prefixes   all prefixes below which the file holds such a model
 * @param taken      names of the tensors that make the model
 */
public record Inspection(Checkpoint checkpoint, Optional<String> family, Optional<String> problem, Optional<VisionTransformer> vision,
                         Optional<TextTransformer> text, String prefix, List<String> prefixes, Set<String> taken) {

    /**
     * Looks into a checkpoint.
     *
     * @param path a file, or a folder with one
     * @throws CheckpointException if it cannot be opened
     */
    public static Inspection of(Path path, LoadOptions options) {
        if (ModelFolder.accepts(path)) {
            return ModelFolder.inspect(path);
        }
        Checkpoint checkpoint = Checkpoint.open(path);
        try {
            KeyMatch match = KeyMatch.of(checkpoint, options.branch().isEmpty() ? null : options.branch());
            ModelConfig config = ModelConfig.beside(checkpoint.folder(), match.map());
            Activation any = Activation.GELU; // the sizes do not depend on it
            Set<String> taken = match.sources().values().stream().flatMap(source -> source.parts().stream()).map(StoredTensor::name)
                    .collect(Collectors.toSet());
            return new Inspection(checkpoint, Optional.of(match.map().title()), Optional.empty(),
                    Optional.of(ModelReader.vision(match, config, any)), ModelReader.text(match, config, any), match.prefix(),
                    match.prefixes(), taken);
        } catch (InputException e) {
            return new Inspection(checkpoint, Optional.empty(), Optional.of(e.getMessage()), Optional.empty(), Optional.empty(), "",
                    List.of(), Set.of());
        }
    }
}
