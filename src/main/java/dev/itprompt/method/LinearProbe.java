package dev.itprompt.method;

import dev.itprompt.RandomStreams;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Schedule;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A linear softmax classifier on frozen prompt-free features, each column brought to mean 0 and variance 1 by the first task's
 * statistics. Logits of classes outside the task at hand are masked while it is learned. With all classes in one task it
 * measures how much the frozen features hold.
 */
public final class LinearProbe implements Learner {

    private static final int BATCH = 256;
    private static final int EPOCHS = 60;
    private static final double RATE = 3e-3;

    private final String name;
    private final FeatureClassifier classifier;
    private final FeatureStore store;
    private final RandomStreams streams;
    private double[] mean;
    private double[] deviation;
    private int seen;

    LinearProbe(String name, Backbone backbone, RandomStreams streams, int classes, FeatureStore store) {
        this.name = name;
        this.store = store;
        this.streams = streams;
        this.classifier = new FeatureClassifier(backbone.device(), backbone.features(), classes, false,
                streams.stream("init.probe"));
    }

    @Override
    public void learn(Task task, Progress progress) {
        seen = task.endClass();
        String at = "task " + (task.index() + 1) + " ";
        float[][] plain = store.plain(task.images(), at + "features", progress);
        if (mean == null) {
            fitScale(plain);
        }
        float[][] features = scaled(plain);
        int batch = Math.min(BATCH, features.length);
        int perEpoch = features.length / batch;
        int[] order = new int[features.length];
        try (FeatureClassifier.Training training = classifier.train(Optimizer.Rule.AdamW.DEFAULT, batch, task.firstClass(), seen)) {
            for (int epoch = 0; epoch < EPOCHS; epoch++) {
                Replay.shuffle(order, streams.stream("probe.order", task.index(), epoch));
                double loss = 0;
                for (int b = 0; b < perEpoch; b++) {
                    int[] chosen = Arrays.copyOfRange(order, b * batch, (b + 1) * batch);
                    float[] labels = new float[batch];
                    for (int i = 0; i < batch; i++) {
                        labels[i] = task.images().label(chosen[i]);
                    }
                    loss += training.step(IntStream.of(chosen).mapToObj(i -> features[i]).toArray(float[][]::new), labels,
                            RATE * Schedule.cosine(epoch, EPOCHS), Double.POSITIVE_INFINITY);
                }
                progress.report(at + "linear probe", epoch + 1, EPOCHS, Notes.loss(loss / perEpoch));
            }
        }
    }

    private void fitScale(float[][] features) {
        mean = FeatureMatrix.mean(features);
        deviation = new double[mean.length];
        for (float[] row : features) {
            for (int i = 0; i < mean.length; i++) {
                deviation[i] += (row[i] - mean[i]) * (row[i] - mean[i]) / features.length;
            }
        }
        for (int i = 0; i < mean.length; i++) {
            deviation[i] = Math.sqrt(deviation[i]) + 1e-6;
        }
    }

    private float[][] scaled(float[][] features) {
        float[][] scaled = new float[features.length][mean.length];
        for (int r = 0; r < features.length; r++) {
            for (int i = 0; i < mean.length; i++) {
                scaled[r][i] = (float) ((features[r][i] - mean[i]) / deviation[i]);
            }
        }
        return scaled;
    }

    @Override
    public Map<String, Predictions> predict(TaskImages images) {
        double[][] scores = classifier.scores(scaled(store.plain(images, "test features", Progress.NONE)));
        int[] classes = Arrays.stream(scores).mapToInt(row -> FeatureMatrix.argmax(row, seen)).toArray();
        return Map.of(name, new Predictions(classes, new int[0]));
    }

    @Override
    public Map<String, Tensor> state() {
        return classifier.weights();
    }

    @Override
    public Map<String, Long> trainable() {
        return Map.of("classifier", classifier.size());
    }

    @Override
    public void close() {}
}
