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
import java.util.stream.IntStream;

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
    private final boolean needsTraining;
    private int seen;

    private FrozenFeatures(String name, Classifier classifier, FeatureStore store, boolean needsTraining) {
        this.name = name;
        this.classifier = classifier;
        this.store = store;
        this.needsTraining = needsTraining;
    }

    /**
     * Zero-shot CLIP (Continual-CLIP): the nearest class text by cosine among the classes seen so far.
     *
     * @param texts  normalised, [C, E]
     * @param factor of cosines, which makes CLIP's logits of them
     */
    public static Learner zeroShot(String name, Tensor texts, double factor, FeatureStore store) {
        float[][] rows = FeatureMatrix.rows(texts);
        return new FrozenFeatures(name, new RowClassifier() {
            @Override
            public void addClass(float[][] features) {}

            @Override
            public int knownAhead() {
                return rows.length;
            }

            @Override
            public double[] scores(float[] feature, int classes) {
                double scale = factor / Math.max(1e-12, Math.sqrt(FeatureMatrix.dot(feature, feature)));
                return IntStream.range(0, classes).mapToDouble(c -> scale * FeatureMatrix.dot(feature, rows[c])).toArray();
            }

            /** They are those that CLIP was trained with. */
            @Override
            public boolean givesLogits() {
                return true;
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
        return new FrozenFeatures(name, new RowClassifier() {
            @Override
            public void addClass(float[][] features) {
                cncm.addClass(features, streams.stream("kmeans.ncm", cncm.classes()));
            }

            @Override
            public double[] scores(float[] feature, int classes) {
                return Arrays.copyOf(cncm.scores(feature), classes);
            }

            /** They are cosines, whose scale nothing sets. */
            @Override
            public boolean givesLogits() {
                return false;
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
