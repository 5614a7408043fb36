package dev.itprompt.method.replay;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.Setting;
import dev.itprompt.method.Clusters;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.Learner.Task;
import dev.itprompt.method.PooledCovariance;
import dev.itprompt.method.Whitening;
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
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;

/**
 * What is kept of the features of all classes so far, and the training of a classifier over all of them on pseudo-features drawn from
 * it (task-adaptive prediction of HiDe-Prompt, Wang et al. 2023). An epoch draws as many features of each class as its mini-batches need
 * of an old one, shuffles them and takes its mini-batches from the front.
 */
public final class FeatureReplay implements Stateful {

    private static final double MOMENTUM = 0.9;
    private static final double DECAY = 5e-4;

    /** Settings. */
    public record Settings(
            @Setting(meaning = "what is kept of a class: covariance (mean and covariance), shrunk (the same, shrunk towards the covariance of all "
                    + "classes the more the fewer images there are), variance (mean and variances) or centroids (k-means clusters with variances)",
                    byDefault = "covariance")
            Kept statistics,
            @Setting(meaning = "clusters per class with statistics: centroids", byDefault = "10", min = 1)
            int centroids,
            @Setting(meaning = "mini-batches; no replay with 0 epochs", inline = true)
            ReplaySteps steps,
            @Setting(meaning = "learning rate", byDefault = "5e-3", min = 0)
            double rate,
            @Setting(meaning = "sgd (momentum 0.9, the rate a cosine over epochs, as HiDe-Prompt) or adamw (decay 5e-4, after the first step a "
                    + "cosine from a tenth of the rate to 1e-6, as VQ-Prompt)", byDefault = "sgd")
            ReplayOptimizer optimizer) {

        /** Most {@link FeatureReplay#centroids} of a class. */
        public int centroidsOfClass() {
            return statistics == Kept.CENTROIDS ? centroids : 1;
        }
    }

    /** What is kept of a class's features. */
    public enum Kept { SHRUNK, COVARIANCE, VARIANCE, CENTROIDS }

    private final Settings settings;
    private final Optional<PooledCovariance> common;
    private final List<ClassDistribution> classes = new ArrayList<>();

    /** Bytes that are kept of all classes. */
    public static long bytes(Settings settings, int classes, int width) {
        long numbers = switch (settings.statistics()) {
            case SHRUNK, COVARIANCE -> (long) width * width / 2;
            case VARIANCE -> 2L * width;
            case CENTROIDS -> 2L * width * settings.centroids();
        };
        return Double.BYTES * numbers * classes;
    }

    /**
     * Nothing is kept yet.
     *
     * @param width E, columns of a feature
     */
    public FeatureReplay(Settings settings, int width) {
        this(settings, width, false);
    }

    /** @param whitens whether the covariance of all classes is collected even if no statistics are shrunk towards it */
    public FeatureReplay(Settings settings, int width, boolean whitens) {
        this.settings = settings;
        this.common = whitens || settings.statistics() == Kept.SHRUNK ? Optional.of(new PooledCovariance(width)) : Optional.empty();
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
            case SHRUNK -> ClassDistribution.shrunk(rows);
            case COVARIANCE -> ClassDistribution.covariance(rows);
            case VARIANCE -> ClassDistribution.variance(rows);
            case CENTROIDS -> ClassDistribution.centroids(rows, Clusters.of(rows, settings.centroids(), random));
        });
        common.ifPresent(covariance -> covariance.addClass(rows));
    }

    /**
     * Adds the classes of a task.
     *
     * @param rows   features of the task's images, in their order
     * @param what   they are, for messages
     * @param random of a class's clusters
     * @throws DivergenceException if the covariance of a class's features cannot be factored
     */
    public void addTask(Task task, float[][] rows, String what, IntFunction<RandomGenerator> random) {
        for (int c = task.firstClass(); c < task.endClass(); c++) {
            try {
                addClass(task.ofClass(rows, c), random.apply(c));
            } catch (DivergenceException e) {
                throw e.in(task.piece(what));
            }
        }
    }

    /** The whitening of all classes so far, at least one; empty where their common covariance is not collected. */
    public Optional<Whitening> whitening() {
        return common.map(PooledCovariance::whitening);
    }

    /** The mean feature of each class so far, E numbers. */
    public List<double[]> means() {
        return classes.stream().map(ClassDistribution::mean).toList();
    }

    /** Means that stand for the classes so far, each of E numbers. */
    public List<double[]> centroids() {
        return classes.stream().flatMap(kept -> kept.centroids().stream()).toList();
    }

    /**
     * Trains a classifier over all classes so far; nothing is done with 0 epochs.
     *
     * @param oldClasses classes whose number sets that of the mini-batches, at least 1: those of earlier tasks, as published
     * @param images     of the present task
     * @param rate       learning rate
     * @param random     by epoch, from 0
     * @throws DivergenceException if loss, gradients or weights are not finite
     */
    public void train(FeatureClassifier classifier, int oldClasses, int images, double rate, IntFunction<RandomGenerator> random,
                      Stage stage, Checkpoints at, Progress progress) {
        int epochs = settings.steps().epochs();
        if (epochs == 0) {
            return;
        }
        int batches = settings.steps().perEpoch(oldClasses, images);
        long steps = (long) epochs * batches;
        Epochs drawn = new Epochs(classes, common.map(covariance -> covariance.whitening().factorColumns()).orElse(null),
                Math.ceilDiv(batches * settings.steps().samples(), oldClasses), batches, random);
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
        common.ifPresent(covariance -> covariance.visit(state.in("covariance")));
    }

    /** The mini-batches of one epoch after another. */
    private static final class Epochs implements FeatureClassifier.Rows {

        private final List<ClassDistribution> classes;
        private final float[][] common;
        private final int count;
        private final int batches;
        private final IntFunction<RandomGenerator> random;
        private PseudoFeatures drawn;
        private int[] order;
        private long epoch = -1;

        /**
         * @param common see {@link Gaussian#draw}
         * @param count  rows of each part of a class
         */
        Epochs(List<ClassDistribution> classes, float[][] common, int count, int batches, IntFunction<RandomGenerator> random) {
            this.classes = classes;
            this.common = common;
            this.count = count;
            this.batches = batches;
            this.random = random;
        }

        @Override
        public void write(long step, float[] rows, float[] labels) {
            if (step / batches != epoch) {
                epoch = step / batches;
                RandomGenerator chance = random.apply((int) epoch);
                drawn = PseudoFeatures.draw(classes, count, common, chance);
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
