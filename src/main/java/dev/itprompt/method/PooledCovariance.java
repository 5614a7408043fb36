package dev.itprompt.method;

import dev.itprompt.train.State;
import dev.itprompt.train.Stateful;
import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The covariance that all classes have in common, collected class by class; only sums are kept. Its eigenvalues are cross-validated
 * (NERCOME, Lam 2016, Nonparametric eigenvalue-regularized precision or covariance matrix estimator): directions are those of one
 * half of the images, the variance along each is measured on the other half, and the two estimates are averaged. Where images are few for
 * the width this takes back what the sample covariance makes too large and too small, without a setting; where they are many it
 * changes nothing.
 */
public final class PooledCovariance implements Stateful {

    private static final int PARTS = 2;
    /** Smallest variance in a direction, as a share of the mean variance. */
    private static final double FLOOR = 1e-6;

    private final double[] sumOfMeans;
    private final double[][][] scatter;
    private final double[] rows = new double[PARTS];
    private int classes;
    private Whitening whitening;

    /** @param width E, columns of a feature */
    public PooledCovariance(int width) {
        this.sumOfMeans = new double[width];
        this.scatter = new double[PARTS][width][width];
    }

    /** Adds one class by its features, at least one; a single one says nothing about the spread. */
    public void addClass(float[][] features) {
        whitening = null;
        double[] mean = FeatureMatrix.mean(features);
        for (int i = 0; i < mean.length; i++) {
            sumOfMeans[i] += mean[i];
        }
        classes++;
        // Deviations from the mean of the same images are too small by this.
        double unbiased = features.length / Math.max(1.0, features.length - 1);
        for (int part = 0; part < PARTS && features.length > 1; part++) {
            float[][] own = every(features, part);
            FeatureMatrix.addScaled(scatter[part], FeatureMatrix.scatter(own, mean), unbiased);
            rows[part] += own.length;
        }
    }

    @Override
    public void visit(State state) {
        whitening = null;
        classes = state.integer("classes", classes);
        copy(state.doubles("means", sumOfMeans), sumOfMeans);
        copy(state.doubles("rows", rows), rows);
        for (int part = 0; part < PARTS; part++) {
            double[][] stored = state.square("scatter." + part, scatter[part]);
            for (int i = 0; i < stored.length; i++) {
                copy(stored[i], scatter[part][i]);
            }
        }
    }

    private static void copy(double[] from, double[] to) {
        if (from.length != to.length) {
            throw new IllegalArgumentException("features of width " + to.length + ", stored are " + from.length);
        }
        System.arraycopy(from, 0, to, 0, to.length);
    }

    private static float[][] every(float[][] features, int part) {
        float[][] own = new float[(features.length - part + PARTS - 1) / PARTS][];
        Arrays.setAll(own, i -> features[PARTS * i + part]);
        return own;
    }

    /** The whitening of all classes so far, at least one. */
    public Whitening whitening() {
        if (whitening == null) {
            whitening = Whitening.of(this);
        }
        return whitening;
    }

    /** The mean of the classes' means, each counting the same. */
    double[] meanOfMeans() {
        double[] mean = sumOfMeans.clone();
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= classes;
        }
        return mean;
    }

    /** The estimate [E][E], positive definite; the identity as long as no class had more than one image. */
    double[][] estimate() {
        int width = sumOfMeans.length;
        double[][] sum = new double[width][width];
        double trace = 0;
        for (int part = 0; part < PARTS; part++) {
            for (int i = 0; i < width; i++) {
                trace += scatter[part][i][i] / width;
            }
        }
        double variance = trace / Math.max(1, rows[0] + rows[1]);
        if (variance == 0) {
            for (int i = 0; i < width; i++) {
                sum[i][i] = 1;
            }
            return sum;
        }
        for (int part = 0; part < PARTS; part++) {
            addCrossValidated(sum, scatter[part], scatter[1 - part], rows[1 - part], FLOOR * variance);
        }
        return sum;
    }

    /** Adds a half of the covariance with the directions of one part and the variances of the other along them. */
    private static void addCrossValidated(double[][] sum, double[][] directions, double[][] variances, double rows, double floor) {
        int width = sum.length;
        RealMatrix v = new EigenDecomposition(new Array2DRowRealMatrix(directions, false)).getV();
        RealMatrix along = new Array2DRowRealMatrix(variances, false).multiply(v);
        for (int k = 0; k < width; k++) {
            double[] direction = v.getColumn(k);
            double[] projected = along.getColumn(k);
            double value = 0;
            for (int i = 0; i < width; i++) {
                value += direction[i] * projected[i];
            }
            double share = Math.max(floor, value / rows) / PARTS;
            for (int i = 0; i < width; i++) {
                double factor = share * direction[i];
                for (int j = 0; j < width; j++) {
                    sum[i][j] += factor * direction[j];
                }
            }
        }
    }
}
