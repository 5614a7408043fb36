package dev.itprompt.method.prompted;

import dev.itprompt.config.Kind;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.TrainingSettings;
import dev.itprompt.method.replay.FeatureReplay;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What a method of prompts on a frozen model is made of.
 *
 * @param prompting what enters, with its loss terms and what it does between tasks
 * @param training  of prompts and classifier on the images of a task
 * @param course    of the rates over a task
 * @param start     of the classifier
 * @param guide     further loss terms
 * @param replay    of the features of all classes so far, after a task's training; empty for none
 * @param unmasked  whether logits of all classes of the run compete at test, and not those of classes seen alone
 * @param scoring   what makes logits of features
 * @param answers   what enters at test, with the same values, by the suffix of the answer's name; the first one's is empty
 */
public record Recipe(Prompting prompting, TrainingSettings training, TrainingSettings.Course course, FeatureClassifier.Start start,
                     Guide guide, Optional<FeatureReplay.Settings> replay, boolean unmasked, Scoring scoring, SequencedMap<String, Prompting> answers) {

    /** The answer in which batches vote; it is never shown without that in which each image chooses for itself. */
    public static final Kind.Answer VOTE = new Kind.Answer("-batch-vote",
            "the same training, the images of a test batch voting for prompts; depends on which images are tested together", false);

    /** Loss terms made of the features of a batch. */
    @FunctionalInterface
    public interface Guide {

        /** Nothing but the cross-entropy and what prompts bring along. */
        Guide NONE = (_, _, _) -> Map.of();

        /**
         * Scalars by name to be added to the loss, weighted already.
         *
         * @param features of the batch with prompts, [B, E]
         * @param old      means that stand for the classes of earlier tasks, as far as a replay keeps them
         */
        Map<String, Node> terms(Graph g, Node features, List<double[]> old);
    }

    /**
     * What makes logits of features.
     *
     * @param temperature that divides logits
     * @param texts       normalised class texts, [C, E], whose cosines are the logits; null for the linear classifier
     * @param factor      of cosines
     */
    public record Scoring(double temperature, Tensor texts, double factor) {

        /** The classifier, as it is. */
        public static final Scoring LINEAR = new Scoring(1, null, 1);
    }

    /** The same with other logits. */
    public Recipe with(Scoring changed) {
        return new Recipe(prompting, training, course, start, guide, replay, unmasked, changed, answers);
    }

    /** Prompts and a linear classifier, trained by what the prompts ask for. */
    public static Recipe of(Prompting prompting, TrainingSettings training, FeatureClassifier.Start start) {
        return new Recipe(prompting, training, training.rates(), start, Guide.NONE, Optional.empty(), false,
                Scoring.LINEAR, new LinkedHashMap<>(Map.of("", prompting)));
    }

    /** The same with another course of the rates. */
    public Recipe with(TrainingSettings.Course changed) {
        return new Recipe(prompting, training, changed, start, guide, replay, unmasked, scoring, answers);
    }

    /** The same with further loss terms. */
    public Recipe with(Guide changed) {
        return new Recipe(prompting, training, course, start, changed, replay, unmasked, scoring, answers);
    }

    /** The same with replay, unless it has no epochs and no loss term looks at what it keeps. */
    public Recipe with(FeatureReplay.Settings changed) {
        return new Recipe(prompting, training, course, start, guide,
                changed.steps().epochs() == 0 && guide == Guide.NONE ? Optional.empty() : Optional.of(changed), unmasked, scoring, answers);
    }

    /** The same, with all classes of the run or those seen alone competing at test. */
    public Recipe unmasked(boolean changed) {
        return new Recipe(prompting, training, course, start, guide, replay, changed, scoring, answers);
    }

    /**
     * The same, with a further answer.
     *
     * @param each   what enters at test where every image chooses for itself
     * @param voting what enters where the images of a batch vote
     */
    public Recipe withVote(Prompting each, Prompting voting) {
        SequencedMap<String, Prompting> both = new LinkedHashMap<>();
        both.put("", each);
        both.put(VOTE.suffix(), voting);
        return new Recipe(prompting, training, course, start, guide, replay, unmasked, scoring, both);
    }
}
