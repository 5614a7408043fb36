package dev.itprompt.experiment;

import dev.itprompt.NearestMatch;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The methods that can be compared, by the name used in configurations and results. */
public enum MethodName {

    /** IT-Prompt. */
    IT_PROMPT("it-prompt"),
    /** C-NCM on the prompted features of the same training. */
    IT_PROMPT_CNCM("it-prompt"),
    /** The same training's classifier as it was before the replay of pseudo-features (stage C). */
    IT_PROMPT_BEFORE_REPLAY("it-prompt"),
    /** CLIP as it is: nearest class text. */
    ZERO_SHOT("zero-shot"),
    /** Nearest class mean of frozen features. */
    NCM("ncm"),
    /** Linear discriminant analysis of frozen features. */
    LDA("lda"),
    /** A linear softmax classifier on frozen features. */
    LINEAR_PROBE("linear-probe"),
    /** One prompt and a plain softmax classifier tuned task after task: the forgetting baseline. */
    SHARED_PROMPT("shared-prompt"),
    /** One prompt and a plain softmax classifier tuned on all tasks' images together: the upper bound. */
    JOINT("joint"),
    /** IT-Prompt with prompts off. */
    IT_PROMPT_NO_PROMPTS("it-prompt-no-prompts"),
    /** IT-Prompt without the text guide. */
    IT_PROMPT_NO_TEXT("it-prompt-no-text"),
    /** IT-Prompt told the true task of each test image. */
    IT_PROMPT_ORACLE("it-prompt-oracle"),
    /** IT-Prompt on all tasks' images as one task: its own upper bound. */
    IT_PROMPT_JOINT("it-prompt-joint");

    private final String run;

    MethodName(String run) {
        this.run = run;
    }

    /** How it is written: {@code it-prompt-cncm}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Name of the training it comes from; methods with the same one share a training. */
    public String run() {
        return run;
    }

    /** Whether it sees all tasks' images at once. */
    public boolean isJoint() {
        return this == JOINT || this == IT_PROMPT_JOINT;
    }

    /** The method by its name. */
    static MethodName of(String name) {
        return parse(List.of(name)).getFirst();
    }

    /**
     * Finds methods by name.
     *
     * @throws IllegalArgumentException if there is none, or a name is unknown or given twice; the message says which and what
     *                                  may have been meant
     */
    public static List<MethodName> parse(List<String> names) {
        List<String> known = Arrays.stream(values()).map(MethodName::text).toList();
        for (String name : names) {
            if (!known.contains(name)) {
                String hint = NearestMatch.of(name, known).map(n -> "did you mean '" + n + "'?")
                        .orElse("known are " + String.join(", ", known));
                throw new IllegalArgumentException("methods: unknown method '" + name + "'; " + hint);
            }
        }
        if (names.isEmpty() || names.stream().distinct().count() < names.size()) {
            throw new IllegalArgumentException("methods: expected one or more different names, found " + names);
        }
        return names.stream().map(name -> values()[known.indexOf(name)]).toList();
    }
}
