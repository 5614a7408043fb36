package dev.itprompt.method.hide;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FeatureStore;
import dev.itprompt.method.ItPromptSettings.TaskInferenceSettings;
import dev.itprompt.method.Learner.Task;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;
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
 * Task-identity inference of HiDe-Prompt: a network and classifier on prompt-free features of which the best class seen so far tells the
 * task. It learns the classes of a task alone, then all classes on pseudo-features.
 */
final class TaskInference implements TaskChoice {

    private final String name;
    private final HideSettings settings;
    private final Backbone backbone;
    private final FeatureStore store;
    private final RandomStreams streams;
    private final FeatureClassifier classifier;
    private final FeatureReplay replay;
    private List<Integer> taskOfClass = new ArrayList<>();

    /** @param name of the method, for messages */
    TaskInference(String name, Run run, HideSettings settings) {
        this.name = name;
        this.settings = settings;
        this.backbone = run.backbone();
        this.store = run.store();
        this.streams = run.streams();
        this.replay = new FeatureReplay(settings.replay(), run.backbone().features());
        List<Integer> hidden = settings.inference().hidden();
        this.classifier = new FeatureClassifier(backbone.device(), backbone.features(), run.classes().size(),
                hidden.isEmpty() ? FeatureClassifier.Network.NONE : new MappingNetwork(backbone.features(), hidden),
                FeatureClassifier.Start.NORMAL, streams.stream("init.tii"));
    }

    @Override
    public void learn(Task task, float[][] plain, Checkpoints at, Progress progress) {
        at.stage(() -> {
            for (int c = task.firstClass(); c < task.endClass(); c++) {
                taskOfClass.add(task.index());
                try {
                    replay.addClass(task.ofClass(plain, c), streams.stream("kmeans.plain", c));
                } catch (DivergenceException e) {
                    throw e.in(task.piece("features"));
                }
            }
        });
        at.stage(() -> train(task, plain, new Stage(task.piece("task inference"), Method.key(name, "inference.rate")), at, progress));
        if (task.index() > 0 && settings.replay().steps().epochs() > 0) {
            at.stage(() -> replay.train(classifier, task.firstClass(), task.images().size(), settings.inference().training().replayRate(),
                    epoch -> streams.stream("replay.tii", task.index(), epoch),
                    new Stage(task.piece("replay task inference"), Method.key(name, "inference.replayRate")), at, progress));
        }
    }

    private void train(Task task, float[][] plain, Stage stage, Checkpoints at, Progress progress) {
        TaskInferenceSettings training = settings.inference().training();
        int batch = Math.min(settings.training().batch(), plain.length);
        Orders orders = new Orders(plain.length, batch, pass -> streams.stream("tii.order", task.index(), pass));
        FeatureClassifier.Rows rows = training.augment() ? FeatureClassifier.Rows.augmented(backbone, store, task.images(), orders,
                (step, position) -> streams.stream("tii.augment", task.index(), step, position), stage)
                : FeatureClassifier.Rows.of(plain, task.images()::label, orders);
        classifier.train(new FeatureClassifier.Lesson(Optimizer.Rule.AdamW.DEFAULT, batch, task.firstClass(), task.endClass(),
                (long) training.epochs() * orders.perPass(), rows,
                _ -> new Trainer.Rates(training.rate(), 0, settings.training().rates().largestGradient())), stage, at, progress);
    }

    @Override
    public int[] tasks(float[][] plain) {
        return Arrays.stream(classifier.scores(plain, taskOfClass.size()))
                .mapToInt(row -> taskOfClass.get(FeatureMatrix.argmax(row, row.length))).toArray();
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
