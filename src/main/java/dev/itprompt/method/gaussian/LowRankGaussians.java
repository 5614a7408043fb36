package dev.itprompt.method.gaussian;

import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * One normal distribution a class, scores being logarithms of densities up to a constant. The covariance is {@code (1 − s)·S +
 * s·U·Uᵀ}: S is the covariance of deviations from the own class's mean over all images seen, shrunk towards a multiple of the
 * identity by as much as is best in expectation (Ledoit and Wolf 2004, A well-conditioned estimator for large-dimensional
 * covariance matrices); U·Uᵀ is the class's own sample covariance in its largest directions. Without such directions this is
 * linear discriminant analysis, with them a quadratic one of low rank. Of images nothing is kept but sums and these directions.
 */
final class LowRankGaussians implements FrozenFeatures.RowClassifier {

    /** Added to the shared covariance, as a share of the mean variance, where shrinking leaves a direction without any. */
    private static final double FLOOR = 1e-6;

    private final GaussianSettings settings;
    private final double[][] scatter;
    private final List<double[]> means = new ArrayList<>();
    /** U of each class, a direction after the other. */
    private final List<double[]> directions = new ArrayList<>();
    private final List<float[][]> ofTask = new ArrayList<>();
    private long count;
    private double fourthPowers;
    private Densities densities;

    /** @param width E */
    LowRankGaussians(GaussianSettings settings, int width) {
        this.settings = settings;
        this.scatter = new double[width][width];
    }

    @Override
    public void addClass(float[][] features) {
        double[] mean = FeatureMatrix.mean(features);
        FeatureMatrix.addScaled(scatter, FeatureMatrix.scatter(features, mean), 1);
        for (float[] row : features) {
            double square = 0;
            for (int i = 0; i < mean.length; i++) {
                square += (row[i] - mean[i]) * (row[i] - mean[i]);
            }
            fourthPowers += square * square;
        }
        means.add(mean);
        count += features.length;
        ofTask.add(features);
    }

    @Override
    public void taskDone() {
        int first = means.size() - ofTask.size();
        directions.addAll(IntStream.range(0, ofTask.size()).parallel().mapToObj(c -> directions(ofTask.get(c), means.get(first + c))).toList());
        ofTask.clear();
        densities = null;
    }

