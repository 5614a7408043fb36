package dev.itprompt.report;

import dev.itprompt.continual.AccuracyMatrix;
import dev.itprompt.continual.Metrics;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** The formulas behind {@link Definition} that {@link dev.itprompt.continual.Metric} does not have. */
final class Formulas {

    /** Bins of the calibration error. */
    static final int BINS = 15;

    private Formulas() {}

    /** As NumPy's {@code around(x, 2)}. */
    private static double rounded(double percent) {
        return Math.rint(percent * 100) / 100;
    }

    private static double mean(int from, int to, IntToDoubleFunction value) {
        return IntStream.range(from, to).mapToDouble(value).average().orElse(0);
    }

    static double sum(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }

    static double meanMicro(AccuracyMatrix a, boolean round) {
        return mean(0, a.tasks(), t -> round ? rounded(Metrics.micro(a, t)) : Metrics.micro(a, t));
    }

    static double forgettingFromBest(AccuracyMatrix a, boolean round) {
        int last = a.tasks() - 1;
        return mean(0, last, j -> {
            double best = IntStream.rangeClosed(j, last).mapToDouble(t -> a.accuracy(j, t)).max().orElseThrow();
            return round ? rounded(best) - rounded(a.accuracy(j, last)) : best - a.accuracy(j, last);
        });
    }

    static double forgettingCoda(AccuracyMatrix a) {
        return mean(1, a.tasks(), t -> IntStream.range(0, t).mapToDouble(j -> a.accuracy(j, t - 1) - a.accuracy(j, t)).sum() / (t + 1));
    }

    static double forgettingLibContinual(AccuracyMatrix a) {
        int last = a.tasks() - 1;
        double drops = IntStream.range(0, last - 1).mapToDouble(j -> a.accuracy(j, j) - a.accuracy(j, last)).sum();
        return last == 0 ? 0 : drops / last;
    }

    static double forwardTransfer(AccuracyMatrix a, List<Double> initial) {
        return mean(1, a.tasks(), j -> a.accuracy(j, j - 1) - initial.get(j));
    }

    static double transfer(AccuracyMatrix a) {
        return mean(1, a.tasks(), j -> mean(0, j, t -> a.accuracy(j, t)));
    }

    static double average(AccuracyMatrix a) {
        return mean(0, a.tasks(), j -> mean(0, a.tasks(), t -> a.accuracy(j, t)));
    }

    static double classMean(ClassCounts counts) {
        return classes(counts).mapToDouble(counts::accuracy).average().orElseThrow();
    }

    static double classWorst(ClassCounts counts) {
        return classes(counts).mapToDouble(counts::accuracy).min().orElseThrow();
    }

    /** Classes with test images. */
    private static IntStream classes(ClassCounts counts) {
        return IntStream.range(0, counts.confusion().length).filter(c -> counts.total(c) > 0);
    }

    /** Bin b holds confidences in (b/15, (b+1)/15]; 0 falls into the first. */
    static double calibrationError(RunRecord run, MethodRecord method) {
        double[] confidence = method.answers().confidence();
        double[] sums = new double[BINS];
        long[] right = new long[BINS];
        for (int i = 0; i < confidence.length; i++) {
            int bin = Math.clamp((long) Math.ceil(confidence[i] * BINS) - 1, 0, BINS - 1);
            sums[bin] += confidence[i];
            right[bin] += method.answers().classes()[i] == run.images().get(i).label() ? 1 : 0;
        }
        return 100 * IntStream.range(0, BINS).mapToDouble(bin -> Math.abs(right[bin] - sums[bin])).sum() / confidence.length;
    }

    /** Images tested over all tests. */
    static double tested(AccuracyMatrix a) {
        return IntStream.range(0, a.tasks()).mapToLong(j -> IntStream.range(0, a.tasks()).mapToLong(t -> a.total(j, t)).sum()).sum();
    }

    /** Entropy of counts or weights relative to that of equal ones: 1 if all are the same, 0 if all but one are 0, or there is but one. */
    static double evenness(double[] counts) {
        double sum = Arrays.stream(counts).sum();
        double entropy = Arrays.stream(counts).filter(count -> count > 0).map(count -> -count / sum * Math.log(count / sum)).sum();
        return counts.length == 1 ? 0 : Math.max(0, entropy) / Math.log(counts.length);
    }
}
