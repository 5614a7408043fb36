package dev.itprompt.method.lda;

import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.NoSettings;
import dev.itprompt.method.Run;

/** Linear discriminant analysis of frozen features: see {@link Lda}. */
public final class LdaMethod implements Method<NoSettings> {

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
        return FrozenFeatures.of(name, new Lda(run.backbone().features()), run.store());
    }
}
