package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.config.Configuration;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.ItPromptSettings;
import dev.itprompt.model.Clip;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What an experiment needs texts for, and what becomes of it with a model that knows none. */
final class TextNeeds {

    /**
     * One of them.
     *
     * @param key        of the setting
     * @param isThere    whether the settings ask for it
     * @param assignment that does without
     * @param advice     the same for people
     */
    private record Need(String key, boolean isThere, String assignment, String advice) {

        Need(String key, boolean isThere, String assignment) {
            this(key, isThere, assignment, assignment);
        }
    }

    private TextNeeds() {}

    /**
     * The configuration with all left out that needs texts, if the model knows none and only defaults asked for it.
     *
     * @throws InputException if something that was asked for needs texts; names all of it
     */
    static Configuration<ExperimentSettings> fit(Configuration<ExperimentSettings> configuration, Backbone backbone) {
        ExperimentSettings settings = configuration.settings();
        List<Need> needs = needs(settings).stream().filter(Need::isThere).toList();
        if (backbone.knowsTexts() || needs.isEmpty()) {
            return configuration;
        }
        List<String> asked = needs.stream().filter(need -> configuration.isGiven(need.key)).map(Need::advice).toList();
        if (!asked.isEmpty()) {
            String found = backbone.model() instanceof Clip
                    ? "a CLIP without the merges of its tokenizer; name their file (load.merges), or" : "one without a text side;";
            throw new InputException("checkpoint " + settings.checkpoint() + ": expected a model that knows texts, found " + found + " set "
                    + String.join(", ", asked));
        }
        return configuration.with("model without texts:", needs.stream().map(Need::assignment).toList());
    }

    /** What {@link #fit} leaves out of settings, in a line. */
    static String note(ExperimentSettings settings) {
        return "the model knows no texts: " + needs(settings).stream().filter(Need::isThere).map(Need::advice)
                .collect(Collectors.joining(", "));
    }

    private static List<Need> needs(ExperimentSettings settings) {
        ItPromptSettings itPrompt = settings.itPrompt();
        List<String> without = new ArrayList<>(settings.methods());
        without.remove(MethodName.ZERO_SHOT.text());
        return List.of(new Need("itPrompt.textGuide", itPrompt.textGuide() != ItPromptSettings.TextGuide.OFF, "itPrompt.textGuide=off"),
                new Need("itPrompt.head", itPrompt.head() != ItPromptSettings.Head.SOFTMAX, "itPrompt.head=softmax"),
                new Need("methods", without.size() < settings.methods().size(), "methods=" + String.join(",", without),
                        "methods without " + MethodName.ZERO_SHOT.text()),
                new Need("heldOut.path", !settings.heldOut().path().isEmpty(), "heldOut.path=''"));
    }
}
