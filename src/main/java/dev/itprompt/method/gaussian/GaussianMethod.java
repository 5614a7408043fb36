package dev.itprompt.method.gaussian;

import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;

/** A normal distribution a class: see {@link LowRankGaussians}. */
public final class GaussianMethod implements Method<GaussianSettings> {

    @Override
    public String name() {
        return "gaussian";
    }

    @Override
    public String meaning() {
        return "Gaussian heads: a shared covariance, shrunk, and each class's own in a few directions";
    }

    @Override
    public Class<GaussianSettings> settings() {
        return GaussianSettings.class;
    }

    @Override
    public Learner create(String name, Run run, GaussianSettings settings) {
        return FrozenFeatures.of(name, new LowRankGaussians(settings, run.backbone().features()), run.store());
    }
}
