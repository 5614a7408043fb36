package dev.itprompt.method.simplecil;

import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.Run;
import java.util.List;
import java.util.Set;

/** Class prototypes of frozen features, mixed with class texts: see {@link Prototypes}. */
public final class SimpleCilMethod implements Method<SimpleCilSettings> {

    @Override
    public String name() {
        return "simplecil";
    }

    @Override
    public String meaning() {
        return "SimpleCIL: class prototypes of frozen features, mixed with class texts";
    }

    @Override
    public Class<SimpleCilSettings> settings() {
        return SimpleCilSettings.class;
    }

    @Override
    public Set<Need> needs(SimpleCilSettings settings) {
        return settings.imageShare() == 1 ? Set.of() : Set.of(Need.TEXTS);
    }

    @Override
    public List<String> without(Need need, SimpleCilSettings settings) {
        return List.of("imageShare=1");
    }

    @Override
    public Learner create(String name, Run run, SimpleCilSettings settings) {
        return FrozenFeatures.of(name, new Prototypes(settings, settings.imageShare() == 1 ? null : run.texts()), run.store());
    }
}
