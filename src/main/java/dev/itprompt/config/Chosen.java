package dev.itprompt.config;

import java.util.List;

/**
 * What a configuration chose of a {@link Catalog}.
 *
 * @param names   that were chosen, in the order given: of kinds, variants and answers
 * @param entries what gives them, each once, in the order of the names
 */
public record Chosen<K extends Kind<?>>(List<String> names, List<Entry<K>> entries) {

    /**
     * A kind with its settings.
     *
     * @param name     its own, or a variant's
     * @param of       what a configuration's own variant is a variant of; empty for what is built in
     * @param kind     the kind
     * @param settings of the kind's type
     */
    public record Entry<K extends Kind<?>>(String name, String of, K kind, Record settings) {

        /** Whether a name is that of one of its answers. */
        public boolean answers(String asked) {
            return asked.equals(name) || kind.answers().stream().anyMatch(answer -> asked.equals(name + answer.suffix()));
        }
    }

    /** The entry that answers under one of the names. */
    public Entry<K> of(String name) {
        return entries.stream().filter(entry -> entry.answers(name)).findFirst().orElseThrow();
    }

    /** The same with other settings for an entry. */
    public Chosen<K> with(String entry, Record settings) {
        return new Chosen<>(names, entries.stream()
                .map(e -> e.name.equals(entry) ? new Entry<>(e.name, e.of, e.kind, settings) : e).toList());
    }
}
