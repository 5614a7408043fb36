package dev.itprompt.method.rapf;

import dev.itprompt.tensor.Tensor;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * Mixes two maps entry by entry in the basis of the old one's left singular vectors U: the share of the new one is its change relative to
 * the largest change, plus a constant, 1 at most (Huang et al. 2024, decomposed parameter fusion). What has changed little stays as it was.
 */
final class MapMixing {

    private MapMixing() {}

    /**
     * The mixture.
     *
     * @param old   [E, E], not 0
     * @param fresh [E, E]
     * @param share that is added to each
     */
    static Tensor mix(Tensor old, Tensor fresh, double share) {
        RealMatrix left = new SingularValueDecomposition(matrix(old)).getU();
        RealMatrix before = left.transpose().multiply(matrix(old));
        RealMatrix after = left.transpose().multiply(matrix(fresh));
        int size = before.getRowDimension();
        double largest = 0;
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                largest = Math.max(largest, Math.abs(after.getEntry(i, j) - before.getEntry(i, j)));
            }
        }
        if (largest == 0) {
            return old.copy();
        }
        RealMatrix mixed = before.copy();
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                double change = after.getEntry(i, j) - before.getEntry(i, j);
                mixed.addToEntry(i, j, Math.min(1, Math.abs(change) / largest + share) * change);
            }
        }
        return tensor(left.multiply(mixed), old);
    }

    private static RealMatrix matrix(Tensor tensor) {
        int columns = tensor.shape().dim(1);
        RealMatrix matrix = new Array2DRowRealMatrix(tensor.shape().dim(0), columns);
        for (int i = 0; i < tensor.shape().size(); i++) {
            matrix.setEntry(i / columns, i % columns, tensor.get(i));
        }
        return matrix;
    }

    private static Tensor tensor(RealMatrix matrix, Tensor like) {
        Tensor tensor = like.copy();
        int columns = matrix.getColumnDimension();
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, (float) matrix.getEntry(i / columns, i % columns));
        }
        return tensor;
    }
}
