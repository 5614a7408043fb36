package dev.itprompt.method.lda;

import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;

/** Shared-covariance Gaussian classifier; the covariance is the pooled within-class scatter plus a small ridge. */
final class Lda implements FrozenFeatures.RowClassifier {

    private final double[][] scatter;
    private final List<double[]> means = new ArrayList<>();
    private final List<double[]> directions = new ArrayList<>();
    private long count;

    Lda(int width) {
        this.scatter = new double[width][width];
    }

    @Override
    public void addClass(float[][] features) {
        double[] mean = FeatureMatrix.mean(features);
        double[][] own = FeatureMatrix.scatter(features, mean);
        for (int i = 0; i < own.length; i++) {
            for (int j = 0; j < own.length; j++) {
                scatter[i][j] += own[i][j];
            }
        }
        means.add(mean);
        count += features.length;
    }

    @Override
    public void taskDone() {
        int width = scatter.length;
        double divisor = Math.max(1, count - means.size());
        double[][] covariance = new double[width][width];
        double trace = 0;
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < width; j++) {
                covariance[i][j] = scatter[i][j] / divisor;
            }
            trace += covariance[i][i];
        }
        for (int i = 0; i < width; i++) {
            covariance[i][i] += 1e-4 * trace / width + 1e-12;
        }
        var solver = new CholeskyDecomposition(
                new Array2DRowRealMatrix(covariance, false), 1e-8, 0).getSolver();
        directions.clear();
        for (double[] mean : means) {
            directions.add(solver.solve(new ArrayRealVector(mean, false)).toArray());
        }
    }

    @Override
    public double[] scores(float[] feature, int seen) {
        double[] scores = new double[seen];
        for (int c = 0; c < seen; c++) {
            double score = 0;
            for (int i = 0; i < feature.length; i++) {
                score += directions.get(c)[i] * (feature[i] - means.get(c)[i] / 2);
            }
            scores[c] = score;
        }
        return scores;
    }

    /** They are logarithms of the classes' densities but for a term that all classes share, and classes count alike beforehand. */
    @Override
    public boolean givesLogits() {
        return true;
    }

    @Override
    public void visit(State state) {
        count = state.number("count", count);
        double[][] stored = state.square("scatter", scatter);
        for (int i = 0; i < scatter.length; i++) {
            scatter[i] = stored[i];
        }
        state.vectors("mean", means);
        state.vectors("direction", directions);
    }
}
