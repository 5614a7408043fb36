package dev.itprompt.peers;

import java.util.Arrays;
import java.util.Locale;

/**
 * One computation by both.
 *
 * @param peer    who it is compared with
 * @param expects what both compute, to be compared before anything is timed
 * @param own     runs it here
 * @param other   runs it there
 * @param bound   seconds it takes at least, by bandwidth or multiply-adds; NaN if unknown
 */
record Comparison(String name, String peer, Expectation expects, Runnable own, Runnable other, double bound) {

    /** Values of both. */
    interface Expectation {
        float[] own();

        float[] other();
    }

    /** Medians in seconds. */
    record Times(double own, double other) {
        double ratio() {
            return other / own;
        }
    }

    private static final double TOLERANCE = 1e-4;

    /** @throws IllegalStateException if both do not compute the same */
    void check() {
        float[] mine = expects.own();
        float[] theirs = expects.other();
        double largest = 0;
        double error = mine.length == theirs.length ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(mine.length, theirs.length); i++) {
            largest = Math.max(largest, Math.abs(theirs[i]));
            error = Math.max(error, Math.abs(mine[i] - theirs[i]));
        }
        if (!(error <= TOLERANCE * largest)) {
            throw new IllegalStateException(name + ": " + peer + " computes something else: error " + error + " of " + largest);
        }
    }

    /** Both in turn, after running both until they are warm. */
    Times measure(int repetitions, double warmSeconds) {
        long end = System.nanoTime() + (long) (warmSeconds * 1e9);
        do {
            own.run();
            other.run();
        } while (System.nanoTime() < end);
        double[] mine = new double[repetitions];
        double[] theirs = new double[repetitions];
        for (int i = 0; i < repetitions; i++) {
            mine[i] = seconds(own);
            theirs[i] = seconds(other);
        }
        return new Times(median(mine), median(theirs));
    }

    private static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) * 1e-9;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return (values[(values.length - 1) / 2] + values[values.length / 2]) / 2;
    }

    String row(Times times) {
        return String.format(Locale.ROOT, "%-28s %-13s %11.3f %11.3f %7.2f   %s", name, peer, times.own * 1e3, times.other * 1e3,
                times.ratio(), Double.isNaN(bound) ? "" : String.format(Locale.ROOT, "%.2f", times.own / bound));
    }
}
