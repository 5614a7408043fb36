package dev.itprompt.method.replay;

import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What is kept of one class's features instead of its images (HiDe-Prompt, Wang et al. 2023): a mixture of Gaussians, from which
 * pseudo-features are drawn.
 *
 * @param mean      of its features, E numbers
 * @param centroids means that stand for the class where features are compared
 * @param parts     distributions of equal weight, at least one
 */
public record ClassDistribution(double[] mean, List<double[]> centroids, List<Gaussian> parts) {

    /** Images for each column of a feature that a class needs for half of a shrunk covariance to be its own. */
    private static final double IMAGES_PER_COLUMN = 4;

    /** Mean and sample covariance. */
    public static ClassDistribution covariance(float[][] rows) {
        return of(full(rows));
    }

    /** The same, shrunk towards the covariance of all classes the more the fewer rows there are. */
    public static ClassDistribution shrunk(float[][] rows) {
        Gaussian.Full full = full(rows);
        return of(new Gaussian.Shrunk(full.mean(), full.columns(), rows.length / (rows.length + IMAGES_PER_COLUMN * full.mean().length)));
    }

    private static Gaussian.Full full(float[][] rows) {
        double[][] covariance = Moments.covariance(rows);
        for (int i = 0; i < covariance.length; i++) {
            covariance[i][i] += Gaussian.RIDGE;
        }
        return Gaussian.Full.of(FeatureMatrix.mean(rows), covariance);
    }

    /** Mean and sample variances. */
    public static ClassDistribution variance(float[][] rows) {
        return of(Gaussian.Diagonal.of(FeatureMatrix.mean(rows), Moments.variance(rows, Math.max(1, rows.length - 1))));
    }

    private static ClassDistribution of(Gaussian gaussian) {
        return new ClassDistribution(gaussian.mean(), List.of(gaussian.mean()), List.of(gaussian));
    }

    /**
     * Mean and population variances of each cluster. A cluster whose rows are all equal is a centroid, but nothing is drawn from
     * it, unless all are like that.
     *
     * @param rows     all of them
     * @param clusters rows of each, at least one
     */
    public static ClassDistribution centroids(float[][] rows, List<float[][]> clusters) {
        List<double[]> centroids = new ArrayList<>();
        List<Gaussian> parts = new ArrayList<>();
        for (float[][] cluster : clusters) {
            double[] variance = Moments.variance(cluster, cluster.length);
            centroids.add(FeatureMatrix.mean(cluster));
            if (Arrays.stream(variance).sum() > 0) {
                parts.add(Gaussian.Diagonal.of(centroids.getLast(), variance));
            }
        }
        if (parts.isEmpty()) {
            centroids.forEach(mean -> parts.add(Gaussian.Diagonal.of(mean, new double[mean.length])));
        }
        return new ClassDistribution(FeatureMatrix.mean(rows), centroids, parts);
    }

    /** Saves or loads one; {@code present} may be null when it is loaded. */
    static ClassDistribution visit(State state, ClassDistribution present) {
        double[] mean = state.doubles("mean", present == null ? null : present.mean);
        int count = state.integer("centroids", present == null ? 0 : present.centroids.size());
        List<double[]> centroids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            centroids.add(state.doubles("centroid." + i, present == null ? null : present.centroids.get(i)));
        }
        count = state.integer("parts", present == null ? 0 : present.parts.size());
        List<Gaussian> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parts.add(Gaussian.visit(state.in("part." + i), present == null ? null : present.parts.get(i)));
        }
        return new ClassDistribution(mean, centroids, parts);
    }

    /**
     * Adds rows drawn from each part.
     *
     * @param count  of each part
     * @param common see {@link Gaussian#draw}
     */
    void draw(int count, float[][] common, RandomGenerator random, List<float[]> target) {
        for (Gaussian part : parts) {
            for (int i = 0; i < count; i++) {
                target.add(part.draw(common, random));
            }
        }
    }
}
