package dev.itprompt.method.nsp;

import dev.itprompt.InputException;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.Passes;
import dev.itprompt.method.Run;
import dev.itprompt.method.prompted.PromptedLearner;
import dev.itprompt.method.prompted.PromptedMethod;
import dev.itprompt.method.prompted.Recipe;
import dev.itprompt.method.nsp.VptNsp2Settings.Head;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.prompt.SteadyTokens;
import dev.itprompt.prompt.Tokens;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * VPT-NSP² (Lu et al. 2024, Visual Prompt Tuning in Null Space for Continual Learning): deep visual prompts for all tasks, whose optimizer steps are
 * projected by {@link OldDirections} from the second task on.
 */
public final class VptNsp2Method implements PromptedMethod<VptNsp2Settings> {

    @Override
    public String name() {
        return "vpt-nsp2";
    }

    @Override
    public String meaning() {
        return "VPT-NSP2: visual prompts for all tasks, steps projected to what older tasks' images do not see";
    }

    @Override
    public Class<VptNsp2Settings> settings() {
        return VptNsp2Settings.class;
    }

    @Override
    public Set<Need> needs(VptNsp2Settings settings) {
        return settings.head() == Head.TEXT ? Set.of(Need.TEXTS) : Set.of();
    }

    @Override
    public List<String> without(Need need, VptNsp2Settings settings) {
        return List.of("head=linear");
    }

    @Override
    public Recipe recipe(String name, VisionTransformer model, VptNsp2Settings settings) {
        return Recipe.of(new SteadyTokens(tokens(name, model, settings), settings.steadiness()), settings.training(), FeatureClassifier.Start.UNIFORM)
                .with(new Recipe.Scoring(settings.temperature(), null, 1));
    }

    private static Tokens tokens(String name, VisionTransformer model, VptNsp2Settings settings) {
        int columns = model.width() / model.heads();
        if (settings.length() > columns) {
            throw new InputException(Method.key(name, "length") + ": expected at most " + columns + ", the columns of a head, found " + settings.length());
        }
        return new Tokens(PromptedMethod.layers(Method.key(name, "layers"), settings.layers(), model), settings.length(), model.width(), 1);
    }

    /** A task's images are embedded once more for the directions that they take. */
    @Override
    public Passes passes(VisionTransformer model, VptNsp2Settings settings, List<Passes.TaskSize> tasks) {
        return Passes.ofTuning(settings.training(), tasks, false, settings.share() > 0, 1);
    }

    @Override
    public Learner create(String name, Run run, VptNsp2Settings settings) {
        VisionTransformer model = run.backbone().model().vision();
        Recipe recipe = recipe(name, model, settings);
        if (settings.head() == Head.TEXT) {
            recipe = recipe.with(new Recipe.Scoring(settings.temperature(), run.texts(), run.backbone().clip().logitFactor()));
        }
        return new PromptedLearner(name, run, recipe, Optional.empty(), settings.share() == 0 ? Optional.empty()
                : Optional.of(new OldDirections(run.backbone(), tokens(name, model, settings), settings.share(), settings.training().batch())));
    }

    /** Gram matrices of each block's directions, and the projections made of them. */
    @Override
    public long hostBytes(Run run, VptNsp2Settings settings) {
        long width = run.backbone().model().vision().width();
        return settings.share() == 0 ? 0 : 3L * Double.BYTES * width * width * settings.layers().size();
    }

    @Override
    public String forFewerHostBytes(String name) {
        return "fewer " + Method.key(name, "layers");
    }

    @Override
    public VptNsp2Settings recomputing(VptNsp2Settings settings) {
        return new VptNsp2Settings(settings.preset(), settings.length(), settings.layers(), settings.share(), settings.steadiness(), settings.head(),
                settings.temperature(), settings.training().recomputing());
    }
}
