package dev.itprompt.store;

import dev.itprompt.Fingerprint;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the bits of a feature depend on beside the image and how it is prepared.
 *
 * @param facts by what they are, such as the checkpoint's hash and the arithmetic; one line each
 */
public record FeatureSubject(Map<String, String> facts) {

    /** The fact that tells a finished prompt from all others; features without prompts have none. */
    static final String PROMPT = "prompt";

    private static final int DIGITS = 16;

    /** Keeps the order. */
    public FeatureSubject {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /** The same with a prompt. */
    FeatureSubject with(String prompt) {
        Map<String, String> all = new LinkedHashMap<>(facts);
        all.put(PROMPT, prompt);
        return new FeatureSubject(all);
    }

    /** The beginning of the names of the files in which its features are. */
    String name() {
        Fingerprint fingerprint = new Fingerprint().add(facts.size());
        facts.forEach((what, value) -> fingerprint.add(what).add(value));
        return fingerprint.hex().substring(0, DIGITS);
    }
}
