package dev.itprompt.method.l2p;

import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.Need;
import dev.itprompt.method.prompted.PromptedMethod;
import dev.itprompt.method.prompted.Recipe;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.prompt.Form;
import java.util.List;
import java.util.Set;

/** L2P (Wang et al. 2022): tokens of a pool shared by all tasks. */
public final class L2pMethod implements PromptedMethod<L2pSettings> {

    @Override
    public String name() {
        return "l2p";
    }

    @Override
    public String meaning() {
        return "L2P: each image gets the nearest entries of a pool of tokens for all tasks";
    }

    @Override
    public Class<L2pSettings> settings() {
        return L2pSettings.class;
    }

    @Override
    public List<Answer> answers() {
        return List.of(Recipe.VOTE);
    }

    @Override
    public Set<Need> needs(L2pSettings settings) {
        return settings.pool().unmasked() ? Set.of(Need.UNMASKED_LOGITS) : Set.of();
    }

    @Override
    public Recipe recipe(String name, VisionTransformer model, L2pSettings settings) {
        L2pSettings.PoolSettings pool = settings.pool();
        L2pSettings.TokenSettings tokens = settings.tokens();
        Form.TokenRows form = new Form.TokenRows(pool.length(), model.width(), tokens.place(), tokens.positioned(), tokens.averaged());
        L2pPrompts.Choice choice = new L2pPrompts.Choice(model.features(), pool.entries(), pool.count());
        return Recipe.of(L2pPrompts.tokens(form, choice, pool.pull(), pool.vote()), settings.training(), FeatureClassifier.Start.NORMAL)
                .withVote(L2pPrompts.tokens(form, choice, pool.pull(), false), L2pPrompts.tokens(form, choice, pool.pull(), true)).unmasked(pool.unmasked());
    }

    @Override
    public L2pSettings recomputing(L2pSettings settings) {
        return new L2pSettings(settings.preset(), settings.pool(), settings.tokens(), settings.training().recomputing());
    }
}
