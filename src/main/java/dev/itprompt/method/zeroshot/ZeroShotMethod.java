package dev.itprompt.method.zeroshot;

import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.NoSettings;
import dev.itprompt.method.Run;
import java.util.Set;

/** CLIP as it is, the nearest class text: see {@link NearestTexts}. */
public final class ZeroShotMethod implements Method<NoSettings> {

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
        return FrozenFeatures.of(name, new NearestTexts(run.texts(), run.backbone().clip().logitFactor()), run.store());
    }
}
