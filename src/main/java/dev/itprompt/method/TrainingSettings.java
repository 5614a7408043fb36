package dev.itprompt.method;

import dev.itprompt.Setting;
import dev.itprompt.nn.Schedule;
import dev.itprompt.train.Orders;

/** How a method is trained by gradients on the images of a task; the same keys in every such method. */
public record TrainingSettings(
        @Setting(meaning = "most images per training step", byDefault = "128", min = 1)
        int batch,
        @Setting(meaning = "steps that a pass over a task's images has at least: where images are few, batches (of 16 or more) and with them the "
                + "rates are smaller than given", byDefault = "8", min = 1)
        int stepsOfPass,
        @Setting(meaning = "passes over a task's images when its prompt is trained", byDefault = "20", min = 0)
        int epochs,
        @Setting(meaning = "most steps of a task's training: fewer passes where images are many; 0 for no limit", byDefault = "600",
                min = 0)
        int mostSteps,
        @Setting(meaning = "steps of the optimizer", inline = true)
        RateSettings rates,
        @Setting(meaning = "random crop and flip while prompts are trained", byDefault = "true")
        boolean augment,
        @Setting(meaning = "whether the backward pass computes each block again instead of keeping what is inside: less memory, more "
                + "work, the same result", byDefault = "false")
        boolean recompute,
        @Setting(meaning = "equal parts that a batch is cut into, whose gradients are added before a step: the memory is that of a part; a batch has a "
                + "multiple of them in images, and what its images have to do with each other (contrast, votes) they have within a part", byDefault = "1", min = 1)
        int parts) {

    private static final int SMALLEST_BATCH = 16;

    /**
     * Images per step: the batch, or fewer where a task has few images, so that a pass over them is several steps and not one; a multiple of
     * the parts.
     */
    public int batchOf(int images) {
        int most = Math.min(images, Math.min(batch, Math.max(SMALLEST_BATCH, images / stepsOfPass)));
        return most - most % partsOf(most);
    }

    /** Parts that a batch is cut into: none is empty. */
    public int partsOf(int batch) {
        return Math.max(1, Math.min(parts, batch));
    }

    /** Passes over a task's images: as many as the settings ask for, or fewer where their steps would be too many. */
    public int epochsOf(int steps) {
        int most = mostSteps == 0 ? Integer.MAX_VALUE : Math.ceilDiv(mostSteps, steps);
        return Math.min(epochs, most);
    }

    /** The same with blocks computed again in the backward pass. */
    public TrainingSettings recomputing() {
        return new TrainingSettings(batch, stepsOfPass, epochs, mostSteps, rates, augment, true, parts);
    }

    /** How far a step goes. */
    public record RateSettings(
            @Setting(meaning = "Adam's learning rate for prompts and keys", byDefault = "0.015", min = 0)
            double rate,
            @Setting(meaning = "Adam's learning rate for the classifier while a prompt is trained", byDefault = "0.0015", min = 0)
            double headRate,
            @Setting(meaning = "rate over a task: constant, cosine (to 0 at the last step), step (x0.1 every 30 epochs), or as published code "
                    + "has it, an epoch late: hide-step, hide-cosine (to 1e-5) and coda (nearly to 0)", byDefault = "cosine")
            RateSchedule schedule,
            @Setting(meaning = "largest Euclidean length of all gradients together; 0 for no limit", byDefault = "1", min = 0)
            double clip) implements Course {

        private static final int EPOCHS_OF_STEP = 30;
        private static final double STEP = 0.1;
        private static final double FLOOR = 1e-5;

        @Override
        public double factor(double base, long step, long steps, Orders orders) {
            int epoch = (int) orders.pass(step);
            int epochs = (int) (steps / orders.perPass());
            return switch (schedule) {
                case CONSTANT -> 1;
                case COSINE -> Schedule.warmupCosine((int) step, 0, (int) steps, 0);
                case STEP -> Schedule.step(epoch, EPOCHS_OF_STEP, STEP);
                case HIDE_STEP -> Schedule.step(Schedule.lagged(epoch), EPOCHS_OF_STEP, STEP);
                case HIDE_COSINE -> base == 0 ? 0 : Schedule.cosine(Schedule.lagged(epoch), epochs, base, FLOOR) / base;
                case CODA -> Schedule.codaCosine(Schedule.lagged(epoch), epochs);
            };
        }

        /** The largest length of all gradients together, infinite for none. */
        public double largestGradient() {
            return clip == 0 ? Double.POSITIVE_INFINITY : clip;
        }
    }

    /** Course of the learning rate over one task. */
    public enum RateSchedule { CONSTANT, COSINE, STEP, HIDE_STEP, HIDE_COSINE, CODA }

    /** A learning rate's way over the steps of a task. */
    @FunctionalInterface
    public interface Course {

        /**
         * The share of a rate at which a step is taken.
         *
         * @param base   the rate
         * @param step   from 0
         * @param steps  of the task
         * @param orders tells the passes that steps belong to
         */
        double factor(double base, long step, long steps, Orders orders);
    }
}
