package dev.itprompt.checkpoint;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;

/**
 * Position embeddings for another number of patches: the class token's row stays, the others are a square image of D channels
 * and resized as PyTorch's {@code interpolate(mode="bicubic", align_corners=False)} does it: cubic convolution with a = -0.75
 * (Keys 1981), no antialiasing, edges repeated.
 */
final class PositionEmbedding {

    private static final double A = -0.75;

    private PositionEmbedding() {}

    /** Side of the grid that so many rows, class token included, belong to; 0 if it is no square. */
    static int grid(long rows) {
        long side = Math.round(Math.sqrt(rows - 1.0));
        return side > 0 && side * side == rows - 1 ? Math.toIntExact(side) : 0;
    }

    /**
     * @param table [1 + g·g, D]
     * @param side  side of the new grid
     * @return [1 + side·side, D]; the table itself if it has that size
     */
    static Tensor resize(Tensor table, int side) {
        int from = grid(table.shape().dim(0));
        int width = table.shape().dim(1);
        if (from == side) {
            return table;
        }
        Tensor result = Tensor.zeros(Shape.of(1 + side * side, width));
        result.slice(0, 1).copyFrom(table.slice(0, 1));
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                point(table, from, result, 1 + y * side + x, source(y, from, side), source(x, from, side));
            }
        }
        return result;
    }

    private static double source(int index, int from, int to) {
        return (index + 0.5) * from / to - 0.5;
    }

    private static void point(Tensor table, int side, Tensor result, int row, double y, double x) {
        int width = table.shape().dim(1);
        int top = (int) Math.floor(y);
        int left = (int) Math.floor(x);
        double[] sums = new double[width];
        for (int dy = -1; dy <= 2; dy++) {
            for (int dx = -1; dx <= 2; dx++) {
                double weight = cubic(y - top - dy) * cubic(x - left - dx);
                long at = (1 + (long) Math.clamp(top + dy, 0, side - 1) * side + Math.clamp(left + dx, 0, side - 1)) * width;
                for (int c = 0; c < width; c++) {
                    sums[c] += weight * table.get(at + c);
                }
            }
        }
        for (int c = 0; c < width; c++) {
            result.set((long) row * width + c, (float) sums[c]);
        }
    }

    private static double cubic(double distance) {
        double x = Math.abs(distance);
        return x <= 1 ? ((A + 2) * x - (A + 3)) * x * x + 1 : ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
    }
}
