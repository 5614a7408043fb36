package dev.itprompt.method.joint;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.Images;
import dev.itprompt.data.TaskImages;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FeatureStore;
import dev.itprompt.method.Learner;
import dev.itprompt.method.PooledCovariance;
import dev.itprompt.method.Prompt;
import dev.itprompt.method.Run;
import dev.itprompt.method.SelectedImages;
import dev.itprompt.method.itprompt.PlainTuningSettings;
import dev.itprompt.method.itprompt.PromptTrainer;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Schedule;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import dev.itprompt.train.State;
import dev.itprompt.train.Trainer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
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
    private final PlainTuningSettings settings;
    private final RandomStreams streams;
    private final int classes;
    private final FeatureStore store;
    private Prompt prompt = Prompt.NONE;
    private Fit withoutPrompt = new Fit(0, 0);
    private Fit withPrompt = new Fit(0, 0);
    private FeatureClassifier classifier;

    JointTraining(String name, Run run, PlainTuningSettings settings) {
        this.name = name;
        this.backbone = run.backbone();
        this.settings = settings;
        this.streams = run.streams();
        this.classes = run.classes().size();
        this.store = run.store();
        this.classifier = new FeatureClassifier(backbone.device(), backbone.features(), classes, streams.stream("init.head"));
    }

    @Override
    public void learn(Task task, Checkpoints at, Progress progress) {
        TaskImages images = task.images();
        boolean[] heldOut = heldOut(task);
        int[] shown = IntStream.range(0, images.size()).filter(i -> !heldOut[i]).toArray();
        float[][] plain = store.plain(images, "features", progress);
        at.stage(() -> prompt = trainPrompt(task, shown, plain, at, progress));
        at.stage(() -> withoutPrompt = choose(task, plain, heldOut, at, progress));
        float[][] prompted = prompt.isEmpty() ? plain : store.prompted(images, prompt, "prompted features", progress);
        at.stage(() -> withPrompt = prompt.isEmpty() ? withoutPrompt : choose(task, prompted, heldOut, at, progress));
        boolean helps = withPrompt.accuracy >= withoutPrompt.accuracy;
        at.stage(() -> {
            FeatureClassifier fitted = start(task, helps ? prompted : plain, new boolean[images.size()]);
            train(fitted, task, helps ? prompted : plain, new boolean[images.size()], (helps ? withPrompt : withoutPrompt).epochs,
                    Trainer.Watch.NOBODY, at, progress);
            classifier = fitted;
            prompt = helps ? prompt : Prompt.NONE;
        });
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

    private Prompt trainPrompt(Task task, int[] shown, float[][] plain, Checkpoints at, Progress progress) {
        Prompt start = Prompt.random(settings.prefix().layersOf(backbone.model().vision().layers()), settings.prefix().length(),
                backbone.model().vision().width(), streams.stream("init.prompt"));
        if (start.isEmpty()) {
            return start;
        }
        FeatureClassifier head = new FeatureClassifier(backbone.device(), backbone.features(), classes,
                streams.stream("init.head"));
        if (settings.whiten()) {
            head.whiten(covariance(task, plain, new boolean[plain.length]).whitening());
        }
        Task part = new Task(task.index(), task.firstClass(), task.endClass(), new SelectedImages(task.images(), shown));
        int batch = settings.training().batchOf(shown.length);
        return new PromptTrainer(name, backbone, settings.tuning(), streams).trainUnguided(part, batch, start, head, "joint prompt", at, progress);
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

    /**
     * How long a classifier is best trained.
     *
     * @param accuracy on the images held out; 0 if none are
     */
    private record Fit(int epochs, double accuracy) {}

    /** Finds after how many epochs the held-out images are classified best; all epochs if none are held out. */
    private Fit choose(Task task, float[][] features, boolean[] heldOut, Checkpoints at, Progress progress) {
        int[] hidden = IntStream.range(0, features.length).filter(i -> heldOut[i]).toArray();
        FeatureClassifier head = start(task, features, heldOut);
        if (hidden.length == 0) {
            return new Fit(LARGEST_EPOCHS, 0);
        }
        BestEpoch best = new BestEpoch(head, task, features, hidden, perPass(features.length - hidden.length));
        train(head, task, features, heldOut, LARGEST_EPOCHS, best, at, progress);
        return best.fit;
    }

    /** Measures the classifier after each epoch. */
    private static final class BestEpoch implements Trainer.Watch {

        private final FeatureClassifier head;
        private final Task task;
        private final float[][] features;
        private final int[] hidden;
        private final int perPass;
        private Fit fit;

        BestEpoch(FeatureClassifier head, Task task, float[][] features, int[] hidden, int perPass) {
            this.head = head;
            this.task = task;
            this.features = features;
            this.hidden = hidden;
            this.perPass = perPass;
            this.fit = new Fit(0, JointTraining.accuracy(task, head, features, hidden));
        }

        @Override
        public void after(Trainer trainer, long step) {
            if ((step + 1) % perPass == 0) {
                head.take(trainer);
                double accuracy = accuracy(task, head, features, hidden);
                if (accuracy > fit.accuracy) {
                    fit = new Fit((int) ((step + 1) / perPass), accuracy);
                }
            }
        }

        @Override
        public void visit(State state) {
            fit = JointTraining.visit(state, fit);
        }
    }

    private static int perPass(int shown) {
        return shown / Math.min(BATCH, shown);
    }

    /** The classifier of linear discriminant analysis. */
    private FeatureClassifier start(Task task, float[][] features, boolean[] heldOut) {
        FeatureClassifier head = new FeatureClassifier(backbone.device(), backbone.features(), classes,
                streams.stream("init.head"));
        List<double[]> means = IntStream.range(task.firstClass(), task.endClass())
                .mapToObj(c -> FeatureMatrix.mean(ofClass(task, features, heldOut, c))).toList();
        head.setClosedForm(covariance(task, features, heldOut).whitening(), means);
        return head;
    }

    private void train(FeatureClassifier head, Task task, float[][] features, boolean[] heldOut, int epochs, Trainer.Watch watch,
                       Checkpoints at, Progress progress) {
        int[] shown = IntStream.range(0, features.length).filter(i -> !heldOut[i]).toArray();
        Orders orders = new Orders(shown.length, Math.min(BATCH, shown.length), pass -> streams.stream("joint.order", pass));
        LongFunction<int[]> chosen = step -> IntStream.of(orders.apply(step)).map(i -> shown[i]).toArray();
        head.train(new FeatureClassifier.Lesson(Optimizer.Rule.AdamW.DEFAULT, orders.batch(), 0, task.endClass(),
                (long) epochs * orders.perPass(), FeatureClassifier.Rows.of(features, task.images()::label, chosen),
                step -> Trainer.Rates.of(RATE * Schedule.warmupCosine((int) orders.pass(step), 0, LARGEST_EPOCHS, 0.1))),
                new Stage("joint classifier", "nothing, its rate is fixed: leave joint out of methods"), watch, at, progress);
    }

    private static double accuracy(Task task, FeatureClassifier head, float[][] features, int[] which) {
        double[][] scores = head.scores(IntStream.of(which).mapToObj(i -> features[i]).toArray(float[][]::new));
        int right = 0;
        for (int i = 0; i < which.length; i++) {
            right += FeatureMatrix.argmax(scores[i], task.endClass()) == task.images().label(which[i]) ? 1 : 0;
        }
        return right / (double) which.length;
    }

    /** Scores are the logits that its cross-entropy was trained on. */
    @Override
    public Map<String, Scores> predict(Images images) {
        float[][] features = prompt.isEmpty() ? store.plain(images, "test features", Progress.NONE)
                : store.prompted(images, prompt, "test features", Progress.NONE);
        return Map.of(name, new Scores(classifier.scores(features, classes), new int[0], true));
    }

    @Override
    public void visit(State state) {
        prompt = Prompt.visit(state.in("prompt"), prompt);
        withoutPrompt = visit(state.in("fit.plain"), withoutPrompt);
        withPrompt = visit(state.in("fit.prompted"), withPrompt);
        classifier.visit(state.in("classifier"));
    }

    private static Fit visit(State state, Fit present) {
        return new Fit(state.integer("epochs", present.epochs), state.doubles("accuracy", new double[] {present.accuracy})[0]);
    }

    @Override
    public Map<String, Long> trainable() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("prompts", prompt.size());
        counts.put("classifier", classifier.size());
        return counts;
    }

    @Override
    public void close() {}
}
