package dev.itprompt.experiment;

import dev.itprompt.Fingerprint;
import dev.itprompt.InputException;
import dev.itprompt.Program;
import dev.itprompt.Warnings;
import dev.itprompt.checkpoint.LoadOptions;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.config.Configuration;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.Transforms;
import dev.itprompt.data.sets.Split;
import dev.itprompt.device.Device;
import dev.itprompt.method.Backbone;
import dev.itprompt.store.FeatureCache;
import dev.itprompt.store.FeatureRows;
import dev.itprompt.store.FeatureSubject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What runs with different seeds share, read and checked once: model, data set and held-out set on a device.
 *
 * @param model      as it was read
 * @param preprocess how images are prepared for it, without chance
 * @param backbone   the model on the device
 * @param images     the data set
 * @param checked    whether its counts and hashes were compared with the published ones
 * @param project    where paths of settings begin
 * @param heldOut    the zero-shot check, if there is one
 * @param hash       SHA-256 of the checkpoint
 * @param features   prompt-free features of other runs with this model and arithmetic
 */
public record Inputs(LoadedModel model, Preprocess preprocess, Backbone backbone, Split images, boolean checked,
                     ProjectFolder project, Optional<HeldOutCheck> heldOut, String hash, FeatureRows features) implements AutoCloseable {

    /**
     * Reads everything.
     *
     * @param configuration of any of the runs
     * @param device   where to run; not closed with the inputs
     * @param threads  that decode images
     * @param warnings hears of what is not read, and of names that the model cannot tell apart
     * @throws InputException if anything is missing, damaged or does not fit
     */
    public static Inputs read(Configuration<ExperimentSettings> configuration, ProjectFolder project, Device device, int threads,
                              Warnings warnings) {
        ExperimentSettings given = configuration.settings();
        LoadedModel loaded = ModelReader.read(project.resolve(given.model().checkpoint()), given.model().load());
        Backbone backbone = new Backbone(device, loaded.model(), given.model().encodeBatch());
        Configuration<ExperimentSettings> fitting = TextNeeds.fit(configuration, backbone);
        if (fitting != configuration) {
            warnings.warn(TextNeeds.note(given));
        }
        ExperimentSettings settings = fitting.settings();
        Preprocess preprocess = settings.image().normalization().of(loaded);
        Split images = ExperimentData.images(settings, project, preprocess, threads, warnings);
        reportAlike(images.train().classNames(), settings.model().template(), backbone, warnings);
        Transforms transforms = ExperimentData.transforms(settings.image(), preprocess);
        Optional<HeldOutCheck> heldOut = heldOutFolder(settings, project)
                .map(folder -> HeldOutCheck.read(folder, backbone, transforms, settings.model().template(), settings.heldOut().limit(),
                        ImageLoading.asStored(threads, warnings)));
        String hash = loaded.checkpoint().sha256();
        FeatureCache cache = new FeatureCache(project.cache("features"), (long) settings.model().featureCache() << 20, warnings);
        FeatureRows features = cache.of(subject(loaded, hash, settings.model().load(), device));
        return new Inputs(loaded, preprocess, backbone, images, settings.dataset().check(), project, heldOut, hash, features);
    }

    /** What the bits of features depend on beside the images. */
    public static FeatureSubject subject(LoadedModel model, String hash, LoadOptions load, Device device) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("checkpoint", sha256(hash));
        facts.put("branch", load.branch());
        facts.put("model", model.model().vision().toString());
        facts.put("arithmetic", arithmetic(device));
        facts.put("program", Program.version());
        return new FeatureSubject(facts);
    }

    /** What else than the configuration the bits of results depend on. */
    public static String arithmetic(Device device) {
        return device.arithmetic() + "; Java " + Runtime.version();
    }

    private static void reportAlike(List<String> classNames, String template, Backbone backbone, Warnings warnings) {
        if (backbone.knowsTexts()) {
            String alike = LabelTexts.alike(LabelTexts.groups("class names", classNames, template, backbone.tokenizer()));
            if (!alike.isEmpty()) {
                warnings.warn("class names " + alike + " are the same text to the model: zero-shot and the text guide cannot "
                        + "tell them apart; rename them");
            }
        }
    }

    /** Checks that a folder can be the held-out set: none if the setting is empty. */
    private static Optional<Path> heldOutFolder(ExperimentSettings settings, ProjectFolder project) {
        if (settings.heldOut().path().isEmpty()) {
            return Optional.empty();
        }
        Path path = project.resolve(settings.heldOut().path());
        if (!Files.isDirectory(path)) {
            throw new InputException("heldOut.path: expected a folder of captioned images, found none at " + path
                    + "; set it to '' to leave the check out");
        }
        return Optional.of(path);
    }

    /**
     * A configuration with all left out that the model cannot do.
     *
     * @throws InputException if something was asked for that it cannot do
     */
    public Configuration<ExperimentSettings> fit(Configuration<ExperimentSettings> configuration) {
        return TextNeeds.fit(configuration, backbone);
    }

    /** What a configuration only names, by what it is: hashes of model, tokenizer and images as they were read. */
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("checkpoint", sha256(hash));
        facts.put("model", model.model().vision() + model.text().map(text -> ", " + text).orElse(""));
        facts.put("preprocessing", preprocess.toString());
        facts.put("tokenizer", model.merges().map(file -> sha256(Fingerprint.ofFile(file))).orElse("none"));
        facts.put("split", images.origin() + ", list " + sha256(images.hash()) + (checked ? "" : ", counts and hashes not checked"));
        facts.put("training images", sha256(images.train().fingerprint()));
        facts.put("test images", sha256(images.test().fingerprint()));
        facts.put("held-out images", heldOut.map(check -> sha256(check.fingerprint())).orElse("none"));
        return facts;
    }

    private static String sha256(String digits) {
        return "sha256 " + digits;
    }

    @Override
    public void close() {
        features.flush();
        backbone.close();
    }
}
