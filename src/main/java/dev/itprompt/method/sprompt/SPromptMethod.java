package dev.itprompt.method.sprompt;

import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;
import dev.itprompt.method.prompted.PromptedMethod;
import dev.itprompt.method.prompted.Recipe;
import dev.itprompt.method.prompted.TaskChoice;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.TaskPrefix;
import java.util.Optional;

/** S-Prompt: a prompt for each task, chosen by {@link CentroidChoice}. */
public final class SPromptMethod implements PromptedMethod<SPromptSettings> {

    @Override
    public String name() {
        return "s-prompt";
    }

    @Override
    public String meaning() {
        return "S-Prompt: a prompt per task, chosen by the nearest centroid of the tasks' features";
    }

    @Override
    public Class<SPromptSettings> settings() {
        return SPromptSettings.class;
    }

    @Override
    public Recipe recipe(String name, VisionTransformer model, SPromptSettings settings) {
        Form.Prefixes form = PromptedMethod.prefixes(Method.key(name, "layers"), settings.layers(), settings.length(), model);
        return Recipe.of(new TaskPrefix(form, 0), settings.training(), FeatureClassifier.Start.NORMAL);
    }

    @Override
    public Optional<TaskChoice> choice(String name, Run run, SPromptSettings settings) {
        return Optional.of(new CentroidChoice(settings.centroids(), run.streams()));
    }

    @Override
    public SPromptSettings recomputing(SPromptSettings settings) {
        return new SPromptSettings(settings.length(), settings.layers(), settings.centroids(), settings.training().recomputing());
    }
}
