package dev.itprompt.method.rapf;

import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.Run;
import java.util.Set;

/** One linear map of image features, trained against texts: see {@link Rapf}. */
public final class RapfMethod implements Method<RapfSettings> {

    @Override
    public String name() {
        return "rapf";
    }

    @Override
    public String meaning() {
        return "RAPF: a linear map of CLIP's image features, trained against texts and mixed with the map before";
    }

    @Override
    public Class<RapfSettings> settings() {
        return RapfSettings.class;
    }

    @Override
    public Set<Need> needs(RapfSettings settings) {
        return Set.of(Need.TEXTS);
    }

    @Override
    public long hostBytes(Run run, RapfSettings settings) {
        return (long) Double.BYTES * run.classes().size() * run.backbone().features() * run.backbone().features();
    }

    @Override
    public Learner create(String name, Run run, RapfSettings settings) {
        return new Rapf(name, run, settings);
    }

    @Override
    public String forFewerHostBytes(String name) {
        return "";
    }
}
