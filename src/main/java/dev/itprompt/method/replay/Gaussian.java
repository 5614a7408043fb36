package dev.itprompt.method.replay;

import dev.itprompt.DivergenceException;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.State;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;

/** A normal distribution of features. */
public sealed interface Gaussian {

    /** Added to variances, so that few images leave no direction without any. */
    double RIDGE = 1e-4;

    /** E numbers. */
    double[] mean();

    /** Saves or loads one; {@code present} may be null when it is loaded. */
    static Gaussian visit(State state, Gaussian present) {
        double[] mean = state.doubles("mean", present == null ? null : present.mean());
        String kind = state.text("kind", present == null ? "" : present.getClass().getSimpleName());
        return switch (kind) {
            case "Full" -> new Full(mean, Full.visit(state, present instanceof Full full ? full.columns : null, mean.length));
            case "Shrunk" -> new Shrunk(mean, Full.visit(state, present instanceof Shrunk shrunk ? shrunk.columns : null, mean.length),
                    state.doubles("own", new double[] {present instanceof Shrunk shrunk ? shrunk.own : 0})[0]);
            case "Diagonal" -> new Diagonal(mean, state.doubles("deviations", present instanceof Diagonal diagonal ? diagonal.deviation : null));
            default -> throw new IllegalArgumentException("statistics of kind '" + kind + "'");
        };
    }

    /**
     * One row drawn: as many standard normal numbers as there are columns, in their order; twice as many for {@link Shrunk}.
     *
     * @param common columns of a lower Cholesky factor of the covariance that all classes share; read by {@link Shrunk} alone
     */
    float[] draw(float[][] common, RandomGenerator random);

    /**
     * A distribution with any covariance.
     *
     * @param columns of the lower Cholesky factor of the covariance
     */
    record Full(double[] mean, float[][] columns) implements Gaussian {

        private static final double SYMMETRY = 1e-8;

        /**
         * @param covariance symmetric, [E][E]
         * @throws DivergenceException if it is not positive definite
         */
        public static Full of(double[] mean, double[][] covariance) {
            try {
                double[][] rows = new CholeskyDecomposition(new Array2DRowRealMatrix(covariance, false), SYMMETRY, 0).getLT().getData();
                float[][] columns = new float[rows.length][rows.length];
                for (int j = 0; j < rows.length; j++) {
                    for (int i = j; i < rows.length; i++) {
                        columns[j][i] = (float) rows[j][i];
                    }
                }
                return new Full(mean, columns);
            } catch (NonPositiveDefiniteMatrixException e) {
                throw new DivergenceException("the covariance of a class's features has no Cholesky factor; set the method's "
                        + "replay.statistics=variance");
            }
        }

        /** Saves or loads columns of a lower factor, one after another and without the zeros. */
        private static float[][] visit(State state, float[][] present, int width) {
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

        /** One row drawn. */
        public float[] draw(RandomGenerator random) {
            float[] row = floats(mean);
            spread(columns, 1, random, row);
            return row;
        }

        @Override
        public float[] draw(float[][] common, RandomGenerator random) {
            return draw(random);
        }

        /** Adds the spread that belongs to a row of normal numbers of some deviation, which are drawn first. */
        private static void spread(float[][] columns, double deviation, RandomGenerator random, float[] row) {
            float[] noise = noise(row.length, deviation, random);
            for (int j = 0; j < row.length; j++) {
                float[] column = columns[j];
                float factor = noise[j];
                for (int i = j; i < row.length; i++) {
                    row[i] += factor * column[i];
                }
            }
        }
    }

    /**
     * A distribution of which a share of the variance is its own, the rest that of all classes.
     *
     * @param columns of the lower Cholesky factor of its own covariance
     * @param own     share of its own covariance, 0 to 1
     */
    record Shrunk(double[] mean, float[][] columns, double own) implements Gaussian {

        @Override
        public float[] draw(float[][] common, RandomGenerator random) {
            float[] row = floats(mean);
            Full.spread(columns, Math.sqrt(own), random, row);
            Full.spread(common, Math.sqrt(1 - own), random, row);
            return row;
        }
    }

    /** A distribution of independent columns. */
    record Diagonal(double[] mean, double[] deviation) implements Gaussian {

        static Diagonal of(double[] mean, double[] variance) {
            double[] deviation = new double[variance.length];
            for (int i = 0; i < deviation.length; i++) {
                deviation[i] = Math.sqrt(variance[i] + RIDGE);
            }
            return new Diagonal(mean, deviation);
        }

        @Override
        public float[] draw(float[][] common, RandomGenerator random) {
            float[] row = floats(mean);
            float[] noise = noise(row.length, 1, random);
            for (int i = 0; i < row.length; i++) {
                row[i] += (float) (noise[i] * deviation[i]);
            }
            return row;
        }
    }

    private static float[] floats(double[] mean) {
        float[] row = new float[mean.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) mean[i];
        }
        return row;
    }

    private static float[] noise(int count, double deviation, RandomGenerator random) {
        float[] noise = new float[count];
        for (int i = 0; i < count; i++) {
            noise[i] = (float) (deviation * random.nextGaussian());
        }
        return noise;
    }
}
