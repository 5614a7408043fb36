package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.RandomStreams;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.ItPromptSettings;
import dev.itprompt.method.Methods;
import dev.itprompt.method.Progress;
import dev.itprompt.model.Clip;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All inputs of a run, read and checked: model, data set and held-out set on a device.
 *
 * @param settings the run's settings
 * @param data     the data set cut into tasks
 * @param backbone the model on the device
 * @param heldOut  the zero-shot check, if there is one
 * @param hash     SHA-256 of the checkpoint
 */
public record Session(ExperimentSettings settings, ExperimentData data, Backbone backbone, Optional<HeldOutCheck> heldOut,
                      String hash) implements AutoCloseable {

    /**
     * Reads everything.
     *
     * @param device  where to run; not closed with the session
     * @param threads that decode images
     * @throws dev.itprompt.InputException if anything is missing, damaged or does not fit
     */
    public static Session open(ExperimentSettings settings, ProjectFolder project, Device device, int threads) {
        LoadedModel loaded = ModelReader.read(project.resolve(settings.checkpoint()), settings.load());
        Backbone backbone = new Backbone(device, loaded.model(), settings.encodeBatch());
        requireTexts(settings, backbone);
        ExperimentData data = ExperimentData.read(settings, project, loaded.preprocess(), threads);
        ScenarioImages.Transforms transforms = ExperimentData.transforms(settings.image(), loaded.preprocess());
        Optional<HeldOutCheck> heldOut = Experiment.heldOutFolder(settings, project)
                .map(folder -> HeldOutCheck.read(folder, backbone, transforms, settings.template(), settings.heldOut().limit(),
                        threads));
        return new Session(settings, data, backbone, heldOut, loaded.checkpoint().sha256());
    }

    /** Says at once all that needs texts when the model has none. */
    private static void requireTexts(ExperimentSettings settings, Backbone backbone) {
        if (backbone.knowsTexts()) {
            return;
        }
        List<String> changes = new ArrayList<>();
        if (settings.itPrompt().textGuide() != ItPromptSettings.TextGuide.OFF) {
            changes.add("itPrompt.textGuide=off");
        }
        if (settings.itPrompt().head() != ItPromptSettings.Head.SOFTMAX) {
            changes.add("itPrompt.head=softmax");
        }
        if (settings.methods().contains(MethodName.ZERO_SHOT.text())) {
            changes.add("methods without " + MethodName.ZERO_SHOT.text());
        }
        if (!settings.heldOut().path().isEmpty()) {
            changes.add("heldOut.path=''");
        }
        if (!changes.isEmpty()) {
            String found = backbone.model() instanceof Clip
                    ? "a CLIP without the merges of its tokenizer; name their file (load.merges), or" : "one without a text side;";
            throw new InputException("checkpoint " + settings.checkpoint() + ": expected a model that knows texts, found " + found + " set "
                    + String.join(", ", changes));
        }
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
                settings.template(), settings.encodeBatch()).trainingPlan(data.scenario().firstLabel(last), data.scenario().seen(last));
    }

    @Override
    public void close() {
        backbone.close();
    }
}
