package dev.itprompt.method.prompted;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.Images;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.Entering;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FeatureStore;
import dev.itprompt.method.ImageStep;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;
import dev.itprompt.method.replay.FeatureReplay;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Stage;
import dev.itprompt.train.State;
import dev.itprompt.train.Trainer;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Learns prompts and a linear classifier, task after task, as a {@link Recipe} says. Learning a task: whatever chooses prompts from
 * outside learns it; prompts begin the task, are trained together with the classifier on the task's images and end it; where there is a
 * replay, what is to be kept of the task's features is, and from the second task on the classifier is trained again over all classes.
 * No image is kept.
 */
public final class PromptedLearner implements Learner {

    private final String name;
    private final Recipe recipe;
    private final Optional<TaskChoice> choice;
    private final Optional<FeatureReplay> replay;
    private final Optional<StepProjection> projection;
    private final Backbone backbone;
    private final RandomStreams streams;
    private final FeatureStore store;
    private final FeatureClassifier head;
    private final int classes;
    /** Names of finished prompts, by task. */
    private final Map<Integer, String> finished = new HashMap<>();
    private Map<String, Tensor> values = Map.of();
    private int tasks;
    private int seen;

    /**
     * A learner that has learned nothing.
     *
     * @param name   under which it answers
     * @param choice of the task whose prompt an image gets; empty where prompts are chosen within their graph
     */
    public PromptedLearner(String name, Run run, Recipe recipe, Optional<TaskChoice> choice) {
        this(name, run, recipe, choice, Optional.empty());
    }

    /**
     * The same, whose prompts move by other steps than the optimizer's.
     *
     * @param projection of the steps from the second task on; empty for none
     */
    public PromptedLearner(String name, Run run, Recipe recipe, Optional<TaskChoice> choice, Optional<StepProjection> projection) {
        this.projection = projection;
        this.name = name;
        this.recipe = recipe;
        this.choice = choice;
        this.replay = recipe.replay().map(settings -> new FeatureReplay(settings, run.backbone().features()));
        this.backbone = run.backbone();
        this.streams = run.streams();
        this.store = run.store();
        this.head = head(run, recipe);
        this.classes = run.classes().size();
    }

    private static FeatureClassifier head(Run run, Recipe recipe) {
        return new FeatureClassifier(run.backbone().device(), run.backbone().features(), run.classes().size(),
                FeatureClassifier.Network.NONE, recipe.start(), run.streams().stream("init.head"));
    }

    /** Memory of the training step of a run's last task, as planned before anything is run. */
    static MemoryPlan largestStep(Run run, Recipe recipe, Method.LastTask last) {
        Map<String, Tensor> values = Map.of();
        for (int task = 0; task <= last.index(); task++) {
            values = recipe.prompting().beginTask(task, values, run.streams().stream("plan"));
        }
        int perClass = recipe.replay().map(FeatureReplay.Settings::centroidsOfClass).orElse(1);
        List<double[]> old = Collections.nCopies(last.firstClass() * perClass, new double[run.backbone().features()]);
        PromptedStep.Spec spec = new PromptedStep.Spec(recipe.training().batch(), last.index(), last.firstClass(), run.classes().size(), old);
        ImageStep step = PromptedStep.of(run.backbone().model(), recipe, values, head(run, recipe), spec);
        return step.training().plan(run.backbone().device());
    }

    @Override
    public void learn(Task task, Checkpoints at, Progress progress) {
        float[][] plain = needsPlain() ? store.plain(task.images(), task.piece("features"), progress) : null;
        choice.ifPresent(chooser -> chooser.learn(task, plain, at, progress));
        at.stage(() -> train(task, plain, at, progress));
        projection.ifPresent(kept -> at.stage(() -> kept.taskDone(task, values, progress)));
        replay.ifPresent(kept -> {
            at.stage(() -> keep(task, plain, kept, progress));
            if (task.index() > 0) {
                at.stage(() -> kept.train(head, task.firstClass(), task.images().size(), recipe.replay().orElseThrow().rate(),
                        epoch -> streams.stream("replay.head", task.index(), epoch),
                        new Stage(task.piece("replay classifier"), Method.key(name, "replay.rate")), at, progress));
            }
        });
    }

    private boolean needsPlain() {
        return choice.isPresent() || recipe.prompting().needsQueries(true) && !recipe.training().augment()
                || recipe.prompting().needsQueries(false) && replay.isPresent();
    }

    /** Prompts and classifier on the images of a task. */
    private void train(Task task, float[][] plain, Checkpoints at, Progress progress) {
        Prompting prompting = recipe.prompting();
        Map<String, Tensor> begun = prompting.beginTask(task.index(), values, chance(task));
        int batch = recipe.training().batchOf(task.images().size());
        PromptedStep.Spec spec = new PromptedStep.Spec(batch, task.index(), task.firstClass(), task.endClass(),
                replay.map(FeatureReplay::centroids).orElse(List.of()));
        ImageStep step = PromptedStep.of(backbone.model(), recipe, begun, head, spec);
        ImageStep.Lesson lesson = new ImageStep.Lesson(task, batch, recipe.training(), recipe.course(), streams, plain,
                ImageStep.Lesson.stage(name, task.piece("prompts")));
        Map<String, Tensor> trained = step.train(backbone, lesson, _ -> {}, watch(task, step, begun), at, progress);
        head.weights().replaceAll((weight, known) -> trained.getOrDefault(weight, known));
        begun.replaceAll((value, known) -> trained.getOrDefault(value, known));
        values = prompting.endTask(task.index(), begun);
        tasks = task.index() + 1;
        seen = task.endClass();
    }

