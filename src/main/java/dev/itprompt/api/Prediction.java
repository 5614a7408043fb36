package dev.itprompt.api;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What an image may show.
 *
 * @param image  its file
 * @param ranked all labels, the most likely first; of equals the one that was given first
 */
public record Prediction(Path image, List<Score> ranked) {

    /**
     * A label's share.
     *
     * @param label       the name
     * @param probability softmax over the scores of all labels, from 0 to 1
     */
    public record Score(String label, double probability) {}

    /**
     * Ranks labels.
     *
     * @param image         its file
     * @param labels        different names
     * @param probabilities of the labels, in their order
     * @return the labels, the most likely first
     */
    static Prediction of(Path image, List<String> labels, double[] probabilities) {
        List<Score> scores = new ArrayList<>();
        for (int c = 0; c < probabilities.length; c++) {
            scores.add(new Score(labels.get(c), probabilities[c]));
        }
        scores.sort(Comparator.comparingDouble(Score::probability).reversed());
        return new Prediction(image, List.copyOf(scores));
    }

    /**
     * The most likely label.
     *
     * @return its name
     */
    public String label() {
        return ranked.getFirst().label();
    }
}