    /**
     * The largest directions of the sample covariance, each as long as its deviation: from the Gram matrix of fewer images than
     * columns.
     */
    private double[] directions(float[][] features, double[] mean) {
        int rows = features.length;
        int width = mean.length;
        int rank = Math.min(settings.rank(), Math.min(rows - 1, width));
        if (rank == 0) {
            return new double[0];
        }
        double[][] deviations = new double[rows][width];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                deviations[i][j] = (features[i][j] - mean[j]) / Math.sqrt(rows - 1);
            }
        }
        boolean few = rows < width;
        EigenDecomposition eigen = new EigenDecomposition(new Array2DRowRealMatrix(few ? products(deviations) : products(transposed(deviations)),
                false));
        double[] result = new double[rank * width];
        for (int k = 0; k < rank; k++) {
            double[] vector = eigen.getEigenvector(k).toArray();
            double deviation = Math.sqrt(Math.max(0, eigen.getRealEigenvalue(k)));
            for (int j = 0; j < width; j++) {
                double value = 0;
                for (int i = 0; i < rows && few; i++) {
                    value += deviations[i][j] * vector[i];
                }
                result[k * width + j] = few ? value : deviation * vector[j];
            }
        }
        return result;
    }

    /** Products of all pairs of rows. */
    private static double[][] products(double[][] rows) {
        double[][] products = new double[rows.length][rows.length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j <= i; j++) {
                products[i][j] = dot(rows[i], rows[j]);
                products[j][i] = products[i][j];
            }
        }
        return products;
    }

    private static double[][] transposed(double[][] rows) {
        double[][] columns = new double[rows[0].length][rows.length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < columns.length; j++) {
                columns[j][i] = rows[i][j];
            }
        }
        return columns;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** S, positive definite; the identity as long as no class had different images. */
    double[][] shared() {
        int width = scatter.length;
        double degrees = Math.max(1, count - means.size());
        double trace = 0;
        double squares = 0;
        for (int i = 0; i < width; i++) {
            trace += scatter[i][i] / degrees;
            for (int j = 0; j < width; j++) {
                squares += scatter[i][j] / degrees * scatter[i][j] / degrees;
            }
        }
        double variance = trace / width;
        double apart = squares - width * variance * variance;
        double error = Math.clamp((fourthPowers / degrees - squares) / degrees, 0, Math.max(0, apart));
        double shrinkage = apart > 0 ? error / apart : 1;
        double[][] shared = new double[width][width];
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < width; j++) {
                shared[i][j] = (1 - shrinkage) * scatter[i][j] / degrees;
            }
            shared[i][i] += variance == 0 ? 1 : (shrinkage + FLOOR) * variance;
        }
        return shared;
    }

    @Override
    public double[][] scores(float[][] features, int classes) {
        if (densities == null) {
            densities = densities();
        }
        Densities all = densities;
        return Arrays.stream(features).parallel().map(row -> all.of(row, classes)).toArray(double[][]::new);
    }

    @Override
    public double[] scores(float[] feature, int classes) {
        return scores(new float[][] {feature}, classes)[0];
    }

    /**
     * The distributions in coordinates in which {@code (1 − s)·S} is the identity: there a class's covariance is {@code I +
     * V·Vᵀ}, whose inverse is {@code I − Wᵀ·W} with {@code W = R⁻¹·Vᵀ} and {@code R·Rᵀ = I + Vᵀ·V} (Woodbury).
     *
     * @param factor of the shared covariance, lower triangular
     * @param means  there
     * @param taken  W of each class
     * @param sizes  logarithms of determinants of R·Rᵀ
     */
    private record Densities(double[][] factor, double[][] means, double[][][] taken, double[] sizes) {

        double[] of(float[] feature, int classes) {
            double[] x = new double[feature.length];
            Arrays.setAll(x, i -> feature[i]);
            double[] here = forward(factor, x);
            double[] scores = new double[classes];
            double[] apart = new double[here.length];
            for (int c = 0; c < classes; c++) {
                double distance = 0;
                for (int i = 0; i < here.length; i++) {
                    apart[i] = here[i] - means[c][i];
                    distance += apart[i] * apart[i];
                }
                for (double[] direction : taken[c]) {
                    double along = dot(direction, apart);
                    distance -= along * along;
                }
                scores[c] = -(distance + sizes[c]) / 2;
            }
            return scores;
        }
    }

    private Densities densities() {
        double own = settings.rank() == 0 ? 0 : settings.own();
        double[][] shared = shared();
        Arrays.stream(shared).forEach(row -> Arrays.setAll(row, j -> (1 - own) * row[j]));
        double[][] factor = factor(shared);
        double[][][] taken = new double[means.size()][][];
        double[] sizes = new double[means.size()];
        IntStream.range(0, taken.length).parallel().forEach(c -> {
            double[] all = directions.get(c);
            double[][] rows = new double[all.length / scatter.length][];
            for (int k = 0; k < rows.length; k++) {
                double[] direction = Arrays.copyOfRange(all, k * scatter.length, (k + 1) * scatter.length);
                Arrays.setAll(direction, i -> Math.sqrt(own) * direction[i]);
                rows[k] = forward(factor, direction);
            }
            double[][] inner = products(rows);
            for (int k = 0; k < rows.length; k++) {
                inner[k][k] += 1;
            }
            double[][] root = rows.length == 0 ? inner : factor(inner);
            for (int k = 0; k < rows.length; k++) {
                for (int m = 0; m < k; m++) {
                    for (int i = 0; i < scatter.length; i++) {
                        rows[k][i] -= root[k][m] * rows[m][i];
                    }
                }
                for (int i = 0; i < scatter.length; i++) {
                    rows[k][i] /= root[k][k];
                }
                sizes[c] += 2 * Math.log(root[k][k]);
            }
            taken[c] = rows;
        });
        return new Densities(factor, means.stream().map(mean -> forward(factor, mean)).toArray(double[][]::new), taken, sizes);
    }

    private static double[][] factor(double[][] matrix) {
        return new CholeskyDecomposition(new Array2DRowRealMatrix(matrix, false), 1e-8, 0).getL().getData();
    }

    /** The solution y of {@code L·y = x}. */
    private static double[] forward(double[][] lower, double[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            double sum = x[i];
            for (int j = 0; j < i; j++) {
                sum -= lower[i][j] * y[j];
            }
            y[i] = sum / lower[i][i];
        }
        return y;
    }

    /** They are logarithms of the classes' densities but for a term that all classes share, and classes count alike beforehand. */
    @Override
    public boolean givesLogits() {
        return true;
    }

    @Override
    public void visit(State state) {
        densities = null;
        count = state.number("count", count);
        fourthPowers = state.doubles("fourthPowers", new double[] {fourthPowers})[0];
        double[][] stored = state.square("scatter", scatter);
        for (int i = 0; i < scatter.length; i++) {
            System.arraycopy(stored[i], 0, scatter[i], 0, scatter.length);
        }
        state.vectors("mean", means);
        state.vectors("directions", directions);
    }
}
