package dev.itprompt.method;

/** The nearest class mean of frozen features: see {@link FrozenFeatures#ncm}. */
final class NcmMethod implements Method<NcmSettings> {

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
        return FrozenFeatures.ncm(name, settings, run.streams(), run.store());
    }
}
