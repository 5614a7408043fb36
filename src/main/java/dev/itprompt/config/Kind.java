package dev.itprompt.config;

import java.util.List;

/**
 * One of several things of which a configuration chooses, with settings of its own, such as a method.
 *
 * @param <S> the settings record; every component has a {@link dev.itprompt.Setting}
 */
public interface Kind<S extends Record> {

    /**
     * A further name to choose it by: its own and a suffix.
     *
     * @param suffix  with its dash, such as {@code -cncm}
     * @param meaning in a line
     * @param alone   whether it can be chosen alone; otherwise the own name is chosen with it
     */
    record Answer(String suffix, String meaning, boolean alone) {

        /** One that can be chosen alone. */
        public Answer(String suffix, String meaning) {
            this(suffix, meaning, true);
        }
    }

    /** What it is called in configurations and results: small letters, digits, dashes and plus signs. */
    String name();

    /** What it is, in a line. */
    String meaning();

    /** The type of its settings. */
    Class<S> settings();

    /** What else it answers, beside the answer under its own name. */
    default List<Answer> answers() {
        return List.of();
    }
}
