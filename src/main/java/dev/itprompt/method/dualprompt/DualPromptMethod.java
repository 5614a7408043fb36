package dev.itprompt.method.dualprompt;

import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.prompted.PromptedMethod;
import dev.itprompt.method.prompted.Recipe;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import java.util.List;
import java.util.Set;

/** DualPrompt: see {@link DualPrompts}. */
public final class DualPromptMethod implements PromptedMethod<DualPromptSettings> {

    @Override
    public String name() {
        return "dualprompt";
    }

    @Override
    public String meaning() {
        return "DualPrompt: a general prompt and an expert prompt per task, which is found by its key";
    }

    @Override
    public Class<DualPromptSettings> settings() {
        return DualPromptSettings.class;
    }

    @Override
    public List<Answer> answers() {
        return List.of(Recipe.VOTE);
    }

    @Override
    public Set<Need> needs(DualPromptSettings settings) {
        return settings.pool().needs();
    }

    @Override
    public Recipe recipe(String name, VisionTransformer model, DualPromptSettings settings) {
        Form.Prefixes general = PromptedMethod.prefixes(Method.key(name, "generalLayers"), settings.generalLayers(), settings.generalLength(), model);
        Form.Prefixes expert = PromptedMethod.prefixes(Method.key(name, "layers"), settings.layers(), settings.length(), model);
        Prompting each = DualPrompts.of(general, expert, model.features(), settings.pool(), false);
        return Recipe.of(each, settings.training(), FeatureClassifier.Start.NORMAL)
                .withVote(each, DualPrompts.of(general, expert, model.features(), settings.pool(), true)).unmasked(settings.pool().unmasked());
    }

    @Override
    public DualPromptSettings recomputing(DualPromptSettings settings) {
        return new DualPromptSettings(settings.preset(), settings.generalLength(), settings.generalLayers(), settings.length(), settings.layers(),
                settings.pool(), settings.training().recomputing());
    }
}
