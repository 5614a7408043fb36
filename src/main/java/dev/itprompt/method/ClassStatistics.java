package dev.itprompt.method;

import dev.itprompt.DivergenceException;
import dev.itprompt.method.ItPromptSettings.ReplaySettings;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * What is kept of one class's features instead of its images: a mixture of Gaussians of equal weight, from which
 * pseudo-features are drawn (HiDe-Prompt, Wang et al. 2023).
 */
public final class ClassStatistics {

    private static final double RIDGE = 1e-4;
    /** Images for each column of a feature that a class needs for half of a shrunk covariance to be its own. */
    private static final double IMAGES_PER_COLUMN = 4;

    /** One Gaussian. */
    private sealed interface Component {

        double[] mean();

        /** Adds the spread that belongs to a row of standard normal numbers. */
        void spread(float[] noise, float[] sample);

        /** Columns of the lower Cholesky factor of the covariance. */
        record Full(double[] mean, float[][] columns) implements Component {
            @Override
            public void spread(float[] noise, float[] sample) {
                for (int j = 0; j < noise.length; j++) {
                    float[] column = columns[j];
                    float factor = noise[j];
                    for (int i = j; i < sample.length; i++) {
                        sample[i] += factor * column[i];
                    }
                }
            }
        }

        /**
         * As {@link Full} for a share of the variance, the rest that of all classes.
         *
         * @param own share of the class's own covariance, 0 to 1
         */
        record Shrunk(double[] mean, float[][] columns, double own) implements Component {
            @Override
            public void spread(float[] noise, float[] sample) {
                throw new IllegalStateException("needs the covariance of all classes");
            }
        }

        /** Standard deviations of independent columns. */
        record Diagonal(double[] mean, double[] deviations) implements Component {
            @Override
            public void spread(float[] noise, float[] sample) {
                for (int i = 0; i < sample.length; i++) {
                    sample[i] += (float) (noise[i] * deviations[i]);
                }
            }
        }
    }

    private final double[] mean;
    private final List<Component> components;

    private ClassStatistics(double[] mean, List<Component> components) {
        this.mean = mean;
        this.components = components;
    }

