package dev.itprompt.method.hide;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FeatureStore;
import dev.itprompt.method.Learner.Task;
import dev.itprompt.method.Method;
import dev.itprompt.method.Passes;
import dev.itprompt.method.Run;
import dev.itprompt.method.TrainingSettings;
import dev.itprompt.method.prompted.TaskChoice;
import dev.itprompt.method.replay.FeatureReplay;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import dev.itprompt.train.State;
import dev.itprompt.train.Trainer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Task-identity inference of HiDe-Prompt and IT-Prompt: a network and classifier on prompt-free features of which the best class seen so far
 * tells the task. It learns the classes of a task alone, then all classes on pseudo-features.
 */
public final class TaskInference implements TaskChoice {

    /**
     * How it is built and trained.
     *
     * @param hidden     widths inside the network as multiples of that of features; empty for a classifier alone
     * @param training   of network and classifier
     * @param prompts    the training of prompts, whose batch and limit of gradients hold here, too
     * @param whiten     whether both look at features whitened by the covariance of all classes, which the replay then collects
     * @param closedForm whether both become those of linear discriminant analysis before each replay, in place of learning a task's
     *                   classes alone; only where they are whitened
     */
    public record Spec(List<Integer> hidden, TaskInferenceSettings training, TrainingSettings prompts, boolean whiten, boolean closedForm) {}

    private final String name;
    private final Spec spec;
    private final Backbone backbone;
    private final FeatureStore store;
    private final RandomStreams streams;
    private final FeatureClassifier classifier;
    private final FeatureReplay replay;
    private List<Integer> taskOfClass = new ArrayList<>();

    /**
     * @param name   of the method, for messages
     * @param replay keeps what there is of prompt-free features, and nothing yet
     */
    public TaskInference(String name, Run run, Spec spec, FeatureReplay replay) {
        this.name = name;
        this.spec = spec;
        this.backbone = run.backbone();
        this.store = run.store();
        this.streams = run.streams();
        this.replay = replay;
        this.classifier = new FeatureClassifier(backbone.device(), backbone.features(), run.classes().size(),
                spec.hidden.isEmpty() ? FeatureClassifier.Network.NONE : new MappingNetwork(backbone.features(), spec.hidden),
                FeatureClassifier.Start.NORMAL, streams.stream("init.tii"));
    }

    /**
     * Passes of a classifier that learns to infer each task on images augmented anew, if it does.
     *
     * @param batch images of its steps at most
     */
    public static Passes passes(TaskInferenceSettings inference, int batch, List<Passes.TaskSize> tasks) {
        return !inference.augment() ? Passes.NONE : new Passes(tasks.stream().map(Passes.TaskSize::train)
                .mapToLong(images -> (long) inference.epochs() * (images - images % Math.min(batch, images))).sum(), 0);
    }

    @Override
    public void learn(Task task, float[][] plain, Checkpoints at, Progress progress) {
        at.stage(() -> keep(task, plain));
        if (!spec.closedForm) {
            at.stage(() -> train(task, plain, new Stage(task.piece("task inference"), Method.key(name, "inference.rate")), at, progress));
        }
        if (task.index() > 0) {
            at.stage(() -> replay.train(classifier, spec.closedForm ? task.endClass() : task.firstClass(), task.images().size(),
                    spec.training.replayRate(), epoch -> streams.stream("replay.tii", task.index(), epoch),
                    new Stage(task.piece("replay task inference"), Method.key(name, "inference.replayRate")), at, progress));
        }
    }

    private void keep(Task task, float[][] plain) {
        for (int c = task.firstClass(); c < task.endClass(); c++) {
            taskOfClass.add(task.index());
        }
        replay.addTask(task, plain, "features", c -> streams.stream("kmeans.plain", c));
        if (spec.whiten) {
            classifier.whiten(replay.whitening().orElseThrow());
        }
        if (spec.closedForm) {
            classifier.setClosedForm(replay.whitening().orElseThrow(), replay.means());
        }
    }

    private void train(Task task, float[][] plain, Stage stage, Checkpoints at, Progress progress) {
        int batch = Math.min(spec.prompts.batch(), plain.length);
        Orders orders = new Orders(plain.length, batch, pass -> streams.stream("tii.order", task.index(), pass));
        FeatureClassifier.Rows rows = spec.training.augment() ? FeatureClassifier.Rows.augmented(backbone, store, task.images(), orders,
                (step, position) -> streams.stream("tii.augment", task.index(), step, position), stage)
                : FeatureClassifier.Rows.of(plain, task.images()::label, orders);
        classifier.train(new FeatureClassifier.Lesson(Optimizer.Rule.AdamW.DEFAULT, batch, task.firstClass(), task.endClass(),
                (long) spec.training.epochs() * orders.perPass(), rows,
                _ -> new Trainer.Rates(spec.training.rate(), 0, spec.prompts.rates().largestGradient())), stage, at, progress);
    }

    /** Classes learned so far. */
    public int seen() {
        return taskOfClass.size();
    }

    /** The task that a class learned so far belongs to. */
    public int taskOf(int label) {
        return taskOfClass.get(label);
    }

    @Override
    public int[] tasks(float[][] plain) {
        return Arrays.stream(classifier.scores(plain, seen())).mapToInt(row -> taskOf(FeatureMatrix.argmax(row, row.length))).toArray();
    }

    @Override
    public Map<String, Long> trainable() {
        return Map.of("task inference", classifier.size());
    }

    @Override
    public void visit(State state) {
        long[] numbers = state.numbers("task-of-class", taskOfClass.stream().mapToLong(Integer::longValue).toArray());
        taskOfClass = new ArrayList<>(Arrays.stream(numbers).mapToObj(Math::toIntExact).toList());
        classifier.visit(state.in("classifier"));
        replay.visit(state.in("replay"));
    }
}
