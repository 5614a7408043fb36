package dev.itprompt.experiment;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The methods that can be compared, by the name used in configurations and results. */
public enum MethodName {

    /** IT-Prompt. */
    IT_PROMPT("it-prompt", "it-prompt"),
    /** C-NCM on the prompt-based features of the same training. */
    IT_PROMPT_CNCM("it-prompt", "it-prompt-cncm"),
    /** CLIP as it is: nearest class text. */
    ZERO_SHOT("zero-shot", "zero-shot"),
    /** Nearest class mean on frozen features. */
    NCM("ncm", "ncm"),
    /** Linear discriminant analysis on frozen features. */
    LDA("lda", "lda"),
    /** One prompt and a plain softmax head tuned task after task: the forgetting baseline. */
    SHARED_PROMPT("shared-prompt", "shared-prompt"),
    /** All tasks' images together: the upper bound. */
    JOINT("joint", "joint"),
    /** IT-Prompt with prompts of length 0. */
    IT_PROMPT_NO_PROMPTS("it-prompt-no-prompts", "it-prompt"),
    /** IT-Prompt without the text guide. */
    IT_PROMPT_NO_TEXT("it-prompt-no-text", "it-prompt");

    private final String run;
    private final String answer;

    MethodName(String run, String answer) {
        this.run = run;
        this.answer = answer;
    }

    /** How it is written: {@code it-prompt-cncm}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Name of the training it comes from; methods with the same one share a training. */
    public String run() {
        return run;
    }

    /** Name of its answer among those of {@link dev.itprompt.method.Learner#predict}. */
    public String answer() {
        return answer;
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
