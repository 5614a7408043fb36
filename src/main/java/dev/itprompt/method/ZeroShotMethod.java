package dev.itprompt.method;

import java.util.Set;

/** CLIP as it is, the nearest class text: see {@link FrozenFeatures#zeroShot}. */
final class ZeroShotMethod implements Method<NoSettings> {

    @Override
    public String name() {
        return "zero-shot";
    }

    @Override
    public String meaning() {
        return "CLIP as it is, the nearest class text";
    }

    @Override
    public Class<NoSettings> settings() {
        return NoSettings.class;
    }

    @Override
    public Set<Need> needs(NoSettings settings) {
        return Set.of(Need.TEXTS);
    }

    @Override
    public Learner create(String name, Run run, NoSettings settings) {
        return FrozenFeatures.zeroShot(name, run.texts(), run.backbone().clip().logitFactor(), run.store());
    }
}
