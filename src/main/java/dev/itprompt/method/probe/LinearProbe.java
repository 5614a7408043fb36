package dev.itprompt.method.probe;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.Images;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.FeatureStore;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.PooledCovariance;
import dev.itprompt.method.Run;
import dev.itprompt.method.replay.FeatureReplay;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Schedule;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import dev.itprompt.train.State;
import dev.itprompt.train.Trainer;
import java.util.Map;
import java.util.Optional;

/**
 * A linear softmax classifier on frozen prompt-free features, whitened by the classes' pooled covariance, which changes nothing of what it
 * can express and much of how fast it learns. With all classes in one task it measures how much the frozen features hold. Task after task it
 * is fine-tuning of the head alone: with logits of other classes masked, with those of all classes seen (what forgetting does when nothing is
 * done about it), or trained again on features drawn of all classes.
 */
final class LinearProbe implements Learner {

    private static final int BATCH = 256;
    private static final int EPOCHS = 30;
    private static final double RATE = 1e-3;

    private final String name;
    private final FeatureClassifier classifier;
    private final FeatureStore store;
    private final RandomStreams streams;
    private final PooledCovariance covariance;
    private final LinearProbeSettings settings;
    private final Optional<FeatureReplay> replay;
    private int seen;

    LinearProbe(String name, Run run, LinearProbeSettings settings) {
        this.name = name;
        this.settings = settings;
        this.store = run.store();
        this.streams = run.streams();
        this.classifier = new FeatureClassifier(run.backbone().device(), run.backbone().features(), run.classes().size(),
                FeatureClassifier.Network.NONE, FeatureClassifier.Start.NORMAL, streams.stream("init.probe"));
        this.covariance = new PooledCovariance(run.backbone().features());
        this.replay = settings.replayed() ? Optional.of(new FeatureReplay(settings.replay(), run.backbone().features())) : Optional.empty();
    }

    @Override
    public void learn(Task task, Checkpoints at, Progress progress) {
        float[][] features = store.plain(task.images(), task.piece("features"), progress);
        at.stage(() -> {
            for (int c = task.firstClass(); c < task.endClass(); c++) {
                float[][] own = task.ofClass(features, c);
                covariance.addClass(own);
                if (replay.isPresent()) {
                    replay.get().addClass(own, streams.stream("kmeans.probe", c));
                }
            }
            classifier.whiten(covariance.whitening());
            seen = task.endClass();
        });
        Orders orders = new Orders(features.length, Math.min(BATCH, features.length),
                pass -> streams.stream("probe.order", task.index(), pass));
        Stage stage = new Stage(task.piece("linear probe"), "nothing, its rate is fixed: leave linear-probe out of methods");
        at.stage(() -> classifier.train(new FeatureClassifier.Lesson(Optimizer.Rule.AdamW.DEFAULT, orders.batch(),
                settings.masked() ? task.firstClass() : 0, task.endClass(), (long) EPOCHS * orders.perPass(),
                FeatureClassifier.Rows.of(features, task.images()::label, orders),
                step -> Trainer.Rates.of(RATE * Schedule.cosine((int) orders.pass(step), EPOCHS))), stage, at, progress));
        if (replay.isPresent() && task.index() > 0) {
            at.stage(() -> replay.get().train(classifier, task.firstClass(), task.images().size(), settings.replay().rate(),
                    epoch -> streams.stream("replay.probe", task.index(), epoch),
                    new Stage(task.piece("replay classifier"), Method.key(name, "replay.rate")), at, progress));
        }
    }

    /** Scores are the logits that its cross-entropy was trained on. */
    @Override
    public Map<String, Scores> predict(Images images) {
        double[][] scores = classifier.scores(store.plain(images, "test features", Progress.NONE), seen);
        return Map.of(name, new Scores(scores, new int[0], true));
    }

    @Override
    public void visit(State state) {
        seen = state.integer("seen", seen);
        covariance.visit(state.in("covariance"));
        classifier.visit(state.in("classifier"));
        replay.ifPresent(kept -> kept.visit(state.in("replay")));
    }

    @Override
    public Map<String, Long> trainable() {
        return Map.of("classifier", classifier.size());
    }

    @Override
    public void close() {}
}
