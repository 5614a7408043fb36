package dev.itprompt;

/** Hears how far a long piece of work has come. */
@FunctionalInterface
public interface Progress {

    /**
     * Called after each piece of work.
     *
     * @param stage what is done, such as {@code task 2/5 prompt}
     * @param done  pieces done, from 1
     * @param total pieces in all
     * @param note  a short measure such as {@code loss 0.412}; may be empty
     */
    void report(String stage, long done, long total, String note);

    /**
     * Called when work begins that all further stages belong to.
     *
     * @param what such as the name of a training; empty for none
     */
    default void begins(String what) {}

    /**
     * Called when it is known anew how long all stages that are left will take, from now on.
     *
     * @param least seconds
     * @param most  seconds, at least as many
     */
    default void expects(double least, double most) {}

    /**
     * Called when something is done that stays interesting.
     *
     * @param what a short text such as {@code after task 2: it-prompt 87.50}
     */
    default void reached(String what) {}

    /**
     * Called after each step of a training by gradients, beside {@link #report}.
     *
     * @param stage what is trained, such as {@code task 2 prompt}
     * @param step  its number, from 1
     * @param steps of the stage in all
     * @param loss  before the step
     * @param rate  learning rate of the step; that of the first group of parameters where groups have different ones
     * @param waiting share of the stage's time until now in which images were waited for
     */
    default void measured(String stage, long step, long steps, double loss, double rate, double waiting) {}

    /** Hears nothing. */
    Progress NONE = (_, _, _, _) -> {};
}
