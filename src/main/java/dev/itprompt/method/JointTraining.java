package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.TaskImages;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Schedule;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The upper bound: all images of all tasks at once. One prompt is trained with plain cross-entropy; then a linear classifier on whitened
 * features begins as linear discriminant analysis and is trained on all of them. Whether the prompt helps and how long the
 * classifier is trained is decided on a tenth of the images that the prompt has not seen.
 */
final class JointTraining implements Learner {

    /** One image of so many of a class is held out. */
    private static final int HELD_OUT = 10;
    private static final int BATCH = 256;
    private static final int LARGEST_EPOCHS = 60;
    private static final double RATE = 1e-3;

    private final String name;
    private final Backbone backbone;
    private final ItPromptSettings settings;
    private final RandomStreams streams;
    private final int classes;
    private final FeatureStore store;
    private Prompt prompt;
    private FeatureClassifier classifier;

    JointTraining(String name, Backbone backbone, ItPromptSettings settings, RandomStreams streams, int classes, FeatureStore store) {
        this.name = name;
        this.backbone = backbone;
        this.settings = settings.plain();
        this.streams = streams;
        this.classes = classes;
        this.store = store;
    }

    @Override
    public void learn(Task task, Progress progress) {
        TaskImages images = task.images();
        boolean[] heldOut = heldOut(task);
        int[] shown = IntStream.range(0, images.size()).filter(i -> !heldOut[i]).toArray();
        float[][] plain = store.plain(images, "features", progress);
        Prompt trained = trainPrompt(task, shown, plain, progress);
        Fit fit = choose(task, plain, heldOut, progress);
        Prompt chosen = Prompt.NONE;
        if (!trained.isEmpty()) {
            Fit prompted = choose(task, store.prompted(images, trained, "prompted features", progress), heldOut, progress);
            if (prompted.accuracy >= fit.accuracy) {
                fit = prompted;
                chosen = trained;
            }
        }
        prompt = chosen;
        classifier = fit(task, fit.features, new boolean[images.size()], fit.epochs, progress).classifier;
    }

    /** Every tenth image of each class, so that the tenth has all classes; none where classes are too small for it. */
    private static boolean[] heldOut(Task task) {
        boolean[] heldOut = new boolean[task.images().size()];
        int[] count = new int[task.endClass()];
        for (int i = 0; i < heldOut.length; i++) {
            heldOut[i] = ++count[task.images().label(i)] % HELD_OUT == 0;
        }
        return heldOut;
    }

    private Prompt trainPrompt(Task task, int[] shown, float[][] plain, Progress progress) {
        Prompt start = Prompt.random(ItPrompt.layers(settings, backbone.model().vision().layers()), settings.length(),
                backbone.model().vision().width(), streams.stream("init.prompt"));
        if (start.isEmpty()) {
            return start;
        }
        FeatureClassifier head = new FeatureClassifier(backbone.device(), backbone.features(), classes, false,
                streams.stream("init.head"));
        if (settings.whiten()) {
            head.whiten(Whitening.of(covariance(task, plain, new boolean[plain.length])));
        }
        Task part = new Task(task.index(), task.firstClass(), task.endClass(), new SelectedImages(task.images(), shown));
        int batch = PromptTrainer.batch(settings, shown.length);
        PromptStep.Job job = new PromptStep.Job(batch, 0, task.endClass(), task.firstClass(), List.of(), null, false);
        Tensor unused = Tensor.zeros(Shape.of(1, backbone.features()));
        return new PromptTrainer(backbone, settings, streams).train(part, job, new PromptTrainer.Entry(start, unused), null, null, head,
                "joint prompt", progress).prompt();
    }

    private static PooledCovariance covariance(Task task, float[][] features, boolean[] without) {
        PooledCovariance covariance = new PooledCovariance(features[0].length);
        for (int c = task.firstClass(); c < task.endClass(); c++) {
            covariance.addClass(ofClass(task, features, without, c));
        }
        return covariance;
    }

