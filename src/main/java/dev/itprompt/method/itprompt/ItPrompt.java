package dev.itprompt.method.itprompt;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.Images;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.Entering;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FeatureStore;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Prompt;
import dev.itprompt.method.Run;
import dev.itprompt.method.TrainingSettings.RateSettings;
import dev.itprompt.method.Whitening;
import dev.itprompt.method.hide.TaskInference;
import dev.itprompt.method.itprompt.GuidanceSettings.TextGuide;
import dev.itprompt.method.itprompt.ItPromptSettings.Head;
import dev.itprompt.method.itprompt.ItPromptSettings.Selection;
import dev.itprompt.method.ncm.Cncm;
import dev.itprompt.method.replay.FeatureReplay;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import dev.itprompt.train.State;
import dev.itprompt.train.Trainer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntUnaryOperator;
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

    static final String BEFORE_REPLAY = "-before-replay";
    static final String CNCM = "-cncm";

    private final String name;
    private final Backbone backbone;
    private final ItPromptSettings settings;
    private final RandomStreams streams;
    private final Tensor texts;
    private final float[][] textRows;
    private final FeatureStore store;
    private final IntUnaryOperator trueTask;
    private final TaskInference inference;
    private final FeatureClassifier head;
    private FeatureClassifier headBeforeReplay;
    private List<PromptTrainer.Entry> pool = new ArrayList<>();
    /** Of the prompts in the pool, by task. */
    private final Map<Integer, String> names = new HashMap<>();
    private final FeatureReplay plainReplay;
    private final FeatureReplay promptedReplay;
    private final Cncm cncm;
    private final Cncm plainCncm;

    /** @param name under which the softmax answers are reported */
    ItPrompt(String name, Run run, ItPromptSettings settings) {
        this.name = name;
        this.backbone = run.backbone();
        this.settings = settings;
        this.streams = run.streams();
        this.texts = run.texts();
        this.textRows = texts == null ? null : FeatureMatrix.rows(texts);
        this.store = run.store();
        this.trueTask = run.trueTask();
        int width = backbone.features();
        int classes = run.classes().size();
        this.head = new FeatureClassifier(backbone.device(), width, classes, streams.stream("init.head"));
        this.headBeforeReplay = head.copy();
        this.cncm = new Cncm(settings.classifiers().cncm());
        this.plainCncm = new Cncm(settings.classifiers().cncm());
        this.plainReplay = new FeatureReplay(settings.classifiers().replay().common(), width, settings.whitensPlain());
        this.inference = new TaskInference(name, run, new TaskInference.Spec(List.of(2), settings.inference(), settings.training(),
                settings.classifiers().whiten(), closedForm()), plainReplay);
        this.promptedReplay = new FeatureReplay(settings.classifiers().replay().common(), width, settings.whitensPrompted());
    }

    private String key(String setting) {
        return Method.key(name, setting);
    }

    @Override
    public void learn(Task task, Checkpoints at, Progress progress) {
        float[][] plain = store.plain(task.images(), task.piece("features"), progress);
        inference.learn(task, plain, at, progress); // stages A and A′
        at.stage(() -> describePlain(task, plain));
        at.stage(() -> learnPrompt(task, plain, at, progress));
        Prompt prompt = pool.get(task.index()).prompt();
        at.stage(() -> describePrompted(task, prompt.isEmpty() ? plain
                : store.prompted(task.images(), prompt, task.piece("prompted features"), progress)));
        if (replayed(task) > 0) {
            at.stage(() -> promptedReplay.train(head, replayed(task), task.images().size(), settings.classifiers().replay().rate(),
                    epoch -> streams.stream("replay.head", task.index(), epoch),
                    new Stage(task.piece("replay classifier"), key("replay.rate")), at, progress));
        }
    }

    /** What is kept of the task's prompted features, and the classifiers that follow from it in closed form. */
    private void describePrompted(Task task, float[][] prompted) {
        promptedReplay.addTask(task, prompted, "prompted features", c -> streams.stream("kmeans.prompted", c));
        Optional<Whitening> whitening = promptedReplay.whitening();
        whitening.ifPresent(cncm::whiten);
        for (int c = task.firstClass(); c < task.endClass(); c++) {
            cncm.addClass(task.ofClass(prompted, c), streams.stream("kmeans.cncm", c));
        }
        headBeforeReplay = head.copy();
        if (settings.classifiers().whiten()) {
            whitening.ifPresent(head::whiten);
        }
        if (closedForm()) {
            head.setClosedForm(whitening.orElseThrow(), promptedReplay.means());
        }
    }

    private boolean closedForm() {
        return settings.closedForm();
    }

    /** Classes whose number sets that of the replay's mini-batches: the old ones, or all where the classifier starts anew. */
    private int replayed(Task task) {
        return closedForm() ? task.endClass() : task.firstClass();
    }

    /** What else is made of prompt-free features. */
    private void describePlain(Task task, float[][] plain) {
        Optional<Whitening> whitening = plainReplay.whitening();
        if (settings.classifiers().whiten()) {
            whitening.ifPresent(head::whiten);
        }
        if (settings.answers().selection() == Selection.CNCM) {
            whitening.ifPresent(plainCncm::whiten);
            for (int c = task.firstClass(); c < task.endClass(); c++) {
                plainCncm.addClass(task.ofClass(plain, c), streams.stream("kmeans.plain.cncm", c));
            }
        }
    }

    /** Stage B without prompts: the classifier alone, on prompt-free features. */
    private void trainHead(Task task, float[][] plain, int batch, Checkpoints at, Progress progress) {
        Stage stage = new Stage(task.piece("classifier"), key("headRate"));
        Orders orders = new Orders(plain.length, batch, number -> streams.stream("prompt.order", task.index(), number));
        FeatureClassifier.Rows rows = settings.training().augment() ? FeatureClassifier.Rows.augmented(backbone, store, task.images(), orders,
                (step, position) -> streams.stream("prompt.augment", task.index(), step, position), stage)
                : FeatureClassifier.Rows.of(plain, task.images()::label, orders);
        RateSettings rates = settings.training().rates();
        head.train(new FeatureClassifier.Lesson(Optimizer.Rule.AdamW.DEFAULT, batch, task.firstClass(), task.endClass(),
                (long) settings.training().epochsOf(orders.perPass()) * orders.perPass(), rows,
                _ -> new Trainer.Rates(rates.headRate(), 0, rates.largestGradient())), stage, at, progress);
    }

    /** Stage B. */
    private void learnPrompt(Task task, float[][] plain, Checkpoints at, Progress progress) {
        List<Integer> layers = settings.prefix().layersOf(backbone.model().vision().layers());
        Prompt start = pool.isEmpty()
                ? Prompt.random(layers, settings.prefix().length(), backbone.model().vision().width(), streams.stream("init.prompt"))
                : pool.getLast().prompt();
        Tensor key = randomKey(streams.stream("init.key", task.index()));
        int batch = settings.training().batchOf(plain.length);
        if (layers.isEmpty()) {
            trainHead(task, plain, batch, at, progress);
            pool.add(new PromptTrainer.Entry(start, key));
            return;
        }
        Prompt old = pool.isEmpty() ? null : Prompt.mean(pool.stream().map(PromptTrainer.Entry::prompt).toList());
        PromptStep.Spec spec = new PromptStep.Spec(batch, task.firstClass(), task.endClass(), task.firstClass(),
                promptedReplay.centroids(),
                settings.guidance().textGuide() == TextGuide.OFF ? null : texts, true);
        PromptTrainer.Entry trained = new PromptTrainer(name, backbone, settings.tuning(), streams).train(task, spec,
                new PromptTrainer.Entry(start, key), old, plain, head, task.piece("prompt"), at, progress);
        Prompt blended = old == null ? trained.prompt() : trained.prompt().mix(old, settings.guidance().momentum());
        pool.add(new PromptTrainer.Entry(blended, trained.key()));
    }

    private Tensor randomKey(RandomGenerator random) {
        Tensor key = Tensor.zeros(Shape.of(1, backbone.features()));
        for (int i = 0; i < key.shape().size(); i++) {
            key.set(i, (float) random.nextDouble(-1, 1));
        }
        return key;
    }

    /**
     * Scores of the classifiers are logits, those of texts too, and the sum of both, which are logits of the product of both's probabilities; C-NCM's
     * are cosines, whose scale nothing sets.
     */
    @Override
    public Map<String, Scores> predict(Images images) {
        float[][] plain = store.plain(images, "test features", Progress.NONE);
        int[] tasks = selectTasks(images, plain);
        float[][] prompted = prompted(images, plain, tasks);
        int seen = inference.seen();
        Map<String, Scores> answers = new LinkedHashMap<>();
        answers.put(name, new Scores(scores(head, prompted, seen), tasks, true));
        answers.put(name + CNCM, new Scores(Arrays.stream(prompted).map(cncm::scores).toArray(double[][]::new), tasks, false));
        answers.put(name + BEFORE_REPLAY, new Scores(scores(headBeforeReplay, prompted, seen), tasks, true));
        return answers;
    }

    /** The class texts alone know classes that are not learned. */
    @Override
    public Map<String, Scores> predictAhead(Images images) {
        if (settings.answers().head() != Head.TEXT || textRows == null || settings.answers().selection() == Selection.ORACLE) {
            return Map.of();
        }
        float[][] plain = store.plain(images, "test features", Progress.NONE);
        float[][] prompted = pool.isEmpty() ? plain : prompted(images, plain, selectTasks(images, plain));
        return Map.of(name, new Scores(scores(head, prompted, textRows.length), new int[0], true));
    }

    /** The images' features with the prompts of tasks. */
    private float[][] prompted(Images images, float[][] plain, int[] tasks) {
        float[][] prompted = new float[plain.length][];
        for (int t = 0; t < pool.size(); t++) {
            int task = t;
            int[] group = IntStream.range(0, tasks.length).filter(i -> tasks[i] == task).toArray();
            if (group.length > 0) {
                Prompt prompt = pool.get(t).prompt();
                float[][] rows = prompt.isEmpty() ? null : store.finished(images, group, prompt.entering(), names(group.length, t));
                for (int i = 0; i < group.length; i++) {
                    prompted[group[i]] = prompt.isEmpty() ? plain[group[i]] : rows[i];
                }
            }
        }
        return prompted;
    }

    /** The name of a task's prompt, which is finished, for each of so many images. */
    private String[] names(int images, int task) {
        String name = names.computeIfAbsent(task, t -> {
            Entering prompt = pool.get(t).prompt().entering();
            return Entering.name(prompt.prompting(), prompt.values());
        });
        return Collections.nCopies(images, name).toArray(String[]::new);
    }

    private int[] selectTasks(Images images, float[][] plain) {
        return switch (settings.answers().selection()) {
            case TII -> inference.tasks(plain);
            case CNCM -> Arrays.stream(plain).mapToInt(row -> inference.taskOf(FeatureMatrix.argmax(plainCncm.scores(row), inference.seen())))
                    .toArray();
            case ORACLE -> IntStream.range(0, plain.length).map(i -> trueTask.applyAsInt(images.identity(i))).toArray();
            case KEY -> Arrays.stream(plain).mapToInt(this::nearestKey).toArray();
        };
    }

    private int nearestKey(float[] feature) {
        double[] cosines = new double[pool.size()];
        for (int t = 0; t < cosines.length; t++) {
            cosines[t] = FeatureMatrix.dot(FeatureMatrix.normalized(pool.get(t).key().toArray()), feature);
        }
        return FeatureMatrix.argmax(cosines, cosines.length);
    }

    private double[][] scores(FeatureClassifier classifier, float[][] features, int classes) {
        double[][] scores = settings.answers().head() == Head.TEXT ? new double[features.length][classes] : classifier.scores(features, classes);
        if (settings.answers().head() != Head.SOFTMAX && textRows != null) {
            double factor = backbone.clip().logitFactor() * (settings.answers().head() == Head.TEXT ? 1 : settings.answers().textMix());
            for (int i = 0; i < features.length; i++) {
                float[] z = FeatureMatrix.normalized(features[i]);
                for (int c = 0; c < classes; c++) {
                    scores[i][c] += factor * FeatureMatrix.dot(z, textRows[c]);
                }
            }
        }
        return scores;
    }

    @Override
    public void visit(State state) {
        pool = visit(state, "prompt", pool, (part, entry) -> new PromptTrainer.Entry(
                Prompt.visit(part, entry == null ? null : entry.prompt()),
                part.tensor("key", entry == null ? null : entry.key())));
        names.clear();
        inference.visit(state.in("tii"));
        head.visit(state.in("classifier"));
        headBeforeReplay.visit(state.in("classifier-before-replay"));
        cncm.visit(state.in("cncm"));
        plainCncm.visit(state.in("cncm-plain"));
        promptedReplay.visit(state.in("replay"));
    }

    private static <T> List<T> visit(State state, String name, List<T> present, BiFunction<State, T, T> visit) {
        int count = state.integer(name + ".count", present.size());
        List<T> result = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            result.add(visit.apply(state.in(name + "." + i), state.isLoading() ? null : present.get(i)));
        }
        return result;
    }

    @Override
    public int queryPasses() {
        return pool.stream().allMatch(entry -> entry.prompt().isEmpty()) ? 0 : 1;
    }

    @Override
    public Map<String, Long> trainable() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("prompts", pool.stream().mapToLong(entry -> entry.prompt().size()).sum());
        counts.put("keys", pool.stream().mapToLong(entry -> entry.key().shape().size()).sum());
        counts.putAll(inference.trainable());
        counts.put("classifier", head.size());
        return counts;
    }

    @Override
    public void close() {
        store.forgetPrompts();
    }
}
