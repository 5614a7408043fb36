package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.TaskImages;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Baselines that train nothing by gradient: the frozen prompt-free features of each new class are handed to a classifier that
 * has a closed form.
 */
public final class FrozenFeatures implements Learner {

    /** Classifies features; learns one class at a time. */
    interface Classifier {

        /** Adds the next class by its training features; may be nothing to do. */
        void addClass(float[][] features);

        /** Called when a task's classes are all added. */
        default void taskDone() {}

        /** The class with the best score among the first {@code seen}. */
        int classify(float[] feature, int seen);

        /** What was learned, by name. */
        Map<String, Tensor> state();
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
            public int classify(float[] feature, int seen) {
                double[] scores = new double[seen];
                for (int c = 0; c < seen; c++) {
                    scores[c] = FeatureMatrix.dot(feature, rows[c]);
                }
                return FeatureMatrix.argmax(scores, seen);
            }

            @Override
            public Map<String, Tensor> state() {
                return Map.of("texts", texts);
            }
        }, store, false);
    }

    /** Nearest class mean of φ(u): C-NCM with one cluster and no prompts. */
    public static Learner ncm(String name, ItPromptSettings.CncmSettings settings, RandomStreams streams, FeatureStore store) {
        Cncm cncm = new Cncm(new ItPromptSettings.CncmSettings(1, settings.power(), false, 0));
        return new FrozenFeatures(name, new Classifier() {
            @Override
            public void addClass(float[][] features) {
                cncm.addClass(features, streams.stream("kmeans.ncm", cncm.classes()));
            }

            @Override
            public int classify(float[] feature, int seen) {
                return FeatureMatrix.argmax(cncm.scores(feature), seen);
            }

            @Override
            public Map<String, Tensor> state() {
                Map<String, Tensor> state = new LinkedHashMap<>();
                cncm.store("ncm", state);
                return state;
            }
        }, store, true);
    }

    /** Linear discriminant analysis with a covariance shared by all classes seen so far. */
    public static Learner lda(String name, int width, FeatureStore store) {
        return new FrozenFeatures(name, new Lda(width), store, true);
    }

    @Override
    public void learn(Task task, Progress progress) {
        seen = task.endClass();
        if (needsTraining) {
            float[][] features = store.plain(task.images(), "task " + (task.index() + 1) + " features", progress);
            for (int c = task.firstClass(); c < task.endClass(); c++) {
                classifier.addClass(task.ofClass(features, c));
            }
            classifier.taskDone();
        }
    }

    @Override
    public Map<String, Predictions> predict(TaskImages images) {
        float[][] features = store.plain(images, "test features", Progress.NONE);
        int[] classes = Arrays.stream(features).mapToInt(row -> classifier.classify(row, seen)).toArray();
        return Map.of(name, new Predictions(classes, new int[0]));
    }

    @Override
    public Map<String, Tensor> state() {
        return classifier.state();
    }

    @Override
    public Map<String, Long> trainable() {
        return Map.of();
    }

    @Override
    public void close() {}
}
