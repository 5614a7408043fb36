package dev.itprompt.cli;

import dev.itprompt.config.Configuration;
import dev.itprompt.experiment.ProjectFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The options that override single settings. */
final class ConfigOptions {

    @Option(names = "--set", paramLabel = "KEY=VALUE",
            description = "Override a key of the configuration, such as itPrompt.epochs=5; can be repeated. See: itprompt config")
    private List<String> assignments = List.of();

    @Option(names = "--seed", paramLabel = "N", description = "Short for --set seed=N.")
    private String seed;

    /** Overrides a key, after all that {@code --set} says. */
    void add(String assignment) {
        assignments = Stream.concat(assignments.stream(), Stream.of(assignment)).toList();
    }

    /** The settings of a file with what the options override. */
    <R extends Record> Configuration<R> read(Class<R> type, Path file) {
        return builder(type, file).build();
    }

    /** As {@link #read}, open for more. */
    <R extends Record> Configuration.Builder<R> builder(Class<R> type, Path file) {
        Configuration.Builder<R> builder = start(type, file, assignments);
        if (seed != null) {
            builder.set("--seed", "seed=" + seed);
        }
        return builder;
    }

    /** Whether anything is overridden. */
    boolean areGiven() {
        return !assignments.isEmpty() || seed != null;
    }

    /** Whether a seed was given by its own option. */
    boolean hasSeed() {
        return seed != null;
    }

    /** The settings of a file, which may be null, with assignments. */
    static <R extends Record> Configuration<R> read(Class<R> type, Path file, List<String> assignments) {
        return start(type, file, assignments).build();
    }

    private static <R extends Record> Configuration.Builder<R> start(Class<R> type, Path file, List<String> assignments) {
        Configuration.Builder<R> builder = Configuration.of(type);
        if (file != null) {
            builder.file(ProjectFolder.find().resolve(file.toString()));
        }
        assignments.forEach(assignment -> builder.set("--set", assignment));
        return builder;
    }
}
