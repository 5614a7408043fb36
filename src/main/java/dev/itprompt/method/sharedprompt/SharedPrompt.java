package dev.itprompt.method.sharedprompt;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.Images;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.FeatureStore;
import dev.itprompt.method.Learner;
import dev.itprompt.method.PooledCovariance;
import dev.itprompt.method.Prompt;
import dev.itprompt.method.Run;
import dev.itprompt.method.itprompt.PlainTuningSettings;
import dev.itprompt.method.itprompt.PromptTrainer;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.State;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The forgetting baseline: one prompt and one softmax classifier, tuned task after task on the images of the task at hand with
 * plain cross-entropy over all classes seen so far.
 */
public final class SharedPrompt implements Learner {

    private final String name;
    private final Backbone backbone;
    private final PlainTuningSettings settings;
    private final RandomStreams streams;
    private final FeatureClassifier head;
    private final FeatureStore store;
    private final PooledCovariance covariance;
    private Prompt prompt;
    private int seen;

    SharedPrompt(String name, Run run, PlainTuningSettings settings) {
        this.name = name;
        this.backbone = run.backbone();
        this.settings = settings;
        this.streams = run.streams();
        this.store = run.store();
        this.head = new FeatureClassifier(backbone.device(), backbone.features(), run.classes().size(),
                streams.stream("init.head"));
        this.covariance = new PooledCovariance(backbone.features());
        this.prompt = Prompt.random(settings.prefix().layersOf(backbone.model().vision().layers()), settings.prefix().length(),
                backbone.model().vision().width(), streams.stream("init.prompt"));
    }

    @Override
    public void learn(Task task, Checkpoints at, Progress progress) {
        at.stage(() -> {
            if (settings.whiten()) {
                float[][] plain = store.plain(task.images(), task.piece("features"), progress);
                for (int c = task.firstClass(); c < task.endClass(); c++) {
                    covariance.addClass(task.ofClass(plain, c));
                }
                head.whiten(covariance.whitening());
            }
            seen = task.endClass();
        });
        int batch = settings.training().batchOf(task.images().size());
        at.stage(() -> prompt = new PromptTrainer(name, backbone, settings.tuning(), streams)
                .trainUnguided(task, batch, prompt, head, task.piece("shared prompt"), at, progress));
    }

    /** Scores are the logits that its cross-entropy was trained on. */
    @Override
    public Map<String, Scores> predict(Images images) {
        return Map.of(name, new Scores(head.scores(store.prompted(images, prompt, "", Progress.NONE), seen), new int[0], true));
    }

    @Override
    public void visit(State state) {
        seen = state.integer("seen", seen);
        prompt = Prompt.visit(state.in("prompt"), prompt);
        covariance.visit(state.in("covariance"));
        head.visit(state.in("classifier"));
    }

    @Override
    public Map<String, Long> trainable() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("prompts", prompt.size());
        counts.put("classifier", head.size());
        return counts;
    }

    @Override
    public void close() {}
}
