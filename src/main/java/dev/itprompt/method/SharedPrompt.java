package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.TaskImages;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The forgetting baseline: one prompt and one softmax classifier, tuned task after task on the images of the task at hand with
 * plain cross-entropy over all classes seen so far.
 */
public final class SharedPrompt implements Learner {

    private final String name;
    private final Backbone backbone;
    private final ItPromptSettings settings;
    private final RandomStreams streams;
    private final FeatureClassifier head;
    private final FeatureStore store;
    private final PooledCovariance covariance;
    private Prompt prompt;
    private int seen;

    public SharedPrompt(String name, Backbone backbone, ItPromptSettings settings, RandomStreams streams, int classes,
                        FeatureStore store) {
        this.name = name;
        this.backbone = backbone;
        this.settings = settings.plain();
        this.streams = streams;
        this.store = store;
        this.head = new FeatureClassifier(backbone.device(), backbone.features(), classes, false, streams.stream("init.head"));
        this.covariance = new PooledCovariance(backbone.features());
        this.prompt = Prompt.random(ItPrompt.layers(settings, backbone.model().vision().layers()), settings.length(),
                backbone.model().vision().width(), streams.stream("init.prompt"));
    }

    @Override
    public void learn(Task task, Progress progress) {
        seen = task.endClass();
        int batch = PromptTrainer.batch(settings, task.images().size());
        if (settings.whiten()) {
            whiten(task, progress);
        }
        PromptStep.Job job = new PromptStep.Job(batch, 0, seen, task.firstClass(), List.of(), null, false);
        Tensor unused = Tensor.zeros(Shape.of(1, backbone.features()));
        prompt = new PromptTrainer(backbone, settings, streams).train(task, job, new PromptTrainer.Entry(prompt, unused), null, null,
                head, "task " + (task.index() + 1) + " shared prompt", progress).prompt();
    }

    private void whiten(Task task, Progress progress) {
        float[][] plain = store.plain(task.images(), "task " + (task.index() + 1) + " features", progress);
        for (int c = task.firstClass(); c < seen; c++) {
            covariance.addClass(task.ofClass(plain, c));
        }
        head.whiten(Whitening.of(covariance));
    }

    @Override
    public Map<String, Predictions> predict(TaskImages images) {
        double[][] scores = head.scores(store.prompted(images, prompt, "", Progress.NONE));
        int[] classes = Arrays.stream(scores).mapToInt(row -> FeatureMatrix.argmax(row, seen)).toArray();
        return Map.of(name, new Predictions(classes, new int[0]));
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        prompt.store("prompt", state);
        head.state().forEach((key, tensor) -> state.put("classifier." + key, tensor));
        return state;
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
