package dev.itprompt.method;

/** Linear discriminant analysis of frozen features: see {@link FrozenFeatures#lda}. */
final class LdaMethod implements Method<NoSettings> {

    @Override
    public String name() {
        return "lda";
    }

    @Override
    public String meaning() {
        return "linear discriminant analysis of frozen features";
    }

    @Override
    public Class<NoSettings> settings() {
        return NoSettings.class;
    }

    @Override
    public Learner create(String name, Run run, NoSettings settings) {
        return FrozenFeatures.lda(name, run.backbone().features(), run.store());
    }
}
