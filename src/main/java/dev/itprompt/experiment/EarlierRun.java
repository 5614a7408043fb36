package dev.itprompt.experiment;

import dev.itprompt.Excerpt;
import dev.itprompt.Fingerprint;
import dev.itprompt.InputException;
import dev.itprompt.continual.Protocol;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Training;
import dev.itprompt.report.RunReader;
import dev.itprompt.train.StateFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A finished run whose tasks another one goes on with.
 *
 * @param folder  of the run
 * @param learned names of the classes of each task
 */
public record EarlierRun(Path folder, List<List<String>> learned) {

    /**
     * The run that settings name in {@code scenario.after}; empty if they name none.
     *
     * @throws InputException if there is none in that folder, or its tasks are domains
     */
    static Optional<EarlierRun> of(ExperimentSettings settings, ProjectFolder project) {
        if (settings.scenario().after().isEmpty()) {
            return Optional.empty();
        }
        Path folder = project.resolve(settings.scenario().after());
        if (settings.scenario().kind() == ExperimentSettings.ScenarioSettings.Kind.DOMAINS) {
            throw new InputException("scenario.after: expected tasks that bring classes, found domains; a run of domains cannot be gone on with");
        }
        return Optional.of(new EarlierRun(folder, RunReader.read(folder).tasks()));
    }

    /**
     * Labels of the classes of its tasks in another data set.
     *
     * @param names of that data set's classes by label
     * @throws InputException if a class is missing
     */
    List<List<Integer>> tasks(List<String> names) {
        return learned.stream().map(task -> task.stream().map(name -> {
            int label = names.indexOf(name);
            if (label < 0) {
                throw new InputException("dataset: expected all classes that the run in " + Excerpt.of(folder) + " has learned, found no '"
                        + Excerpt.of(name, 60) + "'; add its images, they are needed to test on");
            }
            return label;
        }).toList()).toList();
    }

    /** What tells this run from any other. */
    public String fingerprint() {
        return "sha256 " + Fingerprint.ofFile(folder.resolve("metrics.json"));
    }

    /**
     * Takes over what one of its trainings learned.
     *
     * @param learner that has learned nothing
     * @param tasks   of the run that goes on
     * @return what it achieved; empty if the run has no such training
     * @throws InputException if the model was another one, or the state is damaged or of other settings
     */
    Optional<Protocol.Earlier> takeOver(Training training, Learner learner, int tasks, String modelHash) {
        if (!RunFolder.finishedTrainings(folder).contains(training.name())) {
            return Optional.empty();
        }
        RunFolder.config(folder).fact("checkpoint").filter(known -> !known.equals("sha256 " + modelHash)).ifPresent(_ -> {
            throw new InputException("checkpoint: expected the model that the run in " + Excerpt.of(folder) + " was made with, found another");
        });
        List<MethodResult> results = RunFolder.training(folder, training.name()).orElseThrow();
        StateFile.load(RunFolder.stateFile(folder, training.name()), learner);
        Map<String, Protocol.Answers> answers = new LinkedHashMap<>();
        results.forEach(result -> answers.put(result.method(), new Protocol.Answers(result.accuracy().extended(tasks),
                result.inferred() == null ? null : result.inferred().extended(tasks),
                result.told() == null ? null : result.told().extended(tasks), new ArrayList<>())));
        return Optional.of(new Protocol.Earlier(learned.size(), answers, results.getFirst().learnSeconds(),
                results.getFirst().predictSeconds()));
    }
}
