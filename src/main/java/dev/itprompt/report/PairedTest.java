package dev.itprompt.report;

import org.apache.commons.math3.distribution.TDistribution;

/**
 * Student's two-sided t test of whether two methods differ in a metric, paired by seed.
 *
 * @param difference mean over the seeds of the second's value minus the first's
 * @param t          test statistic; NaN if all differences are equal
 * @param degrees    of freedom, one less than the number of seeds
 * @param p          probability of a statistic as far from 0 if there were no difference; NaN if all differences are equal
 */
public record PairedTest(double difference, double t, int degrees, double p) {

    /**
     * Tests.
     *
     * @param first  the one method's value for each seed
     * @param second the other's, for the same seeds; at least two
     */
    public static PairedTest of(double[] first, double[] second) {
        double[] differences = new double[first.length];
        for (int i = 0; i < first.length; i++) {
            differences[i] = second[i] - first[i];
        }
        SeedStatistics statistics = SeedStatistics.of(differences);
        int degrees = first.length - 1;
        double t = statistics.sampleDeviation() == 0 ? Double.NaN : statistics.mean() / (statistics.sampleDeviation() / Math.sqrt(first.length));
        double p = Double.isNaN(t) ? Double.NaN : 2 * new TDistribution(null, degrees).cumulativeProbability(-Math.abs(t));
        return new PairedTest(statistics.mean(), t, degrees, p);
    }
}
