package dev.itprompt.method.anacp;

import dev.itprompt.linear.Matrix;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.replay.Gaussian;
import dev.itprompt.method.ridge.LabeledRows;
import dev.itprompt.method.ridge.RandomFeatures;
import dev.itprompt.method.ridge.RidgeRegression;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Analytic contrastive projection (Momeni et al. 2025). Heads regress from random features of normalised image features to
 * targets: the means of the classes, of which, whitened by the covariance that all classes share, every singular value is raised
 * by 1. The heads' outputs, each of length 1, are averaged; a second regression from random features of that to one-hot targets
 * is made at the end of each task on pseudo-features that are drawn from a normal distribution of each class, with its mean and
 * the shared covariance.
 *
 * <p>As published but for two things: the shared covariance counts every image once, where published code counts those of the
 * task at hand twice; and singular values that are 0, of which the means less their mean always have one, stay 0, as their
 * vectors are arbitrary.
 */
final class Anacp implements FrozenFeatures.Classifier {

    private static final double COVARIANCE_RIDGE = 1e-4;
    private static final double EIGENVALUE_RIDGE = 1e-8;
    /** Singular values count as 0 below this share of the largest. */
    private static final double NONE = 1e-7;

    private final AnacpSettings settings;
    private final List<RandomFeatures> layers;
    private final RandomFeatures last;
    private final IntFunction<RandomGenerator> noise;
    private final List<RidgeRegression> sums = new ArrayList<>();
    private final List<double[]> means = new ArrayList<>();
    private final double[][] scatter;
    private final List<float[][]> ofTask = new ArrayList<>();
    private final List<Matrix> heads = new ArrayList<>();
    private Matrix classifier;
    private long count;

    /**
     * @param layers of the heads
     * @param last   of the classifier
     * @param noise  standard normal numbers for the pseudo-features of all classes, by the number of classes seen
     */
    Anacp(AnacpSettings settings, List<RandomFeatures> layers, RandomFeatures last, int width, IntFunction<RandomGenerator> noise) {
        this.settings = settings;
        this.layers = layers;
        this.last = last;
        this.noise = noise;
        this.scatter = new double[width][width];
        layers.forEach(layer -> sums.add(new RidgeRegression(layer.size())));
    }

    @Override
    public void addClass(float[][] features) {
        float[][] rows = FeatureMatrix.normalized(features);
        double[] mean = FeatureMatrix.mean(rows);
        FeatureMatrix.addScaled(scatter, FeatureMatrix.scatter(rows, mean), 1);
        means.add(mean);
        count += rows.length;
        ofTask.add(rows);
    }

    @Override
    public void taskDone() {
        LabeledRows rows = LabeledRows.of(means.size() - ofTask.size(), ofTask);
        ofTask.clear();
        double[][] covariance = covariance();
        double[][] targets = spread(covariance);
        heads.clear();
        for (int k = 0; k < layers.size(); k++) {
            sums.get(k).add(layers.get(k), rows);
            heads.add(sums.get(k).required(settings.ridge(), targets));
        }
        RidgeRegression second = new RidgeRegression(last.size());
        LabeledRows drawn = draw(covariance);
        second.add(last, new LabeledRows(projected(drawn.features()), drawn.labels()));
        classifier = second.required(settings.ridge());
    }

    private double[][] covariance() {
        double[][] covariance = new double[scatter.length][scatter.length];
        FeatureMatrix.addScaled(covariance, scatter, 1.0 / count);
        for (int i = 0; i < covariance.length; i++) {
            covariance[i][i] += COVARIANCE_RIDGE;
        }
        return covariance;
    }

