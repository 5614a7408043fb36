package dev.itprompt.campaign;

/** How far a job is. */
public sealed interface JobState {

    /** Nobody works on it; it may have been begun. */
    record Waiting() implements JobState {}

    /**
     * A process works on it.
     *
     * @param seconds so far
     */
    record Running(double seconds) implements JobState {}

    /** All its results are there. */
    record Done() implements JobState {}

    /**
     * It ended without all results.
     *
     * @param reason in a line
     */
    record Failed(String reason) implements JobState {}

    /** In a word. */
    default String word() {
        return switch (this) {
            case Waiting _ -> "waiting";
            case Running _ -> "running";
            case Done _ -> "done";
            case Failed _ -> "failed";
        };
    }

    /** Why it failed; empty for all others. */
    default String reason() {
        return this instanceof Failed failed ? failed.reason() : "";
    }
}
