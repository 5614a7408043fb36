package dev.itprompt.train;

/** Something that knows what it has learned and can hand it over whole. */
@FunctionalInterface
public interface Stateful {

    /**
     * Visits everything that later answers and later learning depend on, always in the same order and under the same names; the same
     * visit saves and loads: {@code count = state.number("count", count)}. What is loaded takes the place of all that was known: a learner
     * may have been given an earlier state before.
     */
    void visit(State state);
}
