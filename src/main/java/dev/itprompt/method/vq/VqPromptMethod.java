package dev.itprompt.method.vq;

import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.Method;
import dev.itprompt.method.prompted.PromptedMethod;
import dev.itprompt.method.prompted.Recipe;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Schedule;
import dev.itprompt.prompt.Form;

/** VQ-Prompt: see {@link VqPrompts}. */
public final class VqPromptMethod implements PromptedMethod<VqSettings> {

    private static final double FLOOR = 1e-6;

    @Override
    public String name() {
        return "vq-prompt";
    }

    @Override
    public String meaning() {
        return "VQ-Prompt: each image gets one entry of a pool for all tasks, and the classifier replays features";
    }

    @Override
    public Class<VqSettings> settings() {
        return VqSettings.class;
    }

    @Override
    public Recipe recipe(String name, VisionTransformer model, VqSettings settings) {
        Form.Prefixes form = PromptedMethod.prefixes(Method.key(name, "layers"), settings.pool().layers(), settings.pool().length(), model);
        Recipe recipe = Recipe.of(VqPrompts.of(form, model.features(), settings.pool().entries(), settings.pool().temperature()),
                settings.training(), FeatureClassifier.Start.UNIFORM).with(settings.replay());
        int frozen = settings.frozenEpochs();
        return frozen < 0 ? recipe : recipe.with((base, step, steps, orders) -> base == 0 ? 0
                : Schedule.vqUpdate((int) step, Math.min(frozen * orders.perPass(), (int) steps - 1), (int) steps, base, FLOOR) / base);
    }

    @Override
    public VqSettings recomputing(VqSettings settings) {
        return new VqSettings(settings.preset(), settings.pool(), settings.training().recomputing(), settings.frozenEpochs(), settings.replay());
    }
}
