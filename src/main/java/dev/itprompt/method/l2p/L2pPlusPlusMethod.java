package dev.itprompt.method.l2p;

import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.Method;
import dev.itprompt.method.prompted.PromptedMethod;
import dev.itprompt.method.prompted.Recipe;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.TopKPool.Pull;

/** L2P++, as CODA-Prompt's authors compare with it: prefixes of pools shared by all tasks. */
public final class L2pPlusPlusMethod implements PromptedMethod<L2pPlusPlusSettings> {

    @Override
    public String name() {
        return "l2p++";
    }

    @Override
    public String meaning() {
        return "L2P++: each image gets the nearest entries of a pool of prefixes for all tasks";
    }

    @Override
    public Class<L2pPlusPlusSettings> settings() {
        return L2pPlusPlusSettings.class;
    }

    @Override
    public Recipe recipe(String name, VisionTransformer model, L2pPlusPlusSettings settings) {
        L2pPlusPlusSettings.PoolSettings pool = settings.pool();
        Form.Prefixes form = PromptedMethod.prefixes(Method.key(name, "layers"), pool.layers(), pool.length(), model);
        return Recipe.of(L2pPrompts.prefixes(form, new L2pPrompts.Choice(model.features(), pool.entries(), pool.count()),
                new Pull(settings.distance(), settings.pull())), settings.training(), FeatureClassifier.Start.UNIFORM);
    }

    @Override
    public L2pPlusPlusSettings recomputing(L2pPlusPlusSettings settings) {
        return new L2pPlusPlusSettings(settings.preset(), settings.pool(), settings.pull(), settings.distance(),
                settings.training().recomputing());
    }
}
