package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.Images;
import dev.itprompt.tensor.Tensor;
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

        /** Adds the next class by its training features; may be nothing to do. */
        void addClass(float[][] features);

        /** Called when a task's classes are all added. */
        default void taskDone() {}

        /** Scores of the first {@code seen} classes. */
        double[] scores(float[] feature, int seen);
    }

    private final String name;
    private final Classifier classifier;
    private final FeatureStore store;
    private final boolean needsTraining;
    private int seen;

    private FrozenFeatures(String name, Classifier classifier, FeatureStore store, boolean needsTraining) {
        this.name = name;
        this.classifier = classifier;
        this.store = store;
        this.needsTraining = needsTraining;
    }

    /** Zero-shot CLIP (Continual-CLIP): the nearest class text by cosine among the classes seen so far. */
    public static Learner zeroShot(String name, Tensor texts, FeatureStore store) {
        float[][] rows = FeatureMatrix.rows(texts);
        return new FrozenFeatures(name, new Classifier() {
            @Override
            public void addClass(float[][] features) {}

            @Override
            public double[] scores(float[] feature, int seen) {
                double[] scores = new double[seen];
                for (int c = 0; c < seen; c++) {
                    scores[c] = FeatureMatrix.dot(feature, rows[c]);
                }
                return scores;
            }

            @Override
            public void visit(State state) {
                state.tensor("texts", texts);
            }
        }, store, false);
    }

    /** Nearest class mean of φ(u): C-NCM with one cluster and no prompts. */
    public static Learner ncm(String name, NcmSettings settings, RandomStreams streams, FeatureStore store) {
        Cncm cncm = new Cncm(new ItPromptSettings.CncmSettings(1, settings.power(), false, 0));
        return new FrozenFeatures(name, new Classifier() {
            @Override
            public void addClass(float[][] features) {
                cncm.addClass(features, streams.stream("kmeans.ncm", cncm.classes()));
            }

            @Override
            public double[] scores(float[] feature, int seen) {
                return Arrays.copyOf(cncm.scores(feature), seen);
            }

            @Override
            public void visit(State state) {
                cncm.visit(state.in("ncm"));
            }
        }, store, true);
    }

    /** A method that is a classifier of prompt-free features. */
    public static Learner of(String name, Classifier classifier, FeatureStore store) {
        return new FrozenFeatures(name, classifier, store, true);
    }

    /** Linear discriminant analysis with a covariance shared by all classes seen so far. */
    public static Learner lda(String name, int width, FeatureStore store) {
        return new FrozenFeatures(name, new Lda(width), store, true);
    }

    @Override
    public void learn(Task task, Checkpoints at, Progress progress) {
        at.stage(() -> {
            if (needsTraining) {
                float[][] features = store.plain(task.images(), "task " + (task.index() + 1) + " features", progress);
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
        float[][] features = store.plain(images, "test features", Progress.NONE);
        double[][] scores = Arrays.stream(features).map(row -> classifier.scores(row, seen)).toArray(double[][]::new);
        return Map.of(name, new Scores(scores, new int[0]));
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
