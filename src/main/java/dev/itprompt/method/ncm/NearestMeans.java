package dev.itprompt.method.ncm;

import dev.itprompt.RandomStreams;
import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.train.State;
import java.util.Arrays;

/** The nearest class mean of φ(u): C-NCM with one cluster and no prompts. */
final class NearestMeans implements FrozenFeatures.RowClassifier {

    private final Cncm cncm;
    private final RandomStreams streams;

    NearestMeans(NcmSettings settings, RandomStreams streams) {
        this.cncm = new Cncm(new CncmSettings(1, settings.power(), false, 0));
        this.streams = streams;
    }

    @Override
    public void addClass(float[][] features) {
        cncm.addClass(features, streams.stream("kmeans.ncm", cncm.classes()));
    }

    @Override
    public double[] scores(float[] feature, int classes) {
        return Arrays.copyOf(cncm.scores(feature), classes);
    }

    /** They are cosines, whose scale nothing sets. */
    @Override
    public boolean givesLogits() {
        return false;
    }

    @Override
    public void visit(State state) {
        cncm.visit(state.in("ncm"));
    }
}
