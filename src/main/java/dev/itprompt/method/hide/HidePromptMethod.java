package dev.itprompt.method.hide;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.Passes;
import dev.itprompt.method.Run;
import dev.itprompt.method.hide.HideSettings.ContrastSettings;
import dev.itprompt.method.prompted.PromptedMethod;
import dev.itprompt.method.prompted.Recipe;
import dev.itprompt.method.prompted.TaskChoice;
import dev.itprompt.method.replay.FeatureReplay;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.TaskPrefix;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * HiDe-Prompt (Wang et al. 2023): a prompt for each task, chosen by {@link TaskInference}, trained with {@link Contrast}, and a classifier
 * that is trained again on pseudo-features of all classes.
 */
public final class HidePromptMethod implements PromptedMethod<HideSettings> {

    @Override
    public String name() {
        return "hide-prompt";
    }

    @Override
    public String meaning() {
        return "HiDe-Prompt: a prompt per task, chosen by task-identity inference, and replay of features";
    }

    @Override
    public Class<HideSettings> settings() {
        return HideSettings.class;
    }

    @Override
    public Set<Need> needs(HideSettings settings) {
        Set<Need> needs = EnumSet.noneOf(Need.class);
        if (settings.prompts().reshaped()) {
            needs.add(Need.RESHAPED_PREFIXES);
        }
        if (settings.prompts().unmasked()) {
            needs.add(Need.UNMASKED_LOGITS);
        }
        return needs;
    }

    @Override
    public Recipe recipe(String name, VisionTransformer model, HideSettings settings) {
        Form.Prefixes form = new Form.Prefixes(PromptedMethod.layers(Method.key(name, "layers"), settings.prompts().layers(), model),
                settings.prompts().length(), model.width(), settings.prompts().reshaped());
        Recipe recipe = Recipe.of(new TaskPrefix(form, settings.prompts().momentum()), settings.training(), FeatureClassifier.Start.NORMAL);
        ContrastSettings contrast = settings.contrasted();
        return (contrast.contrast() == 0 ? recipe : recipe.with((g, features, old) -> contrast(g, features, old, contrast)))
                .with(settings.replay()).unmasked(settings.prompts().unmasked());
    }

    private static Map<String, Node> contrast(Graph g, Node features, List<double[]> old, ContrastSettings settings) {
        Node centroids = old.isEmpty() ? null : g.constant(FeatureMatrix.of(old));
        return Map.of("contrast", g.scale(Contrast.of(g, centroids, features, settings.contrastTemperature()), settings.contrast()));
    }

    @Override
    public Optional<TaskChoice> choice(String name, Run run, HideSettings settings) {
        return Optional.of(new TaskInference(name, run,
                new TaskInference.Spec(settings.inference().hidden(), settings.inference().training(), settings.training(), false, false),
                new FeatureReplay(settings.replay(), run.backbone().features())));
    }

    @Override
    public Passes passes(VisionTransformer model, HideSettings settings, List<Passes.TaskSize> tasks) {
        return PromptedMethod.super.passes(model, settings, tasks)
                .plus(TaskInference.passes(settings.inference().training(), settings.training().batch(), tasks));
    }

    /** Of features with and without prompts. */
    @Override
    public long hostBytes(Run run, HideSettings settings) {
        return 2 * PromptedMethod.super.hostBytes(run, settings);
    }

    @Override
    public HideSettings recomputing(HideSettings settings) {
        return new HideSettings(settings.preset(), settings.prompts(), settings.training().recomputing(), settings.contrasted(),
                settings.inference(), settings.replay());
    }
}
