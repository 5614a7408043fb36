package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.data.Images;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.State;
import dev.itprompt.train.Stateful;
import java.util.Arrays;
import java.util.Map;

/**
 * Baselines that train nothing by gradient: the frozen prompt-free features of each new class are handed to a classifier that
 * has a closed form.
 */
public final class FrozenFeatures implements Learner {

    /** Classifies features; learns one class at a time. */
    public interface Classifier extends Stateful {

        /** Whether it learns from features; else they are not asked for. */
        default boolean learns() {
            return true;
        }

        /** Adds the next class by its training features; may be nothing to do. */
        void addClass(float[][] features);

        /** Called when a task's classes are all added. */
        default void taskDone() {}

        /** How many classes can be scored before they are added; 0 if those that are added only. */
        default int knownAhead() {
            return 0;
        }

        /** Whether a softmax makes probabilities of its scores. */
        boolean givesLogits();

        /** Scores of the first {@code classes} classes for each row, [rows][classes]: those added, or {@link #knownAhead}. */
        double[][] scores(float[][] features, int classes);
    }

    /** One that looks at a single row at a time. */
    public interface RowClassifier extends Classifier {

        /** Scores of the first {@code classes} classes: those added, or {@link #knownAhead}. */
        double[] scores(float[] feature, int classes);

        @Override
        default double[][] scores(float[][] features, int classes) {
            return Arrays.stream(features).map(row -> scores(row, classes)).toArray(double[][]::new);
        }
    }

    private final String name;
    private final Classifier classifier;
    private final FeatureStore store;
    private int seen;

    private FrozenFeatures(String name, Classifier classifier, FeatureStore store) {
        this.name = name;
        this.classifier = classifier;
        this.store = store;
    }

    /** A method that is a classifier of prompt-free features. */
    public static Learner of(String name, Classifier classifier, FeatureStore store) {
        return new FrozenFeatures(name, classifier, store);
    }

    @Override
    public void learn(Task task, Checkpoints at, Progress progress) {
        at.stage(() -> {
            if (classifier.learns()) {
                float[][] features = store.plain(task.images(), task.piece("features"), progress);
                for (int c = task.firstClass(); c < task.endClass(); c++) {
                    classifier.addClass(task.ofClass(features, c));
                }
                classifier.taskDone();
            }
            seen = task.endClass();
        });
    }

    @Override
    public Map<String, Scores> predict(Images images) {
        return Map.of(name, scores(images, seen));
    }

    @Override
    public Map<String, Scores> predictAhead(Images images) {
        return classifier.knownAhead() == 0 ? Map.of() : Map.of(name, scores(images, classifier.knownAhead()));
    }

    private Scores scores(Images images, int classes) {
        return new Scores(classifier.scores(store.plain(images, "test features", Progress.NONE), classes), new int[0], classifier.givesLogits());
    }

    @Override
    public void visit(State state) {
        seen = state.integer("seen", seen);
        classifier.visit(state.in("classifier"));
    }

    @Override
    public Map<String, Long> trainable() {
        return Map.of();
    }

    @Override
    public void close() {}
}
