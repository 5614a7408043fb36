package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.TaskImages;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Schedule;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A linear softmax classifier on frozen prompt-free features, whitened by the classes' pooled covariance, which
 * changes nothing of what it can express and much of how fast it learns. Logits of classes outside the task at hand are masked while it is learned. With all classes in one task it
 * measures how much the frozen features hold.
 */
public final class LinearProbe implements Learner {

    private static final int BATCH = 256;
    private static final int EPOCHS = 30;
    private static final double RATE = 1e-3;

    private final String name;
    private final FeatureClassifier classifier;
    private final FeatureStore store;
    private final RandomStreams streams;
    private final PooledCovariance covariance;
    private int seen;

    LinearProbe(String name, Backbone backbone, RandomStreams streams, int classes, FeatureStore store) {
        this.name = name;
        this.store = store;
        this.streams = streams;
        this.classifier = new FeatureClassifier(backbone.device(), backbone.features(), classes, false,
                streams.stream("init.probe"));
        this.covariance = new PooledCovariance(backbone.features());
    }

    @Override
    public void learn(Task task, Progress progress) {
        seen = task.endClass();
        String at = "task " + (task.index() + 1) + " ";
        float[][] features = store.plain(task.images(), at + "features", progress);
        for (int c = task.firstClass(); c < seen; c++) {
            covariance.addClass(task.ofClass(features, c));
        }
        classifier.whiten(Whitening.of(covariance));
        Stage stage = new Stage(at + "linear probe", "nothing, its rate is fixed: leave linear-probe out of methods");
        try (FeatureClassifier.Training training = classifier.train(Optimizer.Rule.AdamW.DEFAULT,
                Math.min(BATCH, features.length), task.firstClass(), seen, stage)) {
            for (int epoch = 0; epoch < EPOCHS; epoch++) {
                double loss = training.epoch(features.length,
                        chosen -> IntStream.of(chosen).mapToObj(i -> features[i]).toArray(float[][]::new), task.images()::label,
                        streams.stream("probe.order", task.index(), epoch), RATE * Schedule.cosine(epoch, EPOCHS),
                        Double.POSITIVE_INFINITY);
                progress.report(stage.name(), epoch + 1, EPOCHS, Notes.loss(loss));
            }
        }
    }

    @Override
    public Map<String, Predictions> predict(TaskImages images) {
        double[][] scores = classifier.scores(store.plain(images, "test features", Progress.NONE));
        int[] classes = Arrays.stream(scores).mapToInt(row -> FeatureMatrix.argmax(row, seen)).toArray();
        return Map.of(name, new Predictions(classes, new int[0]));
    }

    @Override
    public Map<String, Tensor> state() {
        return classifier.state();
    }

    @Override
    public Map<String, Long> trainable() {
        return Map.of("classifier", classifier.size());
    }

    @Override
    public void close() {}
}
