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
            description = "Override a key of the configuration, such as methods.it-prompt.epochs=5; can be repeated. See: itprompt config")
    private List<String> assignments = List.of();

    @Option(names = "--seed", paramLabel = "N", description = "Short for --set seed=N.")
    private String seed;

    /** Overrides a key, after all that {@code --set} says. */
    void add(String assignment) {
        assignments = Stream.concat(assignments.stream(), Stream.of(assignment)).toList();
    }

    /** Overrides a key of the file, before all that {@code --set} says. */
    void addFirst(String assignment) {
        assignments = Stream.concat(Stream.of(assignment), assignments.stream()).toList();
    }

    /** Defaults with the settings of a file, which may be null, and what the options override. */
    <R extends Record> Configuration<R> read(Configuration.Builder<R> defaults, Path file) {
        return builder(defaults, file).build();
    }

    /** As {@link #read}, open for more. */
    <R extends Record> Configuration.Builder<R> builder(Configuration.Builder<R> defaults, Path file) {
        Configuration.Builder<R> builder = start(defaults, file, assignments);
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

    /** Defaults with the settings of a file, which may be null, and with assignments. */
    static <R extends Record> Configuration<R> read(Configuration.Builder<R> defaults, Path file, List<String> assignments) {
        return start(defaults, file, assignments).build();
    }

    private static <R extends Record> Configuration.Builder<R> start(Configuration.Builder<R> builder, Path file, List<String> assignments) {
        if (file != null) {
            builder.file(ProjectFolder.find().resolve(file.toString()));
        }
        assignments.forEach(assignment -> builder.set("--set", assignment));
        return builder;
    }
}
