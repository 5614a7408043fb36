package dev.itprompt.experiment;

import dev.itprompt.checkpoint.ModelFolder;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.device.Device;
import dev.itprompt.graph.BufferPlan;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.Methods;
import dev.itprompt.method.Progress;
import dev.itprompt.model.Clip;
import dev.itprompt.RandomStreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All inputs of a run, read and checked: model, data set and held-out set on a device.
 *
 * @param settings the run's settings
 * @param data     the data set cut into tasks
 * @param backbone the model on the device
 * @param heldOut  the zero-shot check, if there is one
 * @param hash     SHA-256 of the model's weights
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
        Path model = project.resolve(settings.checkpoint());
        Clip clip = ModelFolder.load(model);
        int side = clip.vision().imageSize();
        ExperimentData data = ExperimentData.read(settings, project, side, threads);
        Backbone backbone = new Backbone(device, clip, settings.encodeBatch());
        ScenarioImages.Transforms transforms = ExperimentData.transforms(settings.image(), side);
        Optional<HeldOutCheck> heldOut = Experiment.heldOutFolder(settings, project)
                .map(folder -> HeldOutCheck.read(folder, backbone, transforms, settings.template(), settings.heldOut().limit(),
                        threads));
        return new Session(settings, data, backbone, heldOut, sha256(model.resolve("model.safetensors")));
    }

    private static String sha256(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] block = new byte[1 << 16];
            for (int n = in.read(block); n > 0; n = in.read(block)) {
                digest.update(block, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
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
    public BufferPlan plan() {
        int last = data.scenario().size() - 1;
        return Methods.of(backbone, settings.itPrompt(), new RandomStreams(settings.seed()), data.classNames(),
                settings.template(), settings.encodeBatch()).trainingPlan(data.scenario().firstLabel(last), data.scenario().seen(last));
    }

    @Override
    public void close() {
        backbone.close();
    }
}
