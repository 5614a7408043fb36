package dev.itprompt.experiment;

import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.data.ImageDecoder;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
import dev.itprompt.device.Device;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureMatrix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Zero-shot classification of image files with a CLIP: the softmax over its similarities to texts. */
public final class ZeroShot {

    private static final int LARGEST_BATCH = 100;

    private ZeroShot() {}

    /**
     * What to compare images with.
     *
     * @param labels     different names
     * @param template   around a name, {} for the name
     * @param preprocess how an image becomes the model's input
     */
    public record Request(List<String> labels, String template, Preprocess preprocess) {}

    /**
     * A label's share.
     *
     * @param label       the name
     * @param probability softmax over all labels
     */
    public record Score(String label, double probability) {}

    /**
     * All labels for an image, the best first.
     *
     * @param image  its file
     * @param ranked most probable first
     */
    public record Answer(Path image, List<Score> ranked) {}

    /**
     * Classifies images.
     *
     * @param model a CLIP
     * @throws dev.itprompt.InputException if the model or an image cannot be read
     */
    public static List<Answer> classify(Device device, LoadedModel model, Request request, List<Path> images) {
        Preprocess preprocess = request.preprocess();
        List<RgbImage> squares = images.stream().map(file -> preprocess.square(ImageDecoder.read(file).over(255, 255, 255))).toList();
        List<Answer> answers = new ArrayList<>();
        int batch = Math.min(LARGEST_BATCH, Math.max(images.size(), request.labels().size()));
        try (Backbone backbone = new Backbone(device, model.model(), batch)) {
            float[][] texts = FeatureMatrix.rows(backbone.classTexts(request.labels(), request.template()));
            int[] all = IntStream.range(0, images.size()).toArray();
            float[][] features = FeatureMatrix.rows(backbone.images(new Pictures(squares, preprocess), all, null, Backbone.Chance.NONE));
            for (int i : all) {
                answers.add(new Answer(images.get(i), rank(request.labels(), probabilities(features[i], texts, backbone.clip().logitFactor()))));
            }
        }
        return answers;
    }

    private static List<Score> rank(List<String> labels, double[] probabilities) {
        List<Score> scores = new ArrayList<>();
        for (int c = 0; c < probabilities.length; c++) {
            scores.add(new Score(labels.get(c), probabilities[c]));
        }
        scores.sort(Comparator.comparingDouble(Score::probability).reversed());
        return scores;
    }

    /**
     * The softmax over an image's similarities to texts.
     *
     * @param feature of the image, of any length
     * @param texts   normalised, a row each
     * @param factor  of the cosines
     */
    public static double[] probabilities(float[] feature, float[][] texts, double factor) {
        double length = 0;
        for (float value : feature) {
            length += (double) value * value;
        }
        double[] logits = new double[texts.length];
        for (int c = 0; c < logits.length; c++) {
            for (int k = 0; k < feature.length; k++) {
                logits[c] += (double) feature[k] * texts[c][k];
            }
            logits[c] *= factor / Math.max(1e-12, Math.sqrt(length));
        }
        return FeatureMatrix.softmax(logits);
    }

    /** The answers as a JSON list of {@code {"image": .., "labels": [{"label": .., "probability": ..}]}}. */
    public static String json(List<Answer> answers, int top) {
        ArrayNode list = ResultFiles.JSON.createArrayNode();
        for (Answer answer : answers) {
            ObjectNode node = list.addObject().put("image", answer.image().toString());
            ArrayNode ranked = node.putArray("labels");
            answer.ranked().stream().limit(top).forEach(score -> ranked.addObject().put("label", score.label())
                    .put("probability", score.probability()));
        }
        return ResultFiles.JSON.writeValueAsString(list);
    }
}
