package dev.itprompt.method.ridge;

import dev.itprompt.linear.Cholesky;
import dev.itprompt.linear.Matrix;
import dev.itprompt.linear.SymmetricMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The ridge that predicts rows that are held out best, by squared error from one-hot targets, of 17 candidates 10⁻⁸ … 10⁸; the
 * smallest of equals, and none whose system is not positive definite in double precision.
 */
public final class RidgeChoice {

    private static final int LEAST = -8;
    private static final int MOST = 8;
    /** Random features of the dual problem that are in memory at a time. */
    private static final int BLOCK = 10 * Matrix.BLOCK;

    private RidgeChoice() {}

    /**
     * Adds a task's rows to the sums.
     *
     * @param rows      of classes not seen yet
     * @param otherwise the ridge if there is a single row
     * @return the ridge that is best for a fifth of the rows after a regression on the others
     */
    public static double learn(RidgeRegression sums, RandomFeatures map, LabeledRows rows, double otherwise) {
        int firstClass = sums.classes();
        LabeledRows kept = rows.kept();
        LabeledRows heldOut = rows.heldOut();
        if (kept.size() > map.size()) {
            RidgeRegression own = new RidgeRegression(map.size());
            own.add(map, kept);
            double ridge = primal(own, map, heldOut, firstClass);
            sums.add(own);
            sums.add(map, heldOut);
            return ridge;
        }
        int classes = rows.labels()[rows.size() - 1] + 1 - firstClass;
        double ridge = kept.size() == 0 ? otherwise : dual(map, kept, heldOut, firstClass, classes);
        sums.add(map, rows);
        return ridge;
    }

    /**
     * Bytes at most while a ridge is chosen: beside the sums and a factor, the Gram matrix of a task or of its images, products
     * with those held out, and weights of all candidates.
     *
     * @param size    M
     * @param width   E
     * @param classes seen in the end
     */
    public static long bytes(long size, long width, long classes) {
        return RidgeRegression.bytes(size, width, classes) + SymmetricMatrix.bytes(size) + Matrix.bytes(size, size / 4)
                + (MOST - LEAST + 1) * Matrix.bytes(size, classes);
    }

    private static double candidate(int power) {
        return Double.parseDouble("1e" + power);
    }

    /**
     * Chooses by regression from random features: weights {@code (HᵀH + λI)⁻¹·HᵀY} of the rows that are summed.
     *
     * @param known      sums of the rows
     * @param firstClass first class among these rows, which are of no earlier one
     */
    static double primal(RidgeRegression known, RandomFeatures map, LabeledRows heldOut, int firstClass) {
        List<Matrix> weights = new ArrayList<>();
        List<Double> ridges = new ArrayList<>();
        for (int power = LEAST; power <= MOST; power++) {
            double ridge = candidate(power);
            known.weights(ridge, firstClass).ifPresent(found -> {
                weights.add(found);
                ridges.add(ridge);
            });
        }
        double[] errors = new double[weights.size()];
        for (int from = 0; from < heldOut.size(); from += BLOCK) {
            LabeledRows block = heldOut.range(from, Math.min(heldOut.size(), from + BLOCK));
            Matrix h = map.columns(block.features());
            for (int k = 0; k < errors.length; k++) {
                errors[k] += error(h.transposedTimes(weights.get(k)), block.labels(), firstClass);
            }
        }
        return best(ridges, errors);
    }

    /**
     * Chooses by the same regression in its dual form, for fewer rows than random features: predictions
     * {@code H′Hᵀ·(HHᵀ + λI)⁻¹·Y}.
     *
     * @param rows       of the regression
     * @param firstClass first class among them
     * @param classes    how many there are from it on
     */
    static double dual(RandomFeatures map, LabeledRows rows, LabeledRows heldOut, int firstClass, int classes) {
        SymmetricMatrix own = new SymmetricMatrix(rows.size());
        Matrix across = new Matrix(rows.size(), heldOut.size());
        Matrix features = Matrix.ofColumns(rows.features());
        Matrix others = Matrix.ofColumns(heldOut.features());
        for (int from = 0; from < map.size(); from += BLOCK) {
            int count = Math.min(BLOCK, map.size() - from);
            Matrix h = map.columns(features, from, count);
            own.addGram(h);
            across.addTransposedProduct(h, map.columns(others, from, count));
        }
        Matrix targets = new Matrix(rows.size(), classes);
        for (int i = 0; i < rows.size(); i++) {
            targets.set(i, rows.labels()[i] - firstClass, 1);
        }
        List<Double> ridges = new ArrayList<>();
        List<Double> errors = new ArrayList<>();
        for (int power = LEAST; power <= MOST; power++) {
            Optional<Cholesky> factor = Cholesky.of(own, candidate(power));
            if (factor.isPresent()) {
                ridges.add(candidate(power));
                errors.add(error(across.transposedTimes(factor.get().solve(targets)), heldOut.labels(), firstClass));
            }
        }
        return best(ridges, errors.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** Summed squares of what predictions [n, classes] miss. */
    private static double error(Matrix predictions, int[] labels, int firstClass) {
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            for (int c = 0; c < predictions.columns(); c++) {
                double miss = predictions.get(i, c) - (labels[i] - firstClass == c ? 1 : 0);
                sum += miss * miss;
            }
        }
        return sum;
    }

    private static double best(List<Double> ridges, double[] errors) {
        int best = ridges.size() - 1;
        for (int k = ridges.size() - 2; k >= 0; k--) {
            best = errors[k] <= errors[best] ? k : best;
        }
        return best < 0 ? candidate(MOST) : ridges.get(best);
    }
}
