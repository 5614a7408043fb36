package dev.itprompt.cli;

import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.data.Preprocess;
import dev.itprompt.experiment.ExperimentSettings.Profile;
import picocli.CommandLine.Option;

/** The option that says how images are prepared. */
final class PreprocessOption {

    @Option(names = "--preprocess", paramLabel = "PROFILE", defaultValue = "native",
            description = "How images are prepared: native (as the checkpoint says), clip, imagenet, half or none; default: native.")
    private Profile profile;

    /**
     * How images are prepared for a model.
     *
     * @throws dev.itprompt.InputException if that is up to the model and nothing tells it
     */
    Preprocess of(LoadedModel model) {
        return profile.of(model);
    }
}
