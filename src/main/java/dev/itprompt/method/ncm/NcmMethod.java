package dev.itprompt.method.ncm;

import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;

/** The nearest class mean of frozen features: see {@link NearestMeans}. */
public final class NcmMethod implements Method<NcmSettings> {

    @Override
    public String name() {
        return "ncm";
    }

    @Override
    public String meaning() {
        return "the nearest class mean of frozen features";
    }

    @Override
    public Class<NcmSettings> settings() {
        return NcmSettings.class;
    }

    @Override
    public Learner create(String name, Run run, NcmSettings settings) {
        return FrozenFeatures.of(name, new NearestMeans(settings, run.streams()), run.store());
    }
}
