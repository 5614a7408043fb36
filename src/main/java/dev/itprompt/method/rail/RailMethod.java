package dev.itprompt.method.rail;

import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.Run;
import dev.itprompt.method.ridge.RandomFeatures;
import dev.itprompt.method.ridge.RidgeRegression;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Ridge regression from random features, mixed with zero-shot answers: see {@link Rail}. */
public final class RailMethod implements Method<RailSettings> {

    @Override
    public String name() {
        return "rail";
    }

    @Override
    public String meaning() {
        return "RAIL: ridge regression from random features, mixed with CLIP's zero-shot answers";
    }

    @Override
    public Class<RailSettings> settings() {
        return RailSettings.class;
    }

    @Override
    public Set<Need> needs(RailSettings settings) {
        return settings.fusion() == 1 ? Set.of() : Set.of(Need.TEXTS);
    }

    @Override
    public List<String> without(Need need, RailSettings settings) {
        return List.of("fusion=1");
    }

    @Override
    public Learner create(String name, Run run, RailSettings settings) {
        RandomGenerator random = run.streams().stream("rail.projection");
        double bound = 1 / Math.sqrt(run.backbone().features());
        RandomFeatures map = RandomFeatures.draw(run.backbone().features(), settings.projection(),
                () -> bound * (2 * random.nextDouble() - 1), RandomFeatures::relu);
        Rail rail = settings.fusion() == 1 ? new Rail(settings, map, null, 0)
                : new Rail(settings, map, FeatureMatrix.rows(run.texts()), run.backbone().clip().logitFactor());
        return FrozenFeatures.of(name, rail, run.store());
    }

    @Override
    public long hostBytes(Run run, RailSettings settings) {
        return RidgeRegression.bytes(settings.projection(), run.backbone().features(), run.classes().size());
    }
}
