package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.method.ItPromptSettings.ReplaySettings;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Schedule;
import java.util.Arrays;
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
     * @param random     by epoch, from 0
     * @throws dev.itprompt.DivergenceException if loss, gradients or weights are not finite
     */
    static void train(FeatureClassifier classifier, List<ClassStatistics> statistics, Optional<Whitening> common, int oldClasses,
                      ReplaySettings settings, double rate, IntFunction<RandomGenerator> random, Stage stage, Progress progress) {
        int seen = statistics.size();
        int epochs = Math.max(1, settings.epochs());
        int least = Math.ceilDiv(settings.leastSteps(), epochs);
        int most = settings.mostSteps() == 0 ? Integer.MAX_VALUE : Math.ceilDiv(settings.mostSteps(), epochs);
        int batches = Math.min(Math.max(oldClasses * settings.batches(), least), Math.max(most, least));
        int perClass = Math.ceilDiv(batches * settings.samples(), oldClasses);
        float[][] columns = common.map(Whitening::factorColumns).orElse(null);
        try (FeatureClassifier.Training training = classifier.train(rule(settings), settings.samples(), 0, seen, stage)) {
            for (int epoch = 0; epoch < settings.epochs(); epoch++) {
                RandomGenerator chance = random.apply(epoch);
                float[][] features = new float[seen * perClass][];
                int[] order = new int[features.length];
                for (int c = 0; c < seen; c++) {
                    float[][] drawn = statistics.get(c).sample(perClass, columns, chance);
                    System.arraycopy(drawn, 0, features, c * perClass, perClass);
                }
                shuffle(order, chance);
                double loss = 0;
                for (int b = 0; b < batches; b++) {
                    int[] chosen = Arrays.copyOfRange(order, b * settings.samples(), (b + 1) * settings.samples());
                    float[] labels = new float[chosen.length];
                    float[][] rows = new float[chosen.length][];
                    for (int i = 0; i < chosen.length; i++) {
                        rows[i] = features[chosen[i]];
                        labels[i] = chosen[i] / perClass;
                    }
                    loss += training.step(rows, labels, rate * Schedule.cosine(epoch, settings.epochs()),
                            Double.POSITIVE_INFINITY);
                }
                progress.report(stage.name(), epoch + 1, settings.epochs(), Notes.loss(loss / batches));
            }
        }
    }

    private static Optimizer.Rule rule(ReplaySettings settings) {
        return switch (settings.optimizer()) {
            case SGD -> new Optimizer.Rule.Sgd(0.9f);
            case ADAMW -> Optimizer.Rule.AdamW.DEFAULT;
        };
    }

    /** Fills the array with a random permutation of its indices. */
    static void shuffle(int[] order, RandomGenerator random) {
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
    }
}
