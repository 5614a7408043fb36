package dev.itprompt.report;

import dev.itprompt.continual.Spread;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * A metric over runs with different seeds.
 *
 * @param mean                over the runs
 * @param populationDeviation standard deviation with the number of runs n as divisor, as most published tables use it
 * @param sampleDeviation     standard deviation with n-1 as divisor; NaN for one run
 * @param halfWidth           of the 95 % confidence interval of the mean by Student's t with n-1 degrees of freedom; NaN for one run
 * @param runs                n
 */
public record SeedStatistics(double mean, double populationDeviation, double sampleDeviation, double halfWidth, int runs) {

    private static final double QUANTILE = 0.975;

    /** Of one value a run, at least one. */
    public static SeedStatistics of(double... values) {
        Spread spread = Spread.of(values);
        int n = values.length;
        if (n == 1) {
            return new SeedStatistics(spread.mean(), spread.deviation(), Double.NaN, Double.NaN, n);
        }
        double sample = spread.deviation() * Math.sqrt(n / (n - 1.0));
        double quantile = new TDistribution(null, n - 1).inverseCumulativeProbability(QUANTILE);
        return new SeedStatistics(spread.mean(), spread.deviation(), sample, quantile * sample / Math.sqrt(n), n);
    }
}
