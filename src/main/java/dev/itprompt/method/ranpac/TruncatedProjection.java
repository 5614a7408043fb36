package dev.itprompt.method.ranpac;

import dev.itprompt.linear.Matrix;
import dev.itprompt.linear.SymmetricMatrix;
import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.ridge.RandomFeatures;
import dev.itprompt.method.ridge.RidgeRegression;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * RanPAC with a truncated singular value decomposition in place of the Gram matrix (Peng et al. 2025, LoRanPAC). Of all random
 * features H [n, M] {@code Z = U·Σ} [M, r] is kept, U·Σ·Vᵀ being what is left of Hᵀ; scores are {@code hᵀ·U·(Σ² + λI)⁻¹·Uᵀ·Q}.
 * New images are put beside Z as columns, of which then the largest singular values are kept: as many as a share of the images
 * seen, and a given number at most. What is small, and would be divided by most, is left out.
 *
 * <p>Singular vectors come from the products of the columns, in double precision: no worse than published code's own
 * decomposition in float32 as long as singular values kept are above 10⁻⁷ of the largest, and smaller ones are not kept.
 */
final class TruncatedProjection implements FrozenFeatures.Classifier {

    /** Squared singular values count as 0 below this share of the largest. */
    private static final double NONE = 1e-14;

    private final LoranpacSettings settings;
    private final RandomFeatures map;
    private final List<double[]> sums = new ArrayList<>();
    private final List<float[][]> ofTask = new ArrayList<>();
    private Matrix factor;
    private double[] squares = {};
    private Matrix weights;
    private long count;

    TruncatedProjection(LoranpacSettings settings, RandomFeatures map) {
        this.settings = settings;
        this.map = map;
    }

    @Override
    public void addClass(float[][] features) {
        ofTask.add(features);
    }

    @Override
    public void taskDone() {
        for (float[][] features : ofTask) {
            sums.add(new double[map.size()]);
            for (int from = 0; from < features.length; from += settings.rank()) {
                add(Arrays.copyOfRange(features, from, Math.min(features.length, from + settings.rank())));
            }
        }
        ofTask.clear();
        weights = solved();
    }

    private void add(float[][] features) {
        Matrix h = map.columns(features);
        count += features.length;
        double[] sum = sums.getLast();
        for (int i = 0; i < sum.length; i++) {
            for (int j = 0; j < features.length; j++) {
                sum[i] += h.get(i, j);
            }
        }
        Matrix all = factor == null ? h : beside(factor, h);
        SymmetricMatrix products = new SymmetricMatrix(all.columns());
        products.addGram(all);
        EigenDecomposition eigen = new EigenDecomposition(new Array2DRowRealMatrix(products.toArray(), false));
        double[] values = eigen.getRealEigenvalues();
        int most = (int) Math.min(settings.rank(), Math.max(1, Math.round(settings.kept() * count)));
        int rank = (int) Arrays.stream(values).limit(most).filter(value -> value > NONE * values[0]).count();
        squares = Arrays.copyOf(values, rank);
        Matrix turned = new Matrix(all.columns(), rank);
        for (int k = 0; k < rank; k++) {
            double[] vector = eigen.getEigenvector(k).toArray();
            for (int i = 0; i < vector.length; i++) {
                turned.set(i, k, vector[i]);
            }
        }
        factor = all.transposed().transposedTimes(turned);
    }

    private static Matrix beside(Matrix left, Matrix right) {
        Matrix both = new Matrix(left.rows(), left.columns() + right.columns());
        for (int i = 0; i < left.rows(); i++) {
            for (int j = 0; j < both.columns(); j++) {
                both.set(i, j, j < left.columns() ? left.get(i, j) : right.get(i, j - left.columns()));
            }
        }
        return both;
    }

    /** {@code U·(Σ² + λI)⁻¹·Uᵀ·Q}, U being Z·Σ⁻¹. */
    private Matrix solved() {
        Matrix right = new Matrix(map.size(), sums.size());
        for (int c = 0; c < sums.size(); c++) {
            for (int i = 0; i < map.size(); i++) {
                right.set(i, c, sums.get(c)[i]);
            }
        }
        Matrix along = factor.transposedTimes(right);
        for (int k = 0; k < squares.length; k++) {
            for (int c = 0; c < sums.size(); c++) {
                along.set(k, c, along.get(k, c) / squares[k] / (squares[k] + settings.ridge()));
            }
        }
        return factor.transposed().transposedTimes(along);
    }

    @Override
    public double[][] scores(float[][] features, int classes) {
        return RidgeRegression.outputs(map, features, weights);
    }

    /** They come from a regression to one-hot targets, and may be negative or add up to more than 1. */
    @Override
    public boolean givesLogits() {
        return false;
    }

    @Override
    public void visit(State state) {
        map.visit(state.in("projection"));
        count = state.number("count", count);
        squares = state.doubles("squares", squares);
        factor = RidgeRegression.visit(state.in("factor"), factor);
        weights = RidgeRegression.visit(state.in("weights"), weights);
        state.vectors("sum", "classes", sums);
    }
}
