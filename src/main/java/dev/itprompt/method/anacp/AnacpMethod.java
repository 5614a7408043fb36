package dev.itprompt.method.anacp;

import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;
import dev.itprompt.method.ridge.RandomFeatures;
import dev.itprompt.method.ridge.RidgeRegression;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Analytic contrastive projection: see {@link Anacp}. */
public final class AnacpMethod implements Method<AnacpSettings> {

    @Override
    public String name() {
        return "anacp";
    }

    @Override
    public String meaning() {
        return "AnaCP: analytic contrastive projection, ridge regressions towards class means that are spread apart";
    }

    @Override
    public Class<AnacpSettings> settings() {
        return AnacpSettings.class;
    }

    @Override
    public Learner create(String name, Run run, AnacpSettings settings) {
        int width = run.backbone().features();
        List<RandomFeatures> layers = new ArrayList<>();
        for (int k = 0; k <= settings.heads(); k++) {
            RandomGenerator random = run.streams().stream("anacp.projection", k);
            layers.add(RandomFeatures.draw(width, settings.projection(), random::nextGaussian, RandomFeatures::gelu));
        }
        RandomFeatures last = layers.removeLast();
        return FrozenFeatures.of(name, new Anacp(settings, layers, last, width, seen -> run.streams().stream("anacp.replay", seen)), run.store());
    }

    @Override
    public long hostBytes(Run run, AnacpSettings settings) {
        return (settings.heads() + 1) * RidgeRegression.bytes(settings.projection(), run.backbone().features(),
                Math.max(run.backbone().features(), run.classes().size()));
    }
}
