package dev.itprompt.api;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.config.Configuration;
import dev.itprompt.data.TaskImages;
import dev.itprompt.data.Transforms;
import dev.itprompt.experiment.ExperimentData;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.TextNeeds;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Need;
import dev.itprompt.method.Run;
import dev.itprompt.method.Training;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.State;
import dev.itprompt.train.StateFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A method that learns the classes of one task after another from image files and classifies among all classes learned so far. The images
 * of a task are not needed once it is learned. The same calls with the same settings give the same answers. Made by {@link
 * FrozenModel#learner}; used by one thread at a time.
 */
public final class ContinualLearner implements AutoCloseable {

    private static final int LONGEST_FOUND = 80;

    private final String method;
    private final Run run;
    private final Learner learner;
    private final Transforms transforms;
    private final boolean together;
    private int tasks;
    private int learned;

    private ContinualLearner(String method, Run run, Learner learner, Transforms transforms, boolean together) {
        this.method = method;
        this.run = run;
        this.learner = learner;
        this.transforms = transforms;
        this.together = together;
    }

    /** See {@link FrozenModel#learner}. */
    static ContinualLearner of(Backbone backbone, LoadedModel model, String method, List<String> classes, String... assignments) {
        Configuration.Builder<ExperimentSettings> given = ExperimentSettings.configuration();
        Stream.concat(Stream.of("methods=" + method, "heldOut.path=''"), Arrays.stream(assignments))
                .forEach(assignment -> given.set("learner", assignment));
        ExperimentSettings settings = TextNeeds.fit(given.build(), backbone).settings();
        Training training = Training.of(settings.methods().of(method));
        if (training.needs(Need.TRUE_TASK_AT_TEST)) {
            throw new InputException(method + ": expected a method for images whose task nobody knows, found one that "
                    + Need.TRUE_TASK_AT_TEST.words() + "; choose another");
        }
        Run run = Run.of(backbone, new RandomStreams(settings.seed()), classes, settings.model().template(), settings.model().encodeBatch(), _ -> {
            throw new IllegalStateException("no image's task is known");
        });
        Transforms transforms = ExperimentData.transforms(settings.image(), settings.image().normalization().of(model));
        return new ContinualLearner(method, run, training.create(run), transforms, training.needs(Need.ALL_TASKS_AT_ONCE));
    }

    /**
     * The classes that can be told apart now.
     *
     * @return their names, in the order in which they were learned
     */
    public List<String> learned() {
        return run.classes().subList(0, learned);
    }

    /**
     * Learns the next task.
     *
     * @param task files of each class, at least one; the classes are the next ones of those that the learner was made for, in any order
     * @throws InputException if they are others, or a file cannot be read
     */
    public void learn(Map<String, List<Path>> task) {
        learn(task, Progress.NONE);
    }

    /**
     * Learns the next task.
     *
     * @param task     files of each class, at least one; the classes are the next ones of those that the learner was made for, in any order
     * @param progress hears how far it is
     * @throws InputException if they are others, or a file cannot be read
     */
    public void learn(Map<String, List<Path>> task, Progress progress) {
        int end = Math.min(learned + task.size(), run.classes().size());
        List<String> next = run.classes().subList(learned, together ? run.classes().size() : end);
        if (task.isEmpty() || next.size() != task.size() || !task.keySet().containsAll(next)) {
            throw new InputException("task: expected images of the next classes, " + Excerpt.of(next.toString(), LONGEST_FOUND) + (next.isEmpty()
                    ? " since all are learned" : "") + ", found those of " + Excerpt.of(task.keySet().toString(), LONGEST_FOUND));
        }
        List<Path> files = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int c = learned; c < end; c++) {
            List<Path> ofClass = task.get(run.classes().get(c));
            if (ofClass.isEmpty()) {
                throw new InputException("task: expected images of class '" + run.classes().get(c) + "', found none");
            }
            for (Path file : ofClass) {
                files.add(file);
                labels.add(c);
            }
        }
        run.store().clear();
        TaskImages images = FrozenModel.images(files, labels.stream().mapToInt(Integer::intValue).toArray(), run.classes(), transforms);
        learner.learn(new Learner.Task(tasks, learned, end, images), Checkpoints.NONE, progress);
        tasks++;
        learned = end;
    }

    /**
     * Classifies images among all classes learned so far.
     *
     * @param files at least one
     * @return a prediction for each file, in their order
     * @throws InputException if nothing has been learned, or a file cannot be read
     */
    public List<Prediction> classify(List<Path> files) {
        if (learned == 0) {
            throw new InputException(method + ": expected a task that was learned before images are classified, found none");
        }
        run.store().clear();
        double[][] scores = learner.predict(FrozenModel.images(files, transforms)).get(method).values();
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            predictions.add(Prediction.of(files.get(i), learned(), FeatureMatrix.softmax(scores[i])));
        }
        return predictions;
    }

    /**
     * Writes what has been learned as a safetensors file, whole or not at all.
     *
     * @param file that is written or replaced
     */
    public void save(Path file) {
        Map<String, String> header = new LinkedHashMap<>();
        header.put("method", method);
        header.put("classes", String.join("\n", run.classes()));
        StateFile.save(file, this::visit, header);
    }

    /**
     * Takes over what a learner of the same model, method, classes and settings has saved, in place of what this one has learned.
     *
     * @param file written by {@link #save}
     * @throws InputException if the file is damaged or that of another learner
     */
    public void load(Path file) {
        Map<String, String> header = StateFile.metadata(file);
        String found = header.getOrDefault("method", "none");
        if (!found.equals(method) || !String.join("\n", run.classes()).equals(header.get("classes"))) {
            throw new InputException(file + ": expected what " + method + " has learned of " + Excerpt.of(run.classes().toString(), LONGEST_FOUND)
                    + ", found " + Excerpt.of(found, LONGEST_FOUND) + " of " + Excerpt.of(header.getOrDefault("classes", "none"), LONGEST_FOUND));
        }
        StateFile.load(file, this::visit);
    }

    private void visit(State state) {
        tasks = state.integer("tasks", tasks);
        learned = state.integer("learned", learned);
        learner.visit(state.in("learner"));
    }

    @Override
    public void close() {
        learner.close();
    }
}
