package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.ItPromptSettings;
import dev.itprompt.method.Methods;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A run of an experiment with one seed.
 *
 * @param settings the run's settings
 * @param data     the data set cut into tasks
 * @param backbone the model on the device
 * @param heldOut  the zero-shot check, if there is one
 * @param hash     SHA-256 of the checkpoint
 */
public record Session(ExperimentSettings settings, ExperimentData data, Backbone backbone, Optional<HeldOutCheck> heldOut,
                      String hash) {

    /**
     * Cuts the data set into tasks.
     *
     * @param settings those that the inputs were read by, with any seed
     * @throws InputException if a class has no images, or the split does not fit
     */
    public static Session of(ExperimentSettings settings, Inputs inputs) {
        ExperimentData data = ExperimentData.of(inputs.images(), settings, inputs.preprocess());
        return new Session(settings, data, inputs.backbone(), inputs.heldOut(), inputs.hash());
    }

    /**
     * Runs the experiment.
     *
     * @param deviceKind the device's name in results
     * @param stage      hears which training begins
     */
    public Experiment.Outcome run(RunFolder folder, String deviceKind, Progress progress, Consumer<String> stage) {
        return new Experiment(settings, data, Experiment.learners(backbone, settings, data), heldOut, folder,
                new Experiment.Surroundings(deviceKind, hash, progress, stage)).run();
    }

    /** Memory of a training step of IT-Prompt in the last task, the largest. */
    public MemoryPlan plan() {
        return plan(settings.itPrompt());
    }

    /**
     * The same session, with blocks computed again in the backward pass if a training step needs more memory otherwise.
     *
     * @param bytes that the process may need for a step
     * @throws InputException if that does not help
     */
    public Session within(long bytes) {
        long free = bytes - MemoryPlan.JAVA_BYTES;
        if (plan().totalBytes() <= free) {
            return this;
        }
        ItPromptSettings less = settings.itPrompt().recomputing();
        long needed = plan(less).totalBytes();
        if (needed > free) {
            throw new InputException(String.format(Locale.ROOT, "--memory: expected at least %,d MiB for a step of %d images, found %,d MiB;"
                    + " set a smaller itPrompt.batch", (needed + MemoryPlan.JAVA_BYTES >> 20) + 1, less.batch(), bytes >> 20));
        }
        return new Session(settings.with(less), data, backbone, heldOut, hash);
    }

    private MemoryPlan plan(ItPromptSettings itPrompt) {
        int last = data.scenario().size() - 1;
        return Methods.of(backbone, itPrompt, new RandomStreams(settings.seed()), data.classNames(),
                settings.template(), settings.encodeBatch(), data.taskOfTestImage()).trainingPlan(data.scenario().firstLabel(last), data.scenario().seen(last));
    }
}
