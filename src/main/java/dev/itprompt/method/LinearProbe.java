package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.Images;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Schedule;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import dev.itprompt.train.State;
import dev.itprompt.train.Trainer;
import java.util.Map;

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
    public void learn(Task task, Checkpoints at, Progress progress) {
        float[][] features = store.plain(task.images(), task.piece("features"), progress);
        at.stage(() -> {
            for (int c = task.firstClass(); c < task.endClass(); c++) {
                covariance.addClass(task.ofClass(features, c));
            }
            classifier.whiten(covariance.whitening());
            seen = task.endClass();
        });
        Orders orders = new Orders(features.length, Math.min(BATCH, features.length),
                pass -> streams.stream("probe.order", task.index(), pass));
        Stage stage = new Stage(task.piece("linear probe"), "nothing, its rate is fixed: leave linear-probe out of methods");
        at.stage(() -> classifier.train(new FeatureClassifier.Lesson(Optimizer.Rule.AdamW.DEFAULT, orders.batch(), task.firstClass(),
                task.endClass(), (long) EPOCHS * orders.perPass(),
                FeatureClassifier.Rows.of(features, task.images()::label, orders),
                step -> Trainer.Rates.of(RATE * Schedule.cosine((int) orders.pass(step), EPOCHS))), stage, at, progress));
    }

    @Override
    public Map<String, Scores> predict(Images images) {
        double[][] scores = classifier.scores(store.plain(images, "test features", Progress.NONE), seen);
        return Map.of(name, new Scores(scores, new int[0]));
    }

    @Override
    public void visit(State state) {
        seen = state.integer("seen", seen);
        covariance.visit(state.in("covariance"));
        classifier.visit(state.in("classifier"));
    }

    @Override
    public Map<String, Long> trainable() {
        return Map.of("classifier", classifier.size());
    }

    @Override
    public void close() {}
}
