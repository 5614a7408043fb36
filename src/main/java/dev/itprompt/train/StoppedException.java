package dev.itprompt.train;

/** The process has been asked to stop, and the training has come to a point where it can. */
public final class StoppedException extends RuntimeException {

    private final boolean saved;

    /**
     * @param message what there is to say
     * @param saved   whether the work can go on later
     */
    public StoppedException(String message, boolean saved) {
        super(message);
        this.saved = saved;
    }

    /** @param saved whether the work can go on later */
    public StoppedException(boolean saved) {
        super(saved ? "stopped; the state is saved" : "stopped");
        this.saved = saved;
    }

    /** Whether the work can go on later. */
    public boolean isSaved() {
        return saved;
    }
}
