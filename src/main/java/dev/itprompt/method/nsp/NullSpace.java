package dev.itprompt.method.nsp;

import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * Projections onto the directions that a Gram matrix has least of: {@code share·B + (1 − share)·I}, B being U₀·U₀ᵀ divided by its Frobenius norm
 * and U₀ the eigenvectors from the bend of the eigenvalues' curve on (Lu et al. 2024, VPT-NSP², section 4 and its published code).
 */
final class NullSpace {

    /** So many values are smoothed before the bend is looked for. */
    private static final int MANY = 128;
    private static final double SIGMA = 10;
    private static final int RADIUS = 40;
    /** Of the smoothed values, half of it at either end, where no bend is looked for. */
    private static final double LEFT_OUT = 0.03;

    private NullSpace() {}

    /**
     * The projection, symmetric.
     *
     * @param gram  [n][n], symmetric and positive semi-definite
     * @param share of the null space
     */
    static double[][] projection(double[][] gram, double share) {
        int n = gram.length;
        EigenDecomposition eigen = new EigenDecomposition(symmetric(gram));
        int from = bend(eigen.getRealEigenvalues());
        double[][] vectors = IntStream.range(from, n).mapToObj(k -> eigen.getEigenvector(k).toArray()).toArray(double[][]::new);
        double norm = Math.sqrt(vectors.length);
        double[][] projection = new double[n][n];
        IntStream.range(0, n).parallel().forEach(i -> {
            for (double[] vector : vectors) {
                double factor = share * vector[i] / norm;
                for (int j = 0; j < n; j++) {
                    projection[i][j] += factor * vector[j];
                }
            }
            projection[i][i] += 1 - share;
        });
        return projection;
    }

    /** What rounding has left of the symmetry made exact: the decomposition takes another way for a matrix without it, which may not end. */
    private static Array2DRowRealMatrix symmetric(double[][] gram) {
        double[][] mean = new double[gram.length][gram.length];
        for (int i = 0; i < gram.length; i++) {
            for (int j = 0; j < gram.length; j++) {
                mean[i][j] = (gram[i][j] + gram[j][i]) / 2;
            }
        }
        return new Array2DRowRealMatrix(mean, false);
    }

    /**
     * Where the null space begins: the last value as large as the one at which the curve bends most, that is has its largest second difference.
     *
     * @param values in descending order
     */
    static int bend(double[] values) {
        int n = values.length;
        if (n < 3) {
            return n - 1;
        }
        boolean many = n >= MANY;
        double[] curve = many ? smoothed(values) : values;
        int margin = many ? (int) (n * LEFT_OUT / 2) : 0;
        int best = margin;
        for (int i = margin; i < n - 2 - margin; i++) {
            best = second(curve, i) > second(curve, best) ? i : best;
        }
        double threshold = values[best + 1];
        int last = best + 1;
        while (last + 1 < n && values[last + 1] >= threshold) {
            last++;
        }
        return last;
    }

    private static double second(double[] curve, int i) {
        return curve[i] - 2 * curve[i + 1] + curve[i + 2];
    }

    /** Behind a Gaussian, values mirrored at the ends. */
    private static double[] smoothed(double[] values) {
        double[] kernel = IntStream.rangeClosed(-RADIUS, RADIUS).mapToDouble(i -> Math.exp(-i * i / (2 * SIGMA * SIGMA))).toArray();
        double sum = Arrays.stream(kernel).sum();
        int n = values.length;
        return IntStream.range(0, n).mapToDouble(i -> IntStream.rangeClosed(-RADIUS, RADIUS).mapToDouble(k -> {
            int at = Math.floorMod(i + k, 2 * n);
            return kernel[k + RADIUS] / sum * values[at < n ? at : 2 * n - 1 - at];
        }).sum()).toArray();
    }

    /** {@code left·step·right} of a step [P, D]. */
    static Tensor between(double[][] left, Tensor step, double[][] right) {
        int rows = left.length;
        int width = right.length;
        double[][] turned = new double[rows][width];
        IntStream.range(0, rows).parallel().forEach(i -> {
            double[] mixed = new double[width];
            for (int k = 0; k < rows; k++) {
                for (int j = 0; j < width; j++) {
                    mixed[j] += left[i][k] * step.get(k * width + j);
                }
            }
            for (int k = 0; k < width; k++) {
                for (int j = 0; j < width; j++) {
                    turned[i][j] += mixed[k] * right[k][j];
                }
            }
        });
        Tensor result = step.copy();
        for (int i = 0; i < rows * width; i++) {
            result.set(i, (float) turned[i / width][i % width]);
        }
        return result;
    }
}
