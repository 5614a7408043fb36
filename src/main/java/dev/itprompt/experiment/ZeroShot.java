package dev.itprompt.experiment;

import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.data.ImageDecoder;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
import dev.itprompt.device.Device;
import dev.itprompt.method.Backbone;
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
            float[] texts = backbone.classTexts(request.labels(), request.template()).toArray();
            int[] all = IntStream.range(0, images.size()).toArray();
            float[] features = backbone.images(new Pictures(squares, preprocess), all, null, Backbone.Chance.NONE).toArray();
            int width = backbone.features();
            for (int i : all) {
                answers.add(new Answer(images.get(i), rank(request.labels(), features, i * width, texts, width, backbone.clip().logitFactor())));
            }
        }
        return answers;
    }

    private static List<Score> rank(List<String> labels, float[] features, int from, float[] texts, int width, double factor) {
        double[] logits = new double[labels.size()];
        double length = 0;
        for (int k = 0; k < width; k++) {
            length += (double) features[from + k] * features[from + k];
        }
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < logits.length; c++) {
            for (int k = 0; k < width; k++) {
                logits[c] += (double) features[from + k] * texts[c * width + k];
            }
            logits[c] *= factor / Math.max(1e-12, Math.sqrt(length));
            largest = Math.max(largest, logits[c]);
        }
        double sum = 0;
        for (int c = 0; c < logits.length; c++) {
            logits[c] = Math.exp(logits[c] - largest);
            sum += logits[c];
        }
        List<Score> scores = new ArrayList<>();
        for (int c = 0; c < logits.length; c++) {
            scores.add(new Score(labels.get(c), logits[c] / sum));
        }
        scores.sort(Comparator.comparingDouble(Score::probability).reversed());
        return scores;
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
