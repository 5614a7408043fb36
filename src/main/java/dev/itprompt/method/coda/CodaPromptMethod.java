package dev.itprompt.method.coda;

import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.Method;
import dev.itprompt.method.prompted.PromptedMethod;
import dev.itprompt.method.prompted.Recipe;
import dev.itprompt.model.VisionTransformer;

/** CODA-Prompt: see {@link CodaPrompts}. */
public final class CodaPromptMethod implements PromptedMethod<CodaSettings> {

    @Override
    public String name() {
        return "coda-prompt";
    }

    @Override
    public String meaning() {
        return "CODA-Prompt: prompts mixed from components by attention, new components for each task";
    }

    @Override
    public Class<CodaSettings> settings() {
        return CodaSettings.class;
    }

    @Override
    public Recipe recipe(String name, VisionTransformer model, CodaSettings settings) {
        CodaPrompts.Sizes sizes = new CodaPrompts.Sizes(PromptedMethod.layers(Method.key(name, "layers"), settings.layers(), model), model.width(),
                model.features(), settings.length(), settings.components());
        return Recipe.of(CodaPrompts.of(sizes, settings.orthogonality()), settings.training(), FeatureClassifier.Start.UNIFORM);
    }

    @Override
    public CodaSettings recomputing(CodaSettings settings) {
        return new CodaSettings(settings.preset(), settings.length(), settings.components(), settings.layers(), settings.orthogonality(),
                settings.training().recomputing());
    }
}
