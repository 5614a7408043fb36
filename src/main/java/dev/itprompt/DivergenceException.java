package dev.itprompt;

/**
 * Numbers that are no longer finite: a training whose steps are too large, or a model that cannot compute with what it is given.
 * Who notices says what and what to do; who passes it on adds where, from step and stage out to task and training.
 */
public final class DivergenceException extends FailureException {

    private final String where;
    private final String what;

    /**
     * @param what is not finite, and what to do
     */
    public DivergenceException(String what) {
        this("", what, null);
    }

    private DivergenceException(String where, String what, Throwable cause) {
        super(where.isEmpty() ? what : where + ": " + what, cause);
        this.where = where;
        this.what = what;
    }

    /** The same, in a wider place. */
    public DivergenceException in(String place) {
        return new DivergenceException(where.isEmpty() ? place : place + ", " + where, what, this);
    }

    /**
     * Checks values that were just made.
     *
     * @param what   they are, such as {@code features}
     * @param advice what to do if one is not finite
     * @throws DivergenceException if one is infinite or no number
     */
    public static void requireFinite(String what, float[] values, String advice) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new DivergenceException(what + " are not finite (" + value + "); " + advice);
            }
        }
    }
}
