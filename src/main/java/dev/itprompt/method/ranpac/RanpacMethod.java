package dev.itprompt.method.ranpac;

import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;
import dev.itprompt.method.ridge.RandomFeatures;
import dev.itprompt.method.ridge.RidgeChoice;
import java.util.random.RandomGenerator;

/** Ridge regression from random features of frozen features: see {@link RandomProjection}. */
public final class RanpacMethod implements Method<RanpacSettings> {

    @Override
    public String name() {
        return "ranpac";
    }

    @Override
    public String meaning() {
        return "RanPAC: ridge regression from random features of frozen features to classes";
    }

    @Override
    public Class<RanpacSettings> settings() {
        return RanpacSettings.class;
    }

    @Override
    public Learner create(String name, Run run, RanpacSettings settings) {
        RandomGenerator random = run.streams().stream("ranpac.projection");
        RandomFeatures map = RandomFeatures.draw(run.backbone().features(), settings.projection(), random::nextGaussian, RandomFeatures::relu);
        return FrozenFeatures.of(name, new RandomProjection(settings, map), run.store());
    }

    @Override
    public long hostBytes(Run run, RanpacSettings settings) {
        return RidgeChoice.bytes(settings.projection(), run.backbone().features(), run.classes().size());
    }
}
