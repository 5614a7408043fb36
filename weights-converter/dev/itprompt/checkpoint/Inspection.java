package dev.itprompt.checkpoint;

import dev.itprompt.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a checkpoint holds and what would be made of it, found without reading the weights.
 *
 * @param checkpoint the file
 * @param family     the family's title; empty if there is none that fits
 * @param problem    why there is no model in it; empty if there is one
 * @param sizes      of the model; empty without one
 * @param facts      what shapes do not tell, each with its source; empty without a model
 * @param prefix     before the names of the model's tensors
 * @param prefixes   all prefixes below which the file holds such a model
 * @param taken      names of the tensors that make the model
 */
public record Inspection(Checkpoint checkpoint, Optional<String> family, Optional<String> problem, Optional<ModelSizes> sizes,
                         Optional<ModelFacts> facts, String prefix, List<String> prefixes, Set<String> taken) {

    /**
     * Looks into a checkpoint.
     *
     * @param path a file, or a folder with one
     * @throws CheckpointException if it cannot be opened
     */
    public static Inspection of(Path path, LoadOptions options) {
        Optional<Path> converted = ModelFolder.of(path);
        if (converted.isPresent()) {
            return ModelFolder.inspect(converted.get());
        }
        Checkpoint checkpoint = Checkpoint.open(path);
        try {
            KeyMatch match = KeyMatch.of(checkpoint, options.branchOrNull());
            ModelSizes sizes = ModelSizes.of(match.tensors());
            ModelFacts facts = ModelFacts.of(match, sizes, options);
            return new Inspection(checkpoint, Optional.of(match.map().title()), Optional.empty(), Optional.of(sizes), Optional.of(facts),
                    match.prefix(), match.prefixes(), match.tensors().stored());
        } catch (InputException e) {
            return new Inspection(checkpoint, Optional.empty(), Optional.of(e.getMessage()), Optional.empty(), Optional.empty(), "",
                    List.of(), Set.of());
        }
    }
}
