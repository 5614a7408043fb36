package dev.itprompt.method.replay;

import dev.itprompt.DivergenceException;
import dev.itprompt.train.State;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;
import org.apache.commons.math3.linear.RealMatrix;

/** A normal distribution of features. */
public sealed interface Gaussian {

    /** Added to variances, so that few images leave no direction without any. */
    double RIDGE = 1e-4;

    /** E numbers. */
    double[] mean();

    /** Saves or loads one; {@code present} may be null when it is loaded. */
    static Gaussian visit(State state, Gaussian present) {
        double[] mean = state.doubles("mean", present == null ? null : present.mean());
        boolean full = state.flag("full", present instanceof Full);
        double[] spread = state.doubles("spread", switch (present) {
            case null -> null;
            case Full(double[] _, double[][] factor) -> Full.packed(factor);
            case Diagonal(double[] _, double[] deviation) -> deviation;
        });
        return full ? new Full(mean, Full.unpacked(spread, mean.length)) : new Diagonal(mean, spread);
    }

    /** One row drawn: as many standard normal numbers as there are columns, in their order. */
    float[] draw(RandomGenerator random);

    /**
     * A distribution with any covariance.
     *
     * @param factor lower Cholesky factor of the covariance
     */
    record Full(double[] mean, double[][] factor) implements Gaussian {

        private static final double SYMMETRY = 1e-8;

        /**
         * @param covariance symmetric, [E][E]
         * @throws DivergenceException if it is not positive definite
         */
        public static Full of(double[] mean, double[][] covariance) {
            try {
                RealMatrix matrix = new Array2DRowRealMatrix(covariance, false);
                return new Full(mean, new CholeskyDecomposition(matrix, SYMMETRY, 0).getL().getData());
            } catch (NonPositiveDefiniteMatrixException e) {
                throw new DivergenceException("the covariance of a class's features has no Cholesky factor; keep variances alone");
            }
        }

        /** The rows of a lower factor, one after another and without the zeros. */
        private static double[] packed(double[][] factor) {
            double[] packed = new double[factor.length * (factor.length + 1) / 2];
            for (int i = 0; i < factor.length; i++) {
                System.arraycopy(factor[i], 0, packed, i * (i + 1) / 2, i + 1);
            }
            return packed;
        }

        private static double[][] unpacked(double[] packed, int width) {
            double[][] factor = new double[width][width];
            for (int i = 0; i < width; i++) {
                System.arraycopy(packed, i * (i + 1) / 2, factor[i], 0, i + 1);
            }
            return factor;
        }

        @Override
        public float[] draw(RandomGenerator random) {
            double[] noise = new double[mean.length];
            float[] row = new float[mean.length];
            for (int i = 0; i < row.length; i++) {
                noise[i] = random.nextGaussian();
                double sum = mean[i];
                for (int j = 0; j <= i; j++) {
                    sum += factor[i][j] * noise[j];
                }
                row[i] = (float) sum;
            }
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
        public float[] draw(RandomGenerator random) {
            float[] row = new float[mean.length];
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) (mean[i] + deviation[i] * random.nextGaussian());
            }
            return row;
        }
    }
}
