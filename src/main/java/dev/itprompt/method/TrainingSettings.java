package dev.itprompt.method;

import dev.itprompt.Setting;

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
        boolean recompute) {

    /** The same with blocks computed again in the backward pass. */
    TrainingSettings recomputing() {
        return new TrainingSettings(batch, stepsOfPass, epochs, mostSteps, rates, augment, true);
    }

    /** How far a step goes. */
    public record RateSettings(
            @Setting(meaning = "Adam's learning rate for prompts and keys", byDefault = "0.015", min = 0)
            double rate,
            @Setting(meaning = "Adam's learning rate for the classifier while a prompt is trained", byDefault = "0.0015", min = 0)
            double headRate,
            @Setting(meaning = "rate over a task: constant, cosine (to 0 at the last step) or step (x0.1 every 30 epochs)",
                    byDefault = "cosine")
            RateSchedule schedule,
            @Setting(meaning = "largest Euclidean length of all gradients together", byDefault = "1", min = 0)
            double clip) {}

    /** Course of the learning rate over one task. */
    public enum RateSchedule { CONSTANT, COSINE, STEP }
}
