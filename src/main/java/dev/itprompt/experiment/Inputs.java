package dev.itprompt.experiment;

import dev.itprompt.Fingerprint;
import dev.itprompt.InputException;
import dev.itprompt.Warnings;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.Preprocess;
import dev.itprompt.device.Device;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.ItPromptSettings;
import dev.itprompt.model.Clip;
import java.util.ArrayList;
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
 * @param heldOut    the zero-shot check, if there is one
 * @param hash       SHA-256 of the checkpoint
 */
public record Inputs(LoadedModel model, Preprocess preprocess, Backbone backbone, ExperimentData.Images images,
                     Optional<HeldOutCheck> heldOut, String hash) implements AutoCloseable {

    /**
     * Reads everything.
     *
     * @param settings of any of the runs
     * @param device   where to run; not closed with the inputs
     * @param threads  that decode images
     * @param warnings hears of what is not read, and of names that the model cannot tell apart
     * @throws InputException if anything is missing, damaged or does not fit
     */
    public static Inputs read(ExperimentSettings settings, ProjectFolder project, Device device, int threads, Warnings warnings) {
        LoadedModel loaded = ModelReader.read(project.resolve(settings.checkpoint()), settings.load());
        Backbone backbone = new Backbone(device, loaded.model(), settings.encodeBatch());
        requireTexts(settings, backbone);
        Preprocess preprocess = settings.image().normalization().of(loaded);
        ExperimentData.Images images = ExperimentData.images(settings, project, preprocess, threads, warnings);
        reportAlike(images.train().classNames(), settings.template(), backbone, warnings);
        ScenarioImages.Transforms transforms = ExperimentData.transforms(settings.image(), preprocess);
        Optional<HeldOutCheck> heldOut = Experiment.heldOutFolder(settings, project)
                .map(folder -> HeldOutCheck.read(folder, backbone, transforms, settings.template(), settings.heldOut().limit(),
                        ImageLoading.asStored(threads, warnings)));
        return new Inputs(loaded, preprocess, backbone, images, heldOut, loaded.checkpoint().sha256());
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

    /** What a configuration only names, by what it is: hashes of model, tokenizer and images as they were read. */
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("checkpoint", sha256(hash));
        facts.put("model", model.model().vision() + model.text().map(text -> ", " + text).orElse(""));
        facts.put("preprocessing", preprocess.toString());
        facts.put("tokenizer", model.merges().map(file -> sha256(Fingerprint.ofFile(file))).orElse("none"));
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
        backbone.close();
    }
}
