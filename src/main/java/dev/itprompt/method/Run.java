package dev.itprompt.method;

import dev.itprompt.RandomStreams;
import dev.itprompt.store.FeatureRows;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * What the learners of one run share.
 *
 * @param backbone the frozen model
 * @param streams  of the run
 * @param classes  names of all classes in class order
 * @param texts    normalised text embeddings of these classes, [C, E]; null if the model knows no texts
 * @param store    features that are computed once
 * @param trueTask task of a test image by its identity; for {@link Need#TRUE_TASK_AT_TEST} only
 */
public record Run(Backbone backbone, RandomStreams streams, List<String> classes, Tensor texts, FeatureStore store,
                  IntUnaryOperator trueTask) {

    /**
     * Embeds the class texts.
     *
     * @param template around class names, {} for the name
     * @param block    images embedded between two reports of progress
     * @param disk     prompt-free features of other runs
     * @param trueTask task of a test image by its identity
     */
    public static Run of(Backbone backbone, RandomStreams streams, List<String> classes, String template, int block, FeatureRows disk,
                         IntUnaryOperator trueTask) {
        Tensor texts = backbone.knowsTexts() ? backbone.classTexts(classes, template) : null;
        return new Run(backbone, streams, classes, texts, new FeatureStore(backbone, block, disk), trueTask);
    }

    /** As the other, without features of other runs. */
    public static Run of(Backbone backbone, RandomStreams streams, List<String> classes, String template, int block,
                         IntUnaryOperator trueTask) {
        return of(backbone, streams, classes, template, block, FeatureRows.NONE, trueTask);
    }

    /** The same for a method that is told no true task. */
    Run untold() {
        return new Run(backbone, streams, classes, texts, store, _ -> {
            throw new IllegalStateException("true tasks are for methods that need " + Need.TRUE_TASK_AT_TEST);
        });
    }
}
