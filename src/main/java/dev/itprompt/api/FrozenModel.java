package dev.itprompt.api;

import dev.itprompt.InputException;
import dev.itprompt.Warnings;
import dev.itprompt.checkpoint.LoadOptions;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.ImageResize;
import dev.itprompt.data.Images;
import dev.itprompt.data.StoredImage;
import dev.itprompt.data.StoredImages;
import dev.itprompt.data.Transforms;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.ZeroShot;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.model.PretrainedModel;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A pretrained image model, or CLIP, whose weights never change. Images are files in any format that the program reads; transparent ones
 * are laid over white, all are prepared as the model's own images were, and decoded a batch at a time. Used by one thread at a time.
 */
public final class FrozenModel implements AutoCloseable {

    /** Images or texts in one run. */
    private static final int BATCH = 32;

    private final LoadedModel loaded;
    private final Backbone backbone;

    private FrozenModel(LoadedModel loaded, Backbone backbone) {
        this.loaded = loaded;
        this.backbone = backbone;
    }

    /**
     * Reads a model of any known format and family.
     *
     * @param checkpoint a model folder or a checkpoint file
     * @param device     where to compute, such as {@link dev.itprompt.device.cpu.CpuDevice}; not closed with the model
     * @return the model
     * @throws InputException if the checkpoint is damaged, of no known family or incomplete, or something about it is told nowhere
     */
    public static FrozenModel read(Path checkpoint, Device device) {
        return read(checkpoint, LoadOptions.NONE, device);
    }

    /**
     * Reads a model that does not say everything about itself.
     *
     * @param checkpoint a model folder or a checkpoint file
     * @param options    what the file does not tell, or is not to be believed in
     * @param device     where to compute; not closed with the model
     * @return the model
     * @throws InputException if the checkpoint is damaged, of no known family or incomplete, something about it is told nowhere, or an
     *                        option does not fit
     */
    public static FrozenModel read(Path checkpoint, LoadOptions options, Device device) {
        LoadedModel loaded = ModelReader.read(checkpoint, options);
        return new FrozenModel(loaded, new Backbone(device, loaded.model(), BATCH));
    }

    /**
     * The towers as graphs and their weights by the names of OpenAI's CLIP, for graphs of one's own.
     *
     * @return the model
     */
    public PretrainedModel model() {
        return loaded.model();
    }

    /**
     * Embeds images.
     *
     * @param files at least one
     * @return [files, E], as the model gives them, not normalised
     * @throws InputException if one cannot be read
     */
    public Tensor embedImages(List<Path> files) {
        Images images = images(files, new Transforms(loaded.preprocess(), 1, ImageResize.Filter.BICUBIC, false, 0, 0));
        return backbone.images(images, IntStream.range(0, files.size()).toArray(), null, Backbone.Chance.NONE);
    }

    /**
     * Embeds texts.
     *
     * @param texts at least one
     * @return [texts, E], as the model gives them, not normalised
     * @throws InputException if the model knows none, or one is longer than its context
     */
    public Tensor embedTexts(List<String> texts) {
        return backbone.texts(texts, false);
    }

    /**
     * Classifies images by texts alone: the softmax over their similarities to the texts of all labels.
     *
     * @param files    at least one
     * @param labels   two or more, different
     * @param template text of a label, {} for the label, such as {@code a photo of {}}
     * @return a prediction for each file, in their order
     * @throws InputException if the model knows no texts, or a file cannot be read
     */
    public List<Prediction> classify(List<Path> files, List<String> labels, String template) {
        requireDifferent(labels);
        float[][] texts = FeatureMatrix.rows(backbone.classTexts(labels, template));
        float[][] features = FeatureMatrix.rows(embedImages(files));
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < features.length; i++) {
            predictions.add(Prediction.of(files.get(i), labels, ZeroShot.probabilities(features[i], texts, backbone.clip().logitFactor())));
        }
        return predictions;
    }

    /**
     * A method of continual learning on this model, which has learned nothing yet.
     *
     * @param method   its name, such as {@code it-prompt} or {@code lda}
     * @param classes  names of all classes in the order in which they will be learned
     * @param settings {@code key=value} each, with the keys of a configuration, such as {@code methods.it-prompt.epochs=5}, {@code seed=1}
     *                 or {@code template=a drawing of {}}; keys of the data set, the scenario and the checkpoint have no meaning here
     * @return the learner; to be closed before the model
     * @throws InputException if a name, a key or a value is not known, or the method needs what the model or a learner cannot give
     */
    public ContinualLearner learner(String method, List<String> classes, String... settings) {
        requireDifferent(classes);
        return ContinualLearner.of(backbone, loaded, method, List.copyOf(classes), settings);
    }

    private static void requireDifferent(List<String> labels) {
        if (labels.size() < 2 || new LinkedHashSet<>(labels).size() < labels.size()) {
            throw new InputException("labels: expected two or more different ones, found " + labels);
        }
    }

    /** Files without labels. */
    static Images images(List<Path> files, Transforms transforms) {
        return images(files, new int[files.size()], List.of(""), transforms);
    }

    /**
     * Files with labels.
     *
     * @param labels     of the files, in their order
     * @param classNames of all labels
     */
    static ScenarioImages images(List<Path> files, int[] labels, List<String> classNames, Transforms transforms) {
        if (files.isEmpty()) {
            throw new InputException("images: expected at least one file, found none");
        }
        List<StoredImage> stored = files.stream().map(file -> StoredImage.of(file, file.toString())).toList();
        ImageLoading loading = ImageLoading.asStored(Runtime.getRuntime().availableProcessors(), Warnings.NONE);
        return ScenarioImages.all(new StoredImages(stored, labels, classNames, loading), transforms);
    }

    @Override
    public void close() {
        backbone.close();
    }
}