    private static float[][] ofClass(Task task, float[][] features, boolean[] without, int label) {
        return IntStream.range(0, features.length).filter(i -> !without[i] && task.images().label(i) == label)
                .mapToObj(i -> features[i]).toArray(float[][]::new);
    }

    private record Fit(FeatureClassifier classifier, float[][] features, int epochs, double accuracy) {}

    /** Finds after how many epochs the held-out images are classified best; 0 if none are held out. */
    private Fit choose(Task task, float[][] features, boolean[] heldOut, Progress progress) {
        return fit(task, features, heldOut, LARGEST_EPOCHS, progress);
    }

    private Fit fit(Task task, float[][] features, boolean[] heldOut, int epochs, Progress progress) {
        int[] shown = IntStream.range(0, features.length).filter(i -> !heldOut[i]).toArray();
        int[] hidden = IntStream.range(0, features.length).filter(i -> heldOut[i]).toArray();
        FeatureClassifier head = new FeatureClassifier(backbone.device(), backbone.features(), classes, false,
                streams.stream("init.head"));
        List<double[]> means = IntStream.range(task.firstClass(), task.endClass())
                .mapToObj(c -> FeatureMatrix.mean(ofClass(task, features, heldOut, c))).toList();
        head.setClosedForm(Whitening.of(covariance(task, features, heldOut)), means);
        boolean measuring = hidden.length > 0;
        Fit best = new Fit(head.copy(), features, 0, measuring ? accuracy(task, head, features, hidden) : 0);
        int batch = Math.min(BATCH, shown.length);
        try (FeatureClassifier.Training training = head.train(Optimizer.Rule.AdamW.DEFAULT, batch, 0, task.endClass(),
                new Stage("joint classifier", "nothing, its rate is fixed: leave joint out of methods"))) {
            for (int epoch = 0; epoch < epochs; epoch++) {
                double loss = training.epoch(shown.length,
                        chosen -> IntStream.of(chosen).mapToObj(i -> features[shown[i]]).toArray(float[][]::new),
                        i -> task.images().label(shown[i]), streams.stream("joint.order", epoch),
                        RATE * Schedule.warmupCosine(epoch, 0, LARGEST_EPOCHS, 0.1), Double.POSITIVE_INFINITY);
                progress.report("joint classifier", epoch + 1, epochs, Notes.loss(loss));
                training.store();
                if (measuring) {
                    double accuracy = accuracy(task, head, features, hidden);
                    if (accuracy > best.accuracy) {
                        best = new Fit(head.copy(), features, epoch + 1, accuracy);
                    }
                }
            }
        }
        return measuring ? best : new Fit(head, features, epochs, 0);
    }

    private static double accuracy(Task task, FeatureClassifier head, float[][] features, int[] which) {
        double[][] scores = head.scores(IntStream.of(which).mapToObj(i -> features[i]).toArray(float[][]::new));
        int right = 0;
        for (int i = 0; i < which.length; i++) {
            right += FeatureMatrix.argmax(scores[i], task.endClass()) == task.images().label(which[i]) ? 1 : 0;
        }
        return right / (double) which.length;
    }

    @Override
    public Map<String, Predictions> predict(TaskImages images) {
        float[][] features = prompt.isEmpty() ? store.plain(images, "test features", Progress.NONE)
                : store.prompted(images, prompt, "test features", Progress.NONE);
        int[] answers = Arrays.stream(classifier.scores(features)).mapToInt(row -> FeatureMatrix.argmax(row, classes)).toArray();
        return Map.of(name, new Predictions(answers, new int[0]));
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        prompt.store("prompt", state);
        classifier.state().forEach((key, tensor) -> state.put("classifier." + key, tensor));
        return state;
    }

    @Override
    public Map<String, Long> trainable() {
        return Map.of("prompts", prompt.size(), "classifier", classifier.size());
    }

    @Override
    public void close() {}
}
