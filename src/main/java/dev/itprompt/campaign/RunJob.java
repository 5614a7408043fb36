package dev.itprompt.campaign;

import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.config.Configuration;
import dev.itprompt.experiment.Experiment;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.HeldOutCheck;
import dev.itprompt.experiment.Inputs;
import dev.itprompt.experiment.MethodResult;
import dev.itprompt.experiment.RunConfig;
import dev.itprompt.experiment.RunFolder;
import dev.itprompt.report.Manifest;
import dev.itprompt.train.PartsPlace;
import dev.itprompt.train.StopRequest;
import dev.itprompt.train.StoppedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A run to be done: what lies in its folder afterwards follows from the configuration, what that names, and the arithmetic of device and
 * Java, wherever and however often it was begun.
 *
 * @param configuration all settings, the seed among them
 * @param folder        of the results
 */
public record RunJob(Configuration<ExperimentSettings> configuration, Path folder) {

    /**
     * How a run goes; no result depends on it.
     *
     * @param existing what may be in the folder
     * @param interval longest time of work that is lost when the run dies
     * @param memory   bytes that a training step may need, if there is a limit
     * @param place    where the parts of training steps are computed
     */
    public record Manner(RunFolder.Existing existing, Duration interval, OptionalLong memory, Place place) {}

    /** Where the parts of an experiment's training steps are computed. */
    @FunctionalInterface
    public interface Place {

        /** In this process. */
        Place HERE = (_, _) -> PartsPlace.HERE;

        /**
         * Of a run.
         *
         * @param configuration of the run
         */
        PartsPlace of(Configuration<ExperimentSettings> configuration, Experiment experiment);
    }

    /**
     * What a run gave.
     *
     * @param methods one result per method, in the order of the settings
     * @param heldOut zero-shot classification of the held-out images; empty without them, and for a run that was finished before
     * @param before  whether it was finished before
     */
    public record Result(List<MethodResult> methods, Optional<HeldOutCheck.Scores> heldOut, boolean before) {}

    /** With all settings left out that the model cannot do; see {@link Inputs#fit}. */
    RunJob fit(Inputs inputs) {
        return new RunJob(inputs.fit(configuration), folder);
    }

    /** What is to be run. */
    Experiment experiment(Inputs inputs, Manner manner) {
        Experiment given = Experiment.of(configuration.settings(), inputs);
        Experiment experiment = given.trainedAt(manner.place().of(configuration, given));
        return manner.memory().isPresent() ? experiment.within(manner.memory().getAsLong()) : experiment;
    }

    /**
     * Runs what is missing.
     *
     * @param experiment as this job has it
     * @param device     kind of the device, as results name it
     * @throws InputException   if the folder holds another run, or cannot be written
     * @throws StoppedException if the process was asked to stop; says how the run goes on
     */
    Result run(Experiment experiment, Inputs inputs, String device, Manner manner, Progress progress) {
        ExperimentSettings settings = configuration.settings();
        RunConfig config = new RunConfig(facts(experiment, inputs, device), configuration.toYaml());
        try (RunFolder opened = RunFolder.open(folder, config, settings.methods(), manner.existing(), manner.interval())) {
            Optional<List<MethodResult>> finished = opened.finished(settings.methods());
            if (finished.isPresent()) {
                return new Result(finished.get(), Optional.empty(), true);
            }
            Manifest manifest = Manifest.begin(folder, new Manifest.Subject(config.yaml(), config.facts(),
                    experiment.data().scenario().classOrder(), experiment.data().taskNames()), inputs.backbone().device().description());
            StopRequest.listen(() -> System.err.println("\nitprompt: stopping; the state is saved first"));
            Experiment.Outcome outcome = experiment.run(opened, device, progress);
            StopRequest.answered();
            manifest.end();
            return new Result(outcome.methods(), Optional.ofNullable(outcome.heldOut()), false);
        } catch (StoppedException e) {
            throw new StoppedException("stopped; the state is saved in " + folder + "; itprompt train --resume " + folder + " goes on there", true);
        }
    }

    private static Map<String, String> facts(Experiment experiment, Inputs inputs, String device) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("device", device);
        facts.put(RunConfig.ARITHMETIC, Inputs.arithmetic(inputs.backbone().device()));
        facts.putAll(inputs.facts());
        experiment.earlier().ifPresent(earlier -> facts.put("earlier run", earlier.fingerprint()));
        return facts;
    }
}
