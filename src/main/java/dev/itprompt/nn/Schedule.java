package dev.itprompt.nn;

/** Learning-rate schedules: a factor on the base rate by position. */
public final class Schedule {

    private Schedule() {}

    /**
     * Linear warm-up from 0, then half a cosine from 1 down to {@code floor}.
     *
     * @param step   from 0
     * @param warmup steps of warm-up, at least 0
     * @param steps  all steps
     * @param floor  factor at the end, in [0, 1]
     */
    public static double warmupCosine(int step, int warmup, int steps, double floor) {
        if (step < warmup) {
            return (step + 1.0) / warmup;
        }
        double progress = (step - warmup) / (double) Math.max(1, steps - warmup);
        return floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
    }

    /** Cosine annealing per epoch to 0 as torch's CosineAnnealingLR: {@code (1 + cos(π·epoch/epochs))/2}. */
    public static double cosine(int epoch, int epochs) {
        return 0.5 * (1 + Math.cos(Math.PI * epoch / epochs));
    }

    /** The CODA-Prompt and VQ-Prompt epoch schedule {@code cos(99π·epoch/(200(epochs−1)))}; 1 for a single epoch. */
    public static double codaCosine(int epoch, int epochs) {
        return epochs == 1 ? 1 : Math.cos(99 * Math.PI * epoch / (200.0 * (epochs - 1)));
    }

    /**
     * VQ-Prompt's "coswm" rate of one task, iteration by iteration: {@code floor} for the first {@code frozen} iterations, then half a
     * cosine from {@code rate} to {@code floor}.
     *
     * @param iteration from 0
     * @param frozen    iterations without learning
     * @param total     all iterations
     */
    public static double coswm(int iteration, int frozen, int total, double rate, double floor) {
        if (iteration < frozen) {
            return floor;
        }
        return floor + (rate - floor) * 0.5 * (1 + Math.cos(Math.PI * (iteration - frozen) / (total - frozen)));
    }
}