    /**
     * Fits one class.
     *
     * @param features finite rows of one class, at least one; with a single row the spread is the ridge of 1e-4 alone
     * @throws DivergenceException if their covariance cannot be factored
     */
    public static ClassStatistics of(float[][] features, ReplaySettings settings, RandomGenerator random) {
        double[] mean = FeatureMatrix.mean(features);
        List<Component> components = switch (settings.statistics()) {
            case SHRUNK -> List.of(new Component.Shrunk(mean, full(features, mean).columns(),
                    features.length / (features.length + IMAGES_PER_COLUMN * mean.length)));
            case COVARIANCE -> List.of(full(features, mean));
            case VARIANCE -> List.of(diagonal(features, mean, Math.max(1, features.length - 1)));
            case CENTROIDS -> {
                List<Component> clusters = new ArrayList<>();
                for (float[][] cluster : Clusters.of(features, settings.centroids(), random)) {
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

    private static Component.Full full(float[][] features, double[] mean) {
        double[][] covariance = FeatureMatrix.scatter(features, mean);
        for (int i = 0; i < mean.length; i++) {
            for (int j = 0; j < mean.length; j++) {
                covariance[i][j] /= Math.max(1, features.length - 1);
            }
            covariance[i][i] += RIDGE;
        }
        RealMatrix matrix = new Array2DRowRealMatrix(covariance, false);
        double[][] rows = factor(matrix).getData();
        float[][] columns = new float[rows.length][rows.length];
        for (int j = 0; j < rows.length; j++) {
            for (int i = 0; i < rows.length; i++) {
                columns[j][i] = (float) rows[j][i];
            }
        }
        return new Component.Full(mean, columns);
    }

    /** The transposed Cholesky factor; features of very unequal size leave too little of the ridge for it. */
    private static RealMatrix factor(RealMatrix covariance) {
        try {
            return new CholeskyDecomposition(covariance, 1e-8, 0).getLT();
        } catch (NonPositiveDefiniteMatrixException e) {
            throw new DivergenceException("the covariance of a class's features has no Cholesky factor; set the "
                    + "method's replay.statistics=variance");
        }
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
        return new Component.Diagonal(mean, deviation);
    }

    /** Saves or loads one; {@code present} may be null when it is loaded. */
    static ClassStatistics visit(State state, ClassStatistics present) {
        double[] mean = state.doubles("mean", present == null ? null : present.mean);
        int count = state.integer("components", present == null ? 0 : present.components.size());
        List<Component> components = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            components.add(visit(state.in("component." + i), mean, state.isLoading() ? null : present.components.get(i)));
        }
        return new ClassStatistics(mean, components);
    }

    private static Component visit(State state, double[] mean, Component present) {
        String kind = state.text("kind", present == null ? "" : present.getClass().getSimpleName());
        return switch (kind) {
            case "Full" -> new Component.Full(mean, columns(state, mean.length, present instanceof Component.Full full ? full.columns : null));
            case "Shrunk" -> {
                Component.Shrunk shrunk = (Component.Shrunk) present;
                yield new Component.Shrunk(mean, columns(state, mean.length, shrunk == null ? null : shrunk.columns),
                        state.doubles("own", new double[] {shrunk == null ? 0 : shrunk.own})[0]);
            }
            case "Diagonal" -> {
                Component.Diagonal diagonal = (Component.Diagonal) present;
                yield new Component.Diagonal(state.doubles("mean", diagonal == null ? null : diagonal.mean),
                        state.doubles("deviations", diagonal == null ? null : diagonal.deviations));
            }
            default -> throw new IllegalArgumentException("statistics of kind '" + kind + "'");
        };
    }

    /** Columns of a lower triangular matrix, without the zeros. */
    private static float[][] columns(State state, int width, float[][] present) {
        Tensor packed = Tensor.zeros(Shape.of(width * (width + 1) / 2));
        for (int j = 0, next = 0; present != null && j < width; j++) {
            for (int i = j; i < width; i++) {
                packed.set(next++, present[j][i]);
            }
        }
        packed = state.tensor("factor", packed);
        float[][] columns = new float[width][width];
        for (int j = 0, next = 0; j < width; j++) {
            for (int i = j; i < width; i++) {
                columns[j][i] = packed.get(next++);
            }
        }
        return columns;
    }

    /** The class's mean feature. */
    public double[] mean() {
        return mean.clone();
    }

    /**
     * Draws {@code count} pseudo-features, the same number from each component up to one.
     *
     * @param common columns of a lower factor of the covariance of all classes; only asked for by shrunk statistics
     */
    float[][] sample(int count, float[][] common, RandomGenerator random) {
        float[][] samples = new float[count][];
        for (int i = 0; i < count; i++) {
            Component component = components.get(i % components.size());
            samples[i] = draw(component, common, random);
        }
        return samples;
    }

    private static float[] draw(Component component, float[][] common, RandomGenerator random) {
        float[] sample = new float[component.mean().length];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = (float) component.mean()[i];
        }
        if (component instanceof Component.Shrunk(double[] mean, float[][] columns, double own)) {
            new Component.Full(mean, columns).spread(noise(sample.length, Math.sqrt(own), random), sample);
            new Component.Full(mean, common).spread(noise(sample.length, Math.sqrt(1 - own), random), sample);
        } else {
            component.spread(noise(sample.length, 1, random), sample);
        }
        return sample;
    }

    private static float[] noise(int count, double deviation, RandomGenerator random) {
        float[] noise = new float[count];
        for (int i = 0; i < count; i++) {
            noise[i] = (float) (deviation * random.nextGaussian());
        }
        return noise;
    }
}
