package dev.itprompt.method;

/** A linear softmax classifier on frozen features: see {@link LinearProbe}. */
final class LinearProbeMethod implements Method<NoSettings> {

    @Override
    public String name() {
        return "linear-probe";
    }

    @Override
    public String meaning() {
        return "a linear softmax classifier on frozen features";
    }

    @Override
    public Class<NoSettings> settings() {
        return NoSettings.class;
    }

    @Override
    public Learner create(String name, Run run, NoSettings settings) {
        return new LinearProbe(name, run.backbone(), run.streams(), run.classes().size(), run.store());
    }
}