    private RandomGenerator chance(Task task) {
        return recipe.prompting().copies() ? streams.stream("init.prompt") : streams.stream("init.prompt", task.index());
    }

    private Trainer.Watch watch(Task task, ImageStep step, Map<String, Tensor> begun) {
        if (projection.isEmpty() || task.index() == 0) {
            return Trainer.Watch.NOBODY;
        }
        Map<String, Tensor> trained = new LinkedHashMap<>(begun);
        trained.keySet().removeIf(value -> !recipe.prompting().isTrained(value));
        return new ProjectedSteps(projection.get(), step.training(), trained);
    }

    /** What stays of a task's features with the prompts as they are after its training. */
    private void keep(Task task, float[][] plain, FeatureReplay kept, Progress progress) {
        int[] own = new int[task.images().size()];
        Arrays.fill(own, task.index());
        Entering prompts = entering(recipe.answers().firstEntry().getValue(), plain, own);
        float[][] rows = store.prompted(task.images(), prompts, task.piece("prompted features"), progress).features();
        kept.addTask(task, rows, "prompted features", c -> streams.stream("kmeans.prompted", c));
    }

    private Entering entering(Prompting prompting, float[][] plain, int[] chosen) {
        return new Entering(prompting, values, tasks - 1, prompting.needsQueries(false) ? plain : null, choice.isPresent() ? chosen : null);
    }

    @Override
    public Map<String, Scores> predict(Images images) {
        float[][] plain = queryPasses() > 0 ? store.plain(images, "test features", Progress.NONE) : null;
        int[] chosen = choice.map(chooser -> chooser.tasks(plain)).orElse(null);
        Map<String, Scores> answers = new LinkedHashMap<>();
        recipe.answers().forEach((suffix, prompting) -> answers.put(name + suffix, scores(images, prompting, plain, chosen)));
        return answers;
    }

    /** Features of an image with a finished prompt are those of the last test; else every test is a pass of the model. */
    private FeatureStore.Prompted prompted(Images images, Prompting prompting, float[][] plain, int[] chosen) {
        Entering prompts = entering(prompting, plain, chosen);
        if (chosen == null || prompting.finished(0, values).isEmpty()) {
            return store.prompted(images, prompts, "", Progress.NONE);
        }
        String[] names = IntStream.of(chosen).mapToObj(task -> finished.computeIfAbsent(task, t -> Entering.name(prompting, prompting.finished(t, values))))
                .toArray(String[]::new);
        return new FeatureStore.Prompted(store.finished(images, IntStream.range(0, chosen.length).toArray(), prompts, names), chosen, Map.of());
    }

    /** Scores are the logits that the cross-entropy was trained on. */
    private Scores scores(Images images, Prompting prompting, float[][] plain, int[] chosen) {
        FeatureStore.Prompted prompted = prompted(images, prompting, plain, chosen);
        int scored = recipe.unmasked() ? classes : seen;
        double[][] logits = recipe.scoring().texts() == null ? head.scores(prompted.features(), scored) : cosines(prompted.features(), scored);
        Arrays.stream(logits).forEach(row -> Arrays.setAll(row, c -> row[c] / recipe.scoring().temperature()));
        choice.ifPresent(chooser -> Arrays.setAll(logits, i -> chooser.within(logits[i], chosen[i])));
        return new Scores(logits, chosen == null ? prompted.tasks() : chosen, true, prompted.pools());
    }

    private double[][] cosines(float[][] features, int scored) {
        float[][] texts = FeatureMatrix.rows(recipe.scoring().texts());
        return Arrays.stream(FeatureMatrix.normalized(features)).map(row -> IntStream.range(0, scored)
                .mapToDouble(c -> recipe.scoring().factor() * FeatureMatrix.dot(row, texts[c])).toArray()).toArray(double[][]::new);
    }

    @Override
    public boolean answersUnseen() {
        return recipe.unmasked();
    }

    @Override
    public int queryPasses() {
        return choice.isPresent() || recipe.prompting().needsQueries(false) ? 1 : 0;
    }

    @Override
    public void visit(State state) {
        tasks = state.integer("tasks", tasks);
        seen = state.integer("seen", seen);
        String[] names = state.text("values", String.join(" ", values.keySet())).split(" ");
        Map<String, Tensor> visited = new LinkedHashMap<>();
        for (String value : names) {
            if (!value.isEmpty()) {
                visited.put(value, state.in("prompt").tensor(value, values.get(value)));
            }
        }
        values = visited;
        finished.clear();
        head.visit(state.in("classifier"));
        choice.ifPresent(chooser -> chooser.visit(state.in("choice")));
        replay.ifPresent(kept -> kept.visit(state.in("replay")));
        projection.ifPresent(kept -> kept.visit(state.in("projection")));
    }

    @Override
    public Map<String, Long> trainable() {
        Map<String, Long> counts = new LinkedHashMap<>();
        values.forEach((value, tensor) -> {
            if (recipe.prompting().isTrained(value)) {
                counts.merge(part(value), (long) tensor.shape().size(), Long::sum);
            }
        });
        choice.ifPresent(chooser -> counts.putAll(chooser.trainable()));
        if (recipe.scoring().texts() == null) {
            counts.put("classifier", head.size());
        }
        return counts;
    }

    /** {@code keys} of {@code expert.keys.2}: what is behind the part of the prompting and before the block. */
    private static String part(String value) {
        List<String> words = Arrays.stream(value.split("\\.")).filter(word -> !Character.isDigit(word.charAt(0))).toList();
        return words.getLast();
    }

    @Override
    public void close() {
        store.forgetPrompts();
    }
}
