package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.config.Chosen;
import dev.itprompt.config.Configuration;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.Training;
import dev.itprompt.model.Clip;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What an experiment needs texts for, and what becomes of it with a model that knows none. */
public final class TextNeeds {

    private static final String METHODS = "methods";

    /**
     * What to change so that something needs no texts any more.
     *
     * @param key        of the setting
     * @param assignment that does without
     * @param advice     the same for people
     */
    private record Change(String key, String assignment, String advice) {

        Change(String key, String value) {
            this(key, key + "=" + value, key + "=" + value);
        }
    }

    private TextNeeds() {}

    /**
     * The configuration with all left out that needs texts, if the model knows none and only defaults asked for it.
     *
     * @throws InputException if something that was asked for needs texts; names all of it
     */
    public static Configuration<ExperimentSettings> fit(Configuration<ExperimentSettings> configuration, Backbone backbone) {
        ExperimentSettings settings = configuration.settings();
        List<Change> changes = changes(settings);
        if (backbone.knowsTexts() || changes.isEmpty()) {
            return configuration;
        }
        List<String> asked = changes.stream().filter(change -> configuration.isGiven(change.key)).map(Change::advice).toList();
        if (!asked.isEmpty()) {
            String found = backbone.model() instanceof Clip
                    ? "a CLIP without the merges of its tokenizer; name their file (load.merges), or" : "one without a text side;";
            throw new InputException("checkpoint " + settings.model().checkpoint() + ": expected a model that knows texts, found " + found
                    + " set " + String.join(", ", asked));
        }
        return configuration.with("model without texts:", changes.stream().map(Change::assignment).toList());
    }

    /** What {@link #fit} leaves out of settings, in a line. */
    static String note(ExperimentSettings settings) {
        return "the model knows no texts: " + changes(settings).stream().map(Change::advice).collect(Collectors.joining(", "));
    }

    private static List<Change> changes(ExperimentSettings settings) {
        List<Change> changes = new ArrayList<>();
        List<String> without = new ArrayList<>(settings.methods().names());
        for (Chosen.Entry<Method<?>> entry : settings.methods().entries()) {
            Training training = Training.of(entry);
            List<String> ways = training.needs(Need.TEXTS) ? training.without(Need.TEXTS) : null;
            if (ways != null && ways.isEmpty()) {
                without.removeIf(entry::answers);
            } else if (ways != null) {
                ways.stream().map(way -> way.split("=", 2)).map(way -> new Change(Method.key(entry.name(), way[0]), way[1]))
                        .forEach(changes::add);
            }
        }
        List<String> left = settings.methods().names().stream().filter(name -> !without.contains(name)).toList();
        if (!left.isEmpty()) {
            changes.add(new Change(METHODS + ".run", METHODS + "=" + String.join(",", without), "methods without " + String.join(", ", left)));
        }
        if (!settings.heldOut().path().isEmpty()) {
            changes.add(new Change("heldOut.path", "''"));
        }
        return changes;
    }
}
