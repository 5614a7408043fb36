package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;
import dev.itprompt.method.Training;
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
        ExperimentData data = ExperimentData.of(inputs.images(), settings, inputs.preprocess(), inputs.project());
        return new Session(settings, data, inputs.backbone(), inputs.heldOut(), inputs.hash());
    }

    /**
     * Runs the experiment.
     *
     * @param deviceKind the device's name in results
     * @param stage      hears which training begins
     */
    public Experiment.Outcome run(RunFolder folder, String deviceKind, Progress progress, Consumer<String> stage) {
        Run run = methodRun();
        return new Experiment(settings, data, training -> training.create(run), heldOut, folder,
                new Experiment.Surroundings(deviceKind, hash, progress, stage)).run();
    }

    /** Memory that each method's largest step needs. */
    public StepPlans plans() {
        return StepPlans.of(methodRun(), Training.of(settings.methods()), lastTask());
    }

    /**
     * The same session, with blocks computed again in the backward pass of the methods whose training step needs more memory otherwise.
     *
     * @param bytes that the process may need for a step
     * @throws InputException if that does not help
     */
    public Session within(long bytes) {
        long free = bytes - MemoryPlan.JAVA_BYTES;
        Run run = methodRun();
        ExperimentSettings less = settings;
        for (Training training : Training.of(settings.methods())) {
            if (bytes(run, training) > free) {
                Training again = training.recomputing();
                requireWithin(bytes, run, again);
                less = less.with(less.methods().with(again.name(), again.settings()));
            }
        }
        return less == settings ? this : new Session(less, data, backbone, heldOut, hash);
    }

    private void requireWithin(long bytes, Run run, Training training) {
        long needed = bytes(run, training) + MemoryPlan.JAVA_BYTES;
        if (needed > bytes) {
            boolean trains = training.largestStep(run, lastTask()).isPresent();
            throw new InputException(String.format(Locale.ROOT, "--memory: expected at least %,d MiB for %s, found %,d MiB; set a smaller %s",
                    (needed >> 20) + 1, trains ? "a training step of " + training.name() : "embedding images", bytes >> 20,
                    trains ? Method.key(training.name(), "batch") : "encodeBatch"));
        }
    }

    private long bytes(Run run, Training training) {
        return training.largestStep(run, lastTask()).orElseGet(backbone::plan).totalBytes();
    }

    /** First class of the last task. */
    private int lastTask() {
        return data.scenario().firstLabel(data.scenario().size() - 1);
    }

    private Run methodRun() {
        return Run.of(backbone, new RandomStreams(settings.seed()), data.classNames(), settings.model().template(),
                settings.model().encodeBatch(), data.taskOfTestImage());
    }
}
