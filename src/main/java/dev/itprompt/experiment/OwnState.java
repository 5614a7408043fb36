package dev.itprompt.experiment;

import dev.itprompt.checkpoint.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A file of this program that holds tensors and is no model, known by the texts in its header.
 *
 * @param what  what it is, in a line
 * @param parts tensors by the first part of their names
 */
public record OwnState(String what, Map<String, Long> parts) {

    /** What a checkpoint is; empty for one that is none of these. */
    public static Optional<OwnState> of(Checkpoint checkpoint) {
        Map<String, String> header = checkpoint.metadata();
        String what = header.containsKey("method") ? "what training " + header.get("method") + " learned, kept in a run folder"
                : header.containsKey("step") && header.containsKey("settings") ? "state of a pretraining after step " + header.get("step")
                + ", from which the same pretrain command goes on" : switch (header.getOrDefault("format", "")) {
                    case "itprompt-features" -> "features of images, kept for all runs; itprompt cache lists them";
                    case "itprompt-feature-table" -> "features of images, written by itprompt features";
                    default -> null;
                };
        return Optional.ofNullable(what).map(text -> new OwnState(text, checkpoint.tensors().keySet().stream()
                .collect(Collectors.groupingBy(name -> name.split("\\.", 2)[0], LinkedHashMap::new, Collectors.counting()))));
    }

    /** The file to look into: in the folder of a pretraining that has not finished, its state. */
    public static Path in(Path path) {
        Path state = path.resolve("training-state.safetensors");
        return Files.isRegularFile(state) && !Files.exists(path.resolve("config.json")) ? state : path;
    }

    /** The parts in a line: {@code prompt (30), key (5) tensors}. */
    public String holds() {
        return parts.isEmpty() ? "no tensors" : parts.entrySet().stream().map(part -> part.getKey() + " (" + part.getValue() + ")")
                .collect(Collectors.joining(", ", "", " tensors"));
    }
}
