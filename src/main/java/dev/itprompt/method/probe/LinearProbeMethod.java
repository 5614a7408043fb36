package dev.itprompt.method.probe;

import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;
import dev.itprompt.method.replay.FeatureReplay;

/** A linear softmax classifier on frozen features: see {@link LinearProbe}. */
public final class LinearProbeMethod implements Method<LinearProbeSettings> {

    @Override
    public String name() {
        return "linear-probe";
    }

    @Override
    public String meaning() {
        return "a linear softmax classifier on frozen features";
    }

    @Override
    public Class<LinearProbeSettings> settings() {
        return LinearProbeSettings.class;
    }

    @Override
    public Learner create(String name, Run run, LinearProbeSettings settings) {
        return new LinearProbe(name, run, settings);
    }

    @Override
    public long hostBytes(Run run, LinearProbeSettings settings) {
        return settings.replayed() ? FeatureReplay.bytes(settings.replay(), run.classes().size(), run.backbone().features()) : 0;
    }

    @Override
    public String forFewerHostBytes(String name) {
        return Method.key(name, "replay.statistics") + "=variance";
    }
}
