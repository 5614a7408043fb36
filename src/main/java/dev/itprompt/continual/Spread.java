package dev.itprompt.continual;

/**
 * A value over several runs.
 *
 * @param mean      over the runs
 * @param deviation population standard deviation (divided by the number of runs), as published results use it
 * @param runs      how many
 */
public record Spread(double mean, double deviation, int runs) {

    /**
     * Mean and deviation.
     *
     * @param values one a run, at least one
     */
    public static Spread of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no runs");
        }
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        double mean = sum / values.length;
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return new Spread(mean, Math.sqrt(squares / values.length), values.length);
    }
}
