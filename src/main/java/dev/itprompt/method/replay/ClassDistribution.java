package dev.itprompt.method.replay;

import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What is kept of one class's features.
 *
 * @param centroids means that stand for the class where features are compared
 * @param parts     distributions of equal weight, at least one
 */
public record ClassDistribution(List<double[]> centroids, List<Gaussian> parts) {

    /** Mean and sample covariance. */
    public static ClassDistribution covariance(float[][] rows) {
        double[][] covariance = Moments.covariance(rows);
        for (int i = 0; i < covariance.length; i++) {
            covariance[i][i] += Gaussian.RIDGE;
        }
        return of(Gaussian.Full.of(FeatureMatrix.mean(rows), covariance));
    }

    /** Mean and sample variances. */
    public static ClassDistribution variance(float[][] rows) {
        return of(Gaussian.Diagonal.of(FeatureMatrix.mean(rows), Moments.variance(rows, Math.max(1, rows.length - 1))));
    }

    private static ClassDistribution of(Gaussian gaussian) {
        return new ClassDistribution(List.of(gaussian.mean()), List.of(gaussian));
    }

    /**
     * Mean and population variances of each cluster. A cluster whose rows are all equal is a centroid, but nothing is drawn from
     * it, unless all are like that.
     *
     * @param clusters rows of each, at least one
     */
    public static ClassDistribution centroids(List<float[][]> clusters) {
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
        return new ClassDistribution(centroids, parts);
    }

    /** Saves or loads one; {@code present} may be null when it is loaded. */
    static ClassDistribution visit(State state, ClassDistribution present) {
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
        return new ClassDistribution(centroids, parts);
    }

    /**
     * Adds rows drawn from each part.
     *
     * @param count of each part
     */
    void draw(int count, RandomGenerator random, List<float[]> target) {
        for (Gaussian part : parts) {
            for (int i = 0; i < count; i++) {
                target.add(part.draw(random));
            }
        }
    }
}
