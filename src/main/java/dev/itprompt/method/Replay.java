package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.method.ItPromptSettings.ReplaySettings;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Schedule;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import dev.itprompt.train.Trainer;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;

/**
 * Re-training of a classifier over all seen classes on pseudo-features drawn from their statistics (task-adaptive prediction of
 * HiDe-Prompt), the rate cosine-annealed per epoch. An epoch draws {@code samples·batches} features a class, shuffles
 * them and uses {@code batches·(old classes)} mini-batches of {@code samples}.
 */
final class Replay {

    private Replay() {}

    /**
     * @param statistics one entry per seen class
     * @param common     the whitening of all classes, whose covariance shrunk statistics borrow; may be absent without such
     * @param oldClasses classes whose number sets that of the mini-batches, at least 1
     * @param images     of the present task
     * @param random     by epoch, from 0
     * @throws dev.itprompt.DivergenceException if loss, gradients or weights are not finite
     */
    static void train(FeatureClassifier classifier, List<ClassStatistics> statistics, Optional<Whitening> common, int oldClasses, int images,
                      ReplaySettings settings, double rate, IntFunction<RandomGenerator> random, Stage stage, Checkpoints at,
                      Progress progress) {
        int seen = statistics.size();
        int batches = settings.steps().perEpoch(oldClasses, images);
        int perClass = Math.ceilDiv(batches * settings.steps().samples(), oldClasses);
        float[][] columns = common.map(Whitening::factorColumns).orElse(null);
        PseudoFeatures drawn = new PseudoFeatures(statistics, columns, perClass, batches, random);
        classifier.train(new FeatureClassifier.Lesson(rule(settings), settings.steps().samples(), 0, seen, (long) settings.steps().epochs() * batches,
                drawn, step -> Trainer.Rates.of(rate * Schedule.cosine((int) (step / batches), settings.steps().epochs()))), stage, at, progress);
    }

    /** Pseudo-features of an epoch at a time. */
    private static final class PseudoFeatures implements FeatureClassifier.Rows {

        private final List<ClassStatistics> statistics;
        private final float[][] columns;
        private final int perClass;
        private final int batches;
        private final IntFunction<RandomGenerator> random;
        private float[][] features;
        private int[] order;
        private long epoch = -1;

        PseudoFeatures(List<ClassStatistics> statistics, float[][] columns, int perClass, int batches,
                       IntFunction<RandomGenerator> random) {
            this.statistics = statistics;
            this.columns = columns;
            this.perClass = perClass;
            this.batches = batches;
            this.random = random;
        }

        @Override
        public void write(long step, float[] rows, float[] labels) {
            if (step / batches != epoch) {
                epoch = step / batches;
                draw(random.apply((int) epoch));
            }
            int from = (int) (step % batches) * labels.length;
            for (int i = 0; i < labels.length; i++) {
                float[] row = features[order[from + i]];
                System.arraycopy(row, 0, rows, i * row.length, row.length);
                labels[i] = order[from + i] / perClass;
            }
        }

        private void draw(RandomGenerator chance) {
            features = new float[statistics.size() * perClass][];
            for (int c = 0; c < statistics.size(); c++) {
                System.arraycopy(statistics.get(c).sample(perClass, columns, chance), 0, features, c * perClass, perClass);
            }
            order = Orders.permutation(features.length, chance);
        }
    }

    private static Optimizer.Rule rule(ReplaySettings settings) {
        return switch (settings.optimizer()) {
            case SGD -> new Optimizer.Rule.Sgd(0.9);
            case ADAMW -> Optimizer.Rule.AdamW.DEFAULT;
        };
    }
}
