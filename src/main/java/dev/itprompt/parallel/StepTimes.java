package dev.itprompt.parallel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** How long steps took whose parts were computed by a cluster. */
public final class StepTimes {

    private final List<Double> steps = new ArrayList<>();
    private final List<Double> beyond = new ArrayList<>();

    /**
     * A step has been taken.
     *
     * @param seconds from its weights to the last gradient
     * @param longest seconds of the part that took longest
     */
    void add(double seconds, double longest) {
        steps.add(seconds);
        beyond.add(seconds - longest);
    }

    /** Number of steps. */
    public int size() {
        return steps.size();
    }

    /** Seconds of the quickest step and of half of them at most. */
    public String describe() {
        return String.format(Locale.ROOT, "%,d steps by a cluster: %s; beyond the longest part %s", steps.size(), milliseconds(steps), milliseconds(beyond));
    }

    /** The least of some times and one that half of them do not exceed; "none" of none. */
    public static String milliseconds(List<Double> seconds) {
        List<Double> sorted = seconds.stream().sorted().toList();
        return sorted.isEmpty() ? "none" : String.format(Locale.ROOT, "%.1f ms at least, median %.1f ms", 1e3 * Collections.min(sorted),
                1e3 * sorted.get(sorted.size() / 2));
    }
}
