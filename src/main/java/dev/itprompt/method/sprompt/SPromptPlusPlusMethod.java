package dev.itprompt.method.sprompt;

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

/** S-Prompt++, as HiDe-Prompt's authors compare with it: a prompt for each task, known in training and found by its key at test. */
public final class SPromptPlusPlusMethod implements PromptedMethod<SPromptPlusPlusSettings> {

    @Override
    public String name() {
        return "s-prompt++";
    }

    @Override
    public String meaning() {
        return "S-Prompt++: a prompt per task, found by its key";
    }

    @Override
    public Class<SPromptPlusPlusSettings> settings() {
        return SPromptPlusPlusSettings.class;
    }

    @Override
    public List<Answer> answers() {
        return List.of(Recipe.VOTE);
    }

    @Override
    public Set<Need> needs(SPromptPlusPlusSettings settings) {
        return settings.pool().needs();
    }

    @Override
    public Recipe recipe(String name, VisionTransformer model, SPromptPlusPlusSettings settings) {
        Form.Prefixes form = PromptedMethod.prefixes(Method.key(name, "layers"), settings.layers(), settings.length(), model);
        Prompting each = settings.pool().pool(form, model.features(), false);
        return Recipe.of(each, settings.training(), FeatureClassifier.Start.NORMAL)
                .withVote(each, settings.pool().pool(form, model.features(), true)).unmasked(settings.pool().unmasked());
    }

    @Override
    public SPromptPlusPlusSettings recomputing(SPromptPlusPlusSettings settings) {
        return new SPromptPlusPlusSettings(settings.preset(), settings.length(), settings.layers(), settings.pool(),
                settings.training().recomputing());
    }
}
