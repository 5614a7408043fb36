package dev.itprompt.cli;

import dev.itprompt.Warnings;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.experiment.ExperimentData;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.parallel.Opening;

/**
 * What a run's configuration names, opened in a process of a cluster.
 *
 * @param configuration as YAML
 * @param hash          SHA-256 of the checkpoint that has to be found
 * @param device        its full name
 * @param threads       of the cpu device, and that decode images
 */
record RunOpening(String configuration, String hash, String device, int threads) implements Opening {

    @Override
    public Opened open() {
        ExperimentSettings settings = ExperimentSettings.configuration().text("job", configuration).build().settings();
        ProjectFolder project = ProjectFolder.find();
        LoadedModel model = ModelReader.read(project.resolve(settings.model().checkpoint()), settings.model().load());
        Checkpoint.requireSame(hash, model.checkpoint().sha256());
        ExperimentData data = ExperimentData.read(settings, project, settings.image().normalization().of(model), threads, Warnings.once(_ -> {}));
        int side = model.model().vision().imageSize();
        return new Opened(DeviceOptions.open(device, threads), model.model().weights(), data.trainingImages(), 3 * side * side);
    }
}
