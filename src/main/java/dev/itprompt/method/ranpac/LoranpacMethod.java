package dev.itprompt.method.ranpac;

import dev.itprompt.linear.Matrix;
import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;
import dev.itprompt.method.ridge.RandomFeatures;
import java.util.random.RandomGenerator;

/** RanPAC with a truncated decomposition in place of the Gram matrix: see {@link TruncatedProjection}. */
public final class LoranpacMethod implements Method<LoranpacSettings> {

    @Override
    public String name() {
        return "loranpac";
    }

    @Override
    public String meaning() {
        return "LoRanPAC: RanPAC on the largest singular values of the random features alone";
    }

    @Override
    public Class<LoranpacSettings> settings() {
        return LoranpacSettings.class;
    }

    @Override
    public Learner create(String name, Run run, LoranpacSettings settings) {
        RandomGenerator random = run.streams().stream("ranpac.projection");
        RandomFeatures map = RandomFeatures.draw(run.backbone().features(), settings.projection(), random::nextGaussian, RandomFeatures::relu);
        return FrozenFeatures.of(name, new TruncatedProjection(settings, map), run.store());
    }

    @Override
    public long hostBytes(Run run, LoranpacSettings settings) {
        return Matrix.bytes(settings.projection(), run.backbone().features()) + 7 * Matrix.bytes(settings.projection(), settings.rank())
                + 4 * Matrix.bytes(settings.projection(), run.classes().size());
    }
}
