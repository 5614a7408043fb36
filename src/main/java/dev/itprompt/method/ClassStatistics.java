package dev.itprompt.method;

import dev.itprompt.method.ItPromptSettings.ReplaySettings;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * What is kept of one class's features instead of its images: a mixture of Gaussians of equal weight, from which
 * pseudo-features are drawn (HiDe-Prompt, Wang et al. 2023).
 */
public final class ClassStatistics {

    private static final double RIDGE = 1e-4;
    private static final int RESTARTS = 3;

    /** One Gaussian; {@code factor} is the lower Cholesky factor, or a single row of standard deviations. */
    private record Component(double[] mean, double[][] factor) {}

    private final double[] mean;
    private final List<Component> components;

    private ClassStatistics(double[] mean, List<Component> components) {
        this.mean = mean;
        this.components = components;
    }

    /**
     * Fits one class.
     *
     * @param features rows of one class, at least one; with a single row the spread is the ridge of 1e-4 alone
     */
    public static ClassStatistics of(float[][] features, ReplaySettings settings, RandomGenerator random) {
        double[] mean = FeatureMatrix.mean(features);
        List<Component> components = switch (settings.statistics()) {
            case COVARIANCE -> List.of(full(features, mean));
            case VARIANCE -> List.of(diagonal(features, mean, Math.max(1, features.length - 1)));
            case CENTROIDS -> {
                List<Component> clusters = new ArrayList<>();
                for (float[][] cluster : Clusters.of(features, settings.centroids(), RESTARTS, random)) {
                    Component component = diagonal(cluster, FeatureMatrix.mean(cluster), cluster.length);
                    if (cluster.length > 1 || features.length == 1) {
                        clusters.add(component);
                    }
                }
                yield clusters.isEmpty() ? List.of(diagonal(features, mean, features.length)) : clusters;
            }
        };
        return new ClassStatistics(mean, components);
    }

    private static Component full(float[][] features, double[] mean) {
        double[][] covariance = FeatureMatrix.scatter(features, mean);
        for (int i = 0; i < mean.length; i++) {
            for (int j = 0; j < mean.length; j++) {
                covariance[i][j] /= Math.max(1, features.length - 1);
            }
            covariance[i][i] += RIDGE;
        }
        RealMatrix matrix = new Array2DRowRealMatrix(covariance, false);
        return new Component(mean, new CholeskyDecomposition(matrix, 1e-8, 0).getL().getData());
    }

    private static Component diagonal(float[][] features, double[] mean, int divisor) {
        double[] deviation = new double[mean.length];
        for (float[] row : features) {
            for (int i = 0; i < mean.length; i++) {
                deviation[i] += (row[i] - mean[i]) * (row[i] - mean[i]);
            }
        }
        for (int i = 0; i < mean.length; i++) {
            deviation[i] = Math.sqrt(deviation[i] / divisor + RIDGE);
        }
        return new Component(mean, new double[][] {deviation});
    }

    /** The class's mean feature. */
    public double[] mean() {
        return mean.clone();
    }

    /** Draws {@code count} pseudo-features, the same number from each component up to one. */
    public float[][] sample(int count, RandomGenerator random) {
        float[][] samples = new float[count][];
        for (int i = 0; i < count; i++) {
            Component component = components.get(i % components.size());
            samples[i] = draw(component, random);
        }
        return samples;
    }

    private static float[] draw(Component component, RandomGenerator random) {
        double[] noise = new double[component.mean().length];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = random.nextGaussian();
        }
        float[] sample = new float[noise.length];
        boolean diagonal = component.factor().length == 1 && noise.length > 1;
        for (int i = 0; i < noise.length; i++) {
            double value = component.mean()[i];
            if (diagonal) {
                value += component.factor()[0][i] * noise[i];
            } else {
                double[] row = component.factor()[i];
                for (int j = 0; j <= i; j++) {
                    value += row[j] * noise[j];
                }
            }
            sample[i] = (float) value;
        }
        return sample;
    }
}
