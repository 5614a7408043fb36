package dev.itprompt.method.replay;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.Setting;
import dev.itprompt.method.Clusters;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.ItPromptSettings.ReplayOptimizer;
import dev.itprompt.method.ItPromptSettings.ReplaySteps;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Schedule;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import dev.itprompt.train.State;
import dev.itprompt.train.Stateful;
import dev.itprompt.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;

/**
 * What is kept of the features of all classes so far, and the training of a classifier over all of them on pseudo-features drawn from
 * it. An epoch draws as many features of each class as its mini-batches need of an old one, shuffles them and takes its mini-batches
 * from the front.
 */
public final class FeatureReplay implements Stateful {

    private static final double MOMENTUM = 0.9;
    private static final double DECAY = 5e-4;

    /** Settings. */
    public record Settings(
            @Setting(meaning = "what is kept of a class: covariance (mean and covariance), variance (mean and variances) or centroids (k-means "
                    + "clusters with variances)", byDefault = "covariance")
            Kept statistics,
            @Setting(meaning = "clusters per class with statistics: centroids", byDefault = "10", min = 1)
            int centroids,
            @Setting(meaning = "mini-batches; no replay with 0 epochs", inline = true)
            ReplaySteps steps,
            @Setting(meaning = "learning rate", byDefault = "5e-3", min = 0)
            double rate,
            @Setting(meaning = "sgd (momentum 0.9, the rate a cosine over epochs, as HiDe-Prompt) or adamw (decay 5e-4, after the first step a "
                    + "cosine from a tenth of the rate to 1e-6, as VQ-Prompt)", byDefault = "sgd")
            ReplayOptimizer optimizer) {}

    /** What is kept of a class's features. */
    public enum Kept { COVARIANCE, VARIANCE, CENTROIDS }

    private final Settings settings;
    private final List<ClassDistribution> classes = new ArrayList<>();

    /** Bytes that are kept of all classes. */
    public static long bytes(Settings settings, int classes, int width) {
        long numbers = switch (settings.statistics()) {
            case COVARIANCE -> (long) width * width;
            case VARIANCE -> 2L * width;
            case CENTROIDS -> 2L * width * settings.centroids();
        };
        return Double.BYTES * numbers * classes;
    }

    /** Nothing is kept yet. */
    public FeatureReplay(Settings settings) {
        this.settings = settings;
    }

    /**
     * Adds the next class.
     *
     * @param rows   of its features, at least one
     * @param random of its clusters
     * @throws DivergenceException if their covariance cannot be factored
     */
    public void addClass(float[][] rows, RandomGenerator random) {
        classes.add(switch (settings.statistics()) {
            case COVARIANCE -> ClassDistribution.covariance(rows);
            case VARIANCE -> ClassDistribution.variance(rows);
            case CENTROIDS -> ClassDistribution.centroids(Clusters.of(rows, settings.centroids(), random));
        });
    }

    /** Means that stand for the classes so far, each of E numbers. */
    public List<double[]> centroids() {
        return classes.stream().flatMap(kept -> kept.centroids().stream()).toList();
    }

    /**
     * Trains a classifier over all classes so far.
     *
     * @param oldClasses those of earlier tasks, at least 1: they set the number of mini-batches
     * @param images     of the present task
     * @param rate       learning rate
     * @param random     by epoch, from 0
     * @throws DivergenceException if loss, gradients or weights are not finite
     */
    public void train(FeatureClassifier classifier, int oldClasses, int images, double rate, IntFunction<RandomGenerator> random,
                      Stage stage, Checkpoints at, Progress progress) {
        int epochs = settings.steps().epochs();
        int batches = settings.steps().perEpoch(oldClasses, images);
        long steps = (long) epochs * batches;
        Epochs drawn = new Epochs(classes, Math.ceilDiv(batches * settings.steps().samples(), oldClasses), batches, random);
        classifier.train(switch (settings.optimizer()) {
            case SGD -> lesson(new Optimizer.Rule.Sgd(MOMENTUM), steps, drawn,
                    step -> Trainer.Rates.of(rate * Schedule.cosine((int) (step / batches), epochs)));
            case ADAMW -> lesson(Optimizer.Rule.AdamW.DEFAULT, steps, drawn,
                    step -> new Trainer.Rates(Schedule.vqReplay((int) step, (int) steps, rate), DECAY, Double.POSITIVE_INFINITY));
        }, stage, at, progress);
    }

    private FeatureClassifier.Lesson lesson(Optimizer.Rule rule, long steps, Epochs drawn, LongFunction<Trainer.Rates> rates) {
        return new FeatureClassifier.Lesson(rule, settings.steps().samples(), 0, classes.size(), steps, drawn, rates);
    }

    @Override
    public void visit(State state) {
        List<ClassDistribution> present = List.copyOf(classes);
        int count = state.integer("classes", present.size());
        classes.clear();
        for (int c = 0; c < count; c++) {
            classes.add(ClassDistribution.visit(state.in("class." + c), state.isLoading() ? null : present.get(c)));
        }
    }

    /** The mini-batches of one epoch after another. */
    private static final class Epochs implements FeatureClassifier.Rows {

        private final List<ClassDistribution> classes;
        private final int count;
        private final int batches;
        private final IntFunction<RandomGenerator> random;
        private PseudoFeatures drawn;
        private int[] order;
        private long epoch = -1;

        /** @param count rows of each part of a class */
        Epochs(List<ClassDistribution> classes, int count, int batches, IntFunction<RandomGenerator> random) {
            this.classes = classes;
            this.count = count;
            this.batches = batches;
            this.random = random;
        }

        @Override
        public void write(long step, float[] rows, float[] labels) {
            if (step / batches != epoch) {
                epoch = step / batches;
                RandomGenerator chance = random.apply((int) epoch);
                drawn = PseudoFeatures.draw(classes, count, chance);
                order = Orders.permutation(drawn.rows().length, chance);
            }
            PseudoFeatures.Batch batch = drawn.batch(order, (int) (step % batches), labels.length);
            System.arraycopy(batch.labels(), 0, labels, 0, labels.length);
            for (int i = 0; i < labels.length; i++) {
                System.arraycopy(batch.rows()[i], 0, rows, i * batch.rows()[i].length, batch.rows()[i].length);
            }
        }
    }
}
