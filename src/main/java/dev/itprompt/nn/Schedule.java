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
     * VQ-Prompt's "coswm" rate of one task, iteration by iteration: {@code floor} for the first {@code frozen} iterations, then
     * half a cosine from {@code rate} to {@code floor}.
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

    /**
     * VQ-Prompt's rate of each update of a task as its code has it: the full rate for the first one, {@link #coswm} one update late
     * after it.
     */
    public static double vqUpdate(int update, int frozen, int total, double rate, double floor) {
        return update == 0 ? rate : coswm(update - 1, frozen, total, rate, floor);
    }

    /**
     * VQ-Prompt's rate of each update of its replay: the full rate for the first one, then half a cosine from a tenth of it to
     * 1e-6.
     *
     * @param updates old classes times epochs
     */
    public static double vqReplay(int update, int updates, double rate) {
        return update == 0 ? rate : 1e-6 + (rate / 10 - 1e-6) * 0.5 * (1 + Math.cos(Math.PI * (update - 1) / updates));
    }

    /** {@code factor} once for every {@code every} epochs that are over. */
    public static double step(int epoch, int every, double factor) {
        return Math.pow(factor, epoch / every);
    }

    /** Half a cosine from {@code rate} at epoch 0 to {@code floor} at the last one. */
    public static double cosine(int epoch, int epochs, double rate, double floor) {
        return floor + (rate - floor) * cosine(epoch, epochs);
    }

    /**
     * The epoch that published code asks a schedule for: it steps a schedule with the number of the epoch that is over, so that the
     * first two epochs share a rate (HiDe-Prompt and the ports of L2P and DualPrompt by timm's schedules, CODA-Prompt by its own).
     */
    public static int lagged(int epoch) {
        return Math.max(0, epoch - 1);
    }
}