    /**
     * Means with singular values, whitened, raised by 1, each of length 1 again. As published the way back is the whitening once
     * more, which makes directions of little variance count.
     */
    private double[][] spread(double[][] covariance) {
        EigenDecomposition eigen = new EigenDecomposition(new Array2DRowRealMatrix(covariance, false));
        double[] scales = Arrays.stream(eigen.getRealEigenvalues()).map(value -> 1 / Math.sqrt(value + EIGENVALUE_RIDGE)).toArray();
        RealMatrix whitening = scaled(eigen.getV(), scales).multiply(eigen.getVT());
        double[] center = new double[scatter.length];
        means.forEach(mean -> Arrays.setAll(center, i -> center[i] + mean[i] / means.size()));
        RealMatrix apart = new Array2DRowRealMatrix(means.size(), center.length);
        for (int c = 0; c < means.size(); c++) {
            for (int i = 0; i < center.length; i++) {
                apart.setEntry(c, i, means.get(c)[i] - center[i]);
            }
        }
        RealMatrix whitened = apart.multiply(whitening);
        // U·(S + 1)·Vᵀ = (1 + (W·Wᵀ)^(−1/2))·W for W = U·S·Vᵀ.
        EigenDecomposition squares = new EigenDecomposition(whitened.multiply(whitened.transpose()));
        double least = NONE * NONE * Arrays.stream(squares.getRealEigenvalues()).max().orElse(0);
        double[] inverse = Arrays.stream(squares.getRealEigenvalues()).map(value -> value > Math.max(least, 1e-300) ? 1 / Math.sqrt(value) : 0)
                .toArray();
        RealMatrix wider = whitened.add(scaled(squares.getV(), inverse).multiply(squares.getVT()).multiply(whitened));
        double[][] targets = wider.multiply(whitening).getData();
        for (double[] target : targets) {
            Arrays.setAll(target, i -> target[i] + center[i]);
            double length = Math.sqrt(Arrays.stream(target).map(x -> x * x).sum());
            Arrays.setAll(target, i -> target[i] / Math.max(1e-12, length));
        }
        return targets;
    }

    /** A matrix with columns multiplied. */
    private static RealMatrix scaled(RealMatrix matrix, double[] factors) {
        RealMatrix scaled = matrix.copy();
        for (int j = 0; j < factors.length; j++) {
            scaled.setColumnVector(j, matrix.getColumnVector(j).mapMultiply(factors[j]));
        }
        return scaled;
    }

    private LabeledRows draw(double[][] covariance) {
        RandomGenerator random = noise.apply(means.size());
        Gaussian.Full shared = Gaussian.Full.of(new double[scatter.length], covariance);
        List<float[][]> classes = new ArrayList<>();
        for (double[] mean : means) {
            float[][] rows = new float[settings.samples()][];
            Gaussian.Full own = new Gaussian.Full(mean, shared.columns());
            Arrays.setAll(rows, _ -> own.draw(random));
            classes.add(rows);
        }
        return LabeledRows.of(0, classes);
    }

    /** The mean of the heads' outputs, each of length 1. */
    private float[][] projected(float[][] rows) {
        double[][] sum = new double[rows.length][scatter.length];
        for (int k = 0; k < layers.size(); k++) {
            double[][] outputs = RidgeRegression.outputs(layers.get(k), rows, heads.get(k));
            for (int i = 0; i < rows.length; i++) {
                double length = Math.max(1e-12, Math.sqrt(Arrays.stream(outputs[i]).map(x -> x * x).sum()));
                for (int j = 0; j < sum[i].length; j++) {
                    sum[i][j] += outputs[i][j] / length / layers.size();
                }
            }
        }
        float[][] projected = new float[rows.length][scatter.length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < sum[i].length; j++) {
                projected[i][j] = (float) sum[i][j];
            }
        }
        return projected;
    }

    @Override
    public double[][] scores(float[][] features, int classes) {
        return RidgeRegression.outputs(last, projected(FeatureMatrix.normalized(features)), classifier);
    }

    /** They come from a regression to one-hot targets, and may be negative or add up to more than 1. */
    @Override
    public boolean givesLogits() {
        return false;
    }

    @Override
    public void visit(State state) {
        count = state.number("count", count);
        double[][] stored = state.square("scatter", scatter);
        for (int i = 0; i < scatter.length; i++) {
            System.arraycopy(stored[i], 0, scatter[i], 0, scatter.length);
        }
        state.vectors("mean", "classes", means);
        if (state.isLoading()) {
            heads.clear();
        }
        last.visit(state.in("projection"));
        for (int k = 0; k < layers.size(); k++) {
            State head = state.in("head." + k);
            layers.get(k).visit(head.in("projection"));
            sums.get(k).visit(head.in("sums"));
            Matrix weights = RidgeRegression.visit(head.in("weights"), k < heads.size() ? heads.get(k) : null);
            if (state.isLoading() && weights != null) {
                heads.add(weights);
            }
        }
        classifier = RidgeRegression.visit(state.in("classifier"), classifier);
    }
}
