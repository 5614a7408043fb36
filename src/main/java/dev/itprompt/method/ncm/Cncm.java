package dev.itprompt.method.ncm;

import dev.itprompt.method.Clusters;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.Whitening;
import dev.itprompt.train.State;
import dev.itprompt.train.Stateful;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * C-NCM: the cluster-based nearest-class-mean classifier of IT-Prompt. Features are normalised, put through a signed power
 * (Tukey's transform for features of either sign) and normalised again; each class is kept as the centres of a few clusters;
 * an image belongs to the class with the nearest centre by cosine. A new class changes nothing of the old ones.
 *
 * <p>With whitening, clusters are kept as means of raw features and both they and the images are whitened by the covariance of all
 * classes seen so far before φ.
 */
public final class Cncm implements Stateful {

    private final CncmSettings settings;
    private List<float[][]> means = new ArrayList<>();
    private List<float[][]> centers = new ArrayList<>();
    private Whitening whitening;

    /** One that knows no class. */
    public Cncm(CncmSettings settings) {
        this.settings = settings;
    }

    /** φ: normalise, {@code sign(a)·|a|^power}, normalise. */
    float[] transform(float[] feature) {
        float[] x = FeatureMatrix.normalized(whitening == null ? feature : whitening.apply(feature));
        if (settings.power() == 1) {
            return x;
        }
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.copySign((float) Math.pow(Math.abs(x[i]), settings.power()), x[i]);
        }
        return FeatureMatrix.normalized(x);
    }

    /** Replaces the whitening when the settings ask for one; centres of all classes follow it. */
    public void whiten(Whitening next) {
        if (settings.whiten()) {
            whitening = next;
            centers = new ArrayList<>();
            for (float[][] rows : means) {
                centers.add(Arrays.stream(rows).map(this::transform).toArray(float[][]::new));
            }
        }
    }

    /** Adds the next class by the features of its training images; with whitening, {@link #whiten} must have been called. */
    public void addClass(float[][] features, RandomGenerator random) {
        Map<float[], float[]> rawOf = new IdentityHashMap<>();
        float[][] transformed = new float[features.length][];
        for (int i = 0; i < features.length; i++) {
            transformed[i] = transform(features[i]);
            rawOf.put(transformed[i], features[i]);
        }
        List<float[]> found = new ArrayList<>();
        List<float[]> raw = new ArrayList<>();
        for (float[][] cluster : Clusters.of(transformed, settings.clusters(), random)) {
            found.add(FeatureMatrix.normalized(mean(cluster)));
            raw.add(mean(Arrays.stream(cluster).map(rawOf::get).toArray(float[][]::new)));
        }
        centers.add(found.toArray(float[][]::new));
        means.add(raw.toArray(float[][]::new));
    }

    private static float[] mean(float[][] rows) {
        double[] mean = FeatureMatrix.mean(rows);
        float[] result = new float[mean.length];
        for (int i = 0; i < mean.length; i++) {
            result[i] = (float) mean[i];
        }
        return result;
    }

    /** Number of classes known. */
    public int classes() {
        return centers.size();
    }

    /** One score per class known: the largest cosine, or a log-sum-exp over clusters when a temperature is set. */
    public double[] scores(float[] feature) {
        float[] x = transform(feature);
        double[] scores = new double[centers.size()];
        for (int c = 0; c < scores.length; c++) {
            double best = Double.NEGATIVE_INFINITY;
            double[] cosines = new double[centers.get(c).length];
            for (int k = 0; k < cosines.length; k++) {
                cosines[k] = FeatureMatrix.dot(x, centers.get(c)[k]);
                best = Math.max(best, cosines[k]);
            }
            scores[c] = settings.temperature() == 0 ? best : soft(cosines, best);
        }
        return scores;
    }

    private double soft(double[] cosines, double best) {
        double sum = 0;
        for (double cosine : cosines) {
            sum += Math.exp((cosine - best) / settings.temperature());
        }
        return best + settings.temperature() * Math.log(sum);
    }

    @Override
    public void visit(State state) {
        whitening = Whitening.visit(state.in("input"), whitening);
        centers = visit(state, "centers", centers);
        means = visit(state, "means", means);
    }

    private static List<float[][]> visit(State state, String name, List<float[][]> present) {
        int count = state.integer(name + ".count", present.size());
        List<float[][]> result = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            result.add(FeatureMatrix.rows(state.tensor(name + "." + c, state.isLoading() ? null : FeatureMatrix.of(present.get(c)))));
        }
        return result;
    }

    /** Number of stored numbers. */
    long size() {
        return centers.stream().mapToLong(rows -> (long) rows.length * rows[0].length).sum();
    }
}
