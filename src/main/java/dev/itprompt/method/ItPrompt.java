package dev.itprompt.method;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.TaskImages;
import dev.itprompt.method.ItPromptSettings.Head;
import dev.itprompt.method.ItPromptSettings.ReplayStart;
import dev.itprompt.method.ItPromptSettings.Selection;
import dev.itprompt.method.ItPromptSettings.TextGuide;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * IT-Prompt: discrete prompts, one per task, on a frozen CLIP, guided by class texts and chosen at test by task-identity inference
 * (Li et al., ACM Multimedia Asia 2024, with HiDe-Prompt's hierarchical training, Wang et al. 2023).
 *
 * <p>Learning task t: (A) a residual MLP and classifier learn the task's classes on prompt-free features, (A′) and all seen classes
 * on pseudo-features; (B) a copy of the previous prompt and the classifier are trained on the task's images; (C) the classifier is
 * re-trained on pseudo-features of all seen classes, or C-NCM takes the task's clusters. No image is kept.
 *
 * <p>Answers come under three names: {@code it-prompt} (classifier after C), {@code it-prompt-cncm} and, to show what C does,
 * {@code it-prompt-before-replay}.
 */
public final class ItPrompt implements Learner {

    private static final String BEFORE_REPLAY = "-before-replay";
    private static final String CNCM = "-cncm";

    private final String name;
    private final Backbone backbone;
    private final ItPromptSettings settings;
    private final RandomStreams streams;
    private final Tensor texts;
    private final float[][] textRows;
    private final FeatureStore store;
    private final FeatureClassifier inference;
    private final FeatureClassifier head;
    private FeatureClassifier headBeforeReplay;
    private final List<PromptTrainer.Entry> pool = new ArrayList<>();
    private final List<ClassStatistics> plainStatistics = new ArrayList<>();
    private final List<ClassStatistics> promptedStatistics = new ArrayList<>();
    private final Cncm cncm;
    private final Cncm plainCncm;
    private final Optional<PooledCovariance> plainCovariance;
    private final Optional<PooledCovariance> promptedCovariance;
    private final List<Integer> taskOfClass = new ArrayList<>();

    /**
     * @param name    under which the softmax answers are reported
     * @param classes names of all classes in class order
     * @param texts   normalised text embeddings of all classes [C, E]; null for a backbone without a text tower
     * @param store   prompt-free features by image identity, shared among learners
     */
    public ItPrompt(String name, Backbone backbone, ItPromptSettings settings, RandomStreams streams, List<String> classes,
                    Tensor texts, FeatureStore store) {
        this.name = name;
        this.backbone = backbone;
        this.settings = settings;
        this.streams = streams;
        this.texts = texts;
        this.textRows = texts == null ? null : FeatureMatrix.rows(texts);
        this.store = store;
        int width = backbone.features();
        this.inference = new FeatureClassifier(backbone.device(), width, classes.size(), true, streams.stream("init.tii"));
        this.head = new FeatureClassifier(backbone.device(), width, classes.size(), false, streams.stream("init.head"));
        this.cncm = new Cncm(settings.cncm());
        this.plainCncm = new Cncm(settings.cncm());
        this.plainCovariance = settings.whitensPlain() ? Optional.of(new PooledCovariance(width)) : Optional.empty();
        this.promptedCovariance = settings.whitensPrompted() ? Optional.of(new PooledCovariance(width)) : Optional.empty();
    }

    /** The prompted layers that this backbone has; none when prompts are off. */
    static List<Integer> layers(ItPromptSettings settings, int depth) {
        return settings.length() == 0 ? List.of() : settings.layers().stream().filter(layer -> layer < depth).sorted().toList();
    }

    @Override
    public void learn(Task task, Progress progress) {
        String at = "task " + (task.index() + 1) + " ";
        float[][] plain = store.plain(task.images(), at + "features", progress);
        for (int c = task.firstClass(); c < task.endClass(); c++) {
            taskOfClass.add(task.index());
        }
        learnInference(task, plain, at, progress);
        learnPrompt(task, plain, at, progress);
        Prompt prompt = pool.get(task.index()).prompt();
        float[][] prompted = prompt.isEmpty() ? plain
                : store.prompted(task.images(), prompt, at + "prompted features", progress);
        for (int c = task.firstClass(); c < task.endClass(); c++) {
            float[][] rows = task.ofClass(prompted, c);
            promptedStatistics.add(statistics(rows, streams.stream("kmeans.prompted", c), at + "prompted features"));
            promptedCovariance.ifPresent(covariance -> covariance.addClass(rows));
        }
        Optional<Whitening> whitening = promptedCovariance.map(Whitening::of);
        whitening.ifPresent(cncm::whiten);
        for (int c = task.firstClass(); c < task.endClass(); c++) {
            cncm.addClass(task.ofClass(prompted, c), streams.stream("kmeans.cncm", c));
        }
        headBeforeReplay = head.copy();
        if (settings.whiten()) {
            whitening.ifPresent(head::whiten);
        }
        if (closedForm()) {
            head.setClosedForm(whitening.orElseThrow(), means(promptedStatistics));
        }
        if (replayed(task) > 0) {
            Replay.train(head, promptedStatistics, whitening, replayed(task), settings.replay(), settings.replay().rate(),
                    epoch -> streams.stream("replay.head", task.index(), epoch),
                    new Stage(at + "replay classifier", "itPrompt.replay.rate"), progress);
        }
    }

    private boolean closedForm() {
        return settings.whiten() && settings.replay().start() == ReplayStart.CLOSED_FORM;
    }

    /** Classes whose number sets that of the replay's mini-batches: the old ones, or all where the classifier starts anew. */
    private int replayed(Task task) {
        return closedForm() ? task.endClass() : task.firstClass();
    }

    private static List<double[]> means(List<ClassStatistics> statistics) {
        return statistics.stream().map(ClassStatistics::mean).toList();
    }

    /** Statistics of prompt-free features, then stages A and A′. */
    private void learnInference(Task task, float[][] plain, String at, Progress progress) {
        var tii = settings.inference();
        for (int c = task.firstClass(); c < task.endClass(); c++) {
            float[][] rows = task.ofClass(plain, c);
            plainStatistics.add(statistics(rows, streams.stream("kmeans.plain", c), at + "features"));
            plainCovariance.ifPresent(covariance -> covariance.addClass(rows));
        }
        Optional<Whitening> whitening = plainCovariance.map(Whitening::of);
        if (settings.whiten()) {
            whitening.ifPresent(inference::whiten);
            whitening.ifPresent(head::whiten);
        }
        if (settings.selection() == Selection.CNCM) {
            whitening.ifPresent(plainCncm::whiten);
            for (int c = task.firstClass(); c < task.endClass(); c++) {
                plainCncm.addClass(task.ofClass(plain, c), streams.stream("kmeans.plain.cncm", c));
            }
        }
        if (closedForm()) {
            inference.setClosedForm(whitening.orElseThrow(), means(plainStatistics));
        } else {
            int batch = Math.min(settings.batch(), plain.length);
            Stage stage = new Stage(at + "task inference", "itPrompt.inference.rate");
            try (FeatureClassifier.Training training = inference.train(Optimizer.Rule.AdamW.DEFAULT, batch, task.firstClass(),
                    task.endClass(), stage)) {
                epochs(task, plain, tii.epochs(), tii.rate(), tii.augment(), "tii", training, stage.name(), progress);
            }
        }
        if (task.index() > 0) {
            Replay.train(inference, plainStatistics, whitening, replayed(task), settings.replay(), tii.replayRate(),
                    epoch -> streams.stream("replay.tii", task.index(), epoch),
                    new Stage(at + "replay task inference", "itPrompt.inference.replayRate"), progress);
        }
    }

    private void epochs(Task task, float[][] plain, int epochs, double rate, boolean augment, String purpose,
                        FeatureClassifier.Training training, String stage, Progress progress) {
        for (int epoch = 0; epoch < epochs; epoch++) {
            RandomGenerator random = augment ? streams.stream(purpose + ".augment", task.index(), epoch) : null;
            double loss = training.epoch(plain.length,
                    chosen -> augment ? augmented(task, chosen, random, stage)
                            : IntStream.of(chosen).mapToObj(i -> plain[i]).toArray(float[][]::new),
                    task.images()::label, streams.stream(purpose + ".order", task.index(), epoch), rate, settings.clip());
            progress.report(stage, epoch + 1, epochs, Notes.loss(loss));
        }
    }

    private float[][] augmented(Task task, int[] chosen, RandomGenerator random, String stage) {
        try {
            return FeatureMatrix.rows(backbone.images(task.images(), chosen, null, random));
        } catch (DivergenceException e) {
            throw e.in(stage);
        }
    }

    private ClassStatistics statistics(float[][] rows, RandomGenerator random, String stage) {
        try {
            return ClassStatistics.of(rows, settings.replay(), random);
        } catch (DivergenceException e) {
            throw e.in(stage);
        }
    }

    /** Stage B. */
    private void learnPrompt(Task task, float[][] plain, String at, Progress progress) {
        List<Integer> layers = layers(settings, backbone.model().vision().layers());
        Prompt start = pool.isEmpty()
                ? Prompt.random(layers, settings.length(), backbone.model().vision().width(), streams.stream("init.prompt"))
                : pool.getLast().prompt();
        Tensor key = randomKey(streams.stream("init.key", task.index()));
        int batch = PromptTrainer.batch(settings, plain.length);
        if (layers.isEmpty()) {
            Stage stage = new Stage(at + "classifier", "itPrompt.headRate");
            try (FeatureClassifier.Training training = head.train(Optimizer.Rule.AdamW.DEFAULT, batch, task.firstClass(),
                    task.endClass(), stage)) {
                epochs(task, plain, PromptTrainer.epochs(settings, plain.length / batch), settings.headRate(), settings.augment(),
                        "prompt", training, stage.name(), progress);
            }
            pool.add(new PromptTrainer.Entry(start, key));
            return;
        }
        Prompt old = pool.isEmpty() ? null : Prompt.mean(pool.stream().map(PromptTrainer.Entry::prompt).toList());
        PromptStep.Job job = new PromptStep.Job(batch, task.firstClass(), task.endClass(), task.firstClass(),
                means(promptedStatistics),
                settings.textGuide() == TextGuide.OFF ? null : texts, true);
        PromptTrainer.Entry trained = new PromptTrainer(backbone, settings, streams).train(task, job,
                new PromptTrainer.Entry(start, key), old, plain, head, at + "prompt", progress);
        Prompt blended = old == null ? trained.prompt() : trained.prompt().mix(old, settings.momentum());
        pool.add(new PromptTrainer.Entry(blended, trained.key()));
    }

    private Tensor randomKey(RandomGenerator random) {
        Tensor key = Tensor.zeros(Shape.of(1, backbone.features()));
        for (int i = 0; i < key.shape().size(); i++) {
            key.set(i, (float) random.nextDouble(-1, 1));
        }
        return key;
    }

    @Override
    public Map<String, Predictions> predict(TaskImages images) {
        float[][] plain = store.plain(images, "test features", Progress.NONE);
        int[] tasks = selectTasks(images, plain);
        float[][] prompted = new float[plain.length][];
        for (int t = 0; t < pool.size(); t++) {
            int task = t;
            int[] group = IntStream.range(0, tasks.length).filter(i -> tasks[i] == task).toArray();
            if (group.length > 0) {
                Prompt prompt = pool.get(t).prompt();
                float[][] rows = prompt.isEmpty() ? null : store.prompted(images, group, prompt, this, t);
                for (int i = 0; i < group.length; i++) {
                    prompted[group[i]] = prompt.isEmpty() ? plain[group[i]] : rows[i];
                }
            }
        }
        Map<String, Predictions> answers = new LinkedHashMap<>();
        answers.put(name, new Predictions(classes(head, prompted), tasks));
        answers.put(name + CNCM, new Predictions(nearest(cncm, prompted), tasks));
        answers.put(name + BEFORE_REPLAY, new Predictions(classes(headBeforeReplay, prompted), tasks));
        return answers;
    }

    private int[] selectTasks(TaskImages images, float[][] plain) {
        int seen = taskOfClass.size();
        int[] tasks = new int[plain.length];
        double[][] scores = settings.selection() == Selection.TII ? inference.scores(plain) : null;
        for (int i = 0; i < tasks.length; i++) {
            tasks[i] = switch (settings.selection()) {
                case TII -> taskOfClass.get(FeatureMatrix.argmax(scores[i], seen));
                case CNCM -> taskOfClass.get(FeatureMatrix.argmax(plainCncm.scores(plain[i]), seen));
                case ORACLE -> taskOfClass.get(images.label(i));
                case KEY -> nearestKey(plain[i]);
            };
        }
        return tasks;
    }

    private int nearestKey(float[] feature) {
        double[] cosines = new double[pool.size()];
        for (int t = 0; t < cosines.length; t++) {
            cosines[t] = FeatureMatrix.dot(FeatureMatrix.normalized(pool.get(t).key().toArray()), feature);
        }
        return FeatureMatrix.argmax(cosines, cosines.length);
    }

    private int[] classes(FeatureClassifier classifier, float[][] features) {
        int seen = taskOfClass.size();
        double[][] scores = settings.head() == Head.TEXT ? new double[features.length][seen] : classifier.scores(features);
        if (settings.head() != Head.SOFTMAX && textRows != null) {
            double factor = backbone.clip().logitFactor() * (settings.head() == Head.TEXT ? 1 : settings.textMix());
            for (int i = 0; i < features.length; i++) {
                float[] z = FeatureMatrix.normalized(features[i]);
                for (int c = 0; c < seen; c++) {
                    scores[i][c] += factor * FeatureMatrix.dot(z, textRows[c]);
                }
            }
        }
        return Arrays.stream(scores).mapToInt(row -> FeatureMatrix.argmax(row, seen)).toArray();
    }

    static int[] nearest(Cncm classifier, float[][] features) {
        return Arrays.stream(features).mapToInt(row -> FeatureMatrix.argmax(classifier.scores(row), classifier.classes())).toArray();
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (int t = 0; t < pool.size(); t++) {
            pool.get(t).prompt().store("prompt." + t, state);
            state.put("key." + t, pool.get(t).key());
        }
        inference.state().forEach((key, tensor) -> state.put("tii." + key, tensor));
        head.state().forEach((key, tensor) -> state.put("classifier." + key, tensor));
        cncm.store("cncm", state);
        return state;
    }

    @Override
    public Map<String, Long> trainable() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("prompts", pool.stream().mapToLong(entry -> entry.prompt().size()).sum());
        counts.put("keys", pool.stream().mapToLong(entry -> entry.key().shape().size()).sum());
        counts.put("task inference", inference.size());
        counts.put("classifier", head.size());
        return counts;
    }

    @Override
    public void close() {
        store.forget(this);
    }
}
