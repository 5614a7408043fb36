package dev.itprompt.prompt;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.random.RandomGenerator;

/** New rows of a table that are orthogonal to those before them, as CODA-Prompt draws components (Smith et al. 2023). */
final class GramSchmidt {

    /** Rows with a smaller sum of squares say nothing about a direction. */
    private static final double LEAST = 1e-8;

    private GramSchmidt() {}

    /**
     * A table with {@code count} more rows of length 1. Each is a Gaussian vector less its projections on all rows before it, every
     * projection taken of the vector as it was drawn (the classical form); rows drawn together get their length last. Earlier rows
     * need be neither orthogonal nor of length 1, so new ones are nearly orthogonal to them at best; once the rows span the space,
     * a new row is the vector as drawn.
     *
     * @param known [n, …] or null for none
     * @param entry the shape of a row
     */
    static Tensor appended(Tensor known, int count, Shape entry, RandomGenerator random) {
        int size = entry.size();
        int before = known == null ? 0 : known.shape().dim(0);
        double[][] rows = new double[before + count][size];
        for (int i = 0; i < before * size; i++) {
            rows[i / size][i % size] = known.get(i);
        }
        for (int r = before; r < rows.length; r++) {
            rows[r] = drawn(rows, r, random);
        }
        Tensor all = Tensor.zeros(entry.inserted(0, rows.length));
        for (int r = 0; r < rows.length; r++) {
            double length = r < before ? 1 : Math.sqrt(dot(rows[r], rows[r]));
            for (int i = 0; i < size; i++) {
                all.set((long) r * size + i, (float) (rows[r][i] / length));
            }
        }
        return all;
    }

    private static double[] drawn(double[][] rows, int count, RandomGenerator random) {
        int size = rows[count].length;
        double[] vector = new double[size];
        for (int i = 0; i < size; i++) {
            vector[i] = random.nextGaussian();
        }
        double[] rest = vector.clone();
        for (int r = 0; r < count; r++) {
            double square = dot(rows[r], rows[r]);
            double share = square < LEAST ? 0 : dot(vector, rows[r]) / square;
            for (int i = 0; i < size; i++) {
                rest[i] -= share * rows[r][i];
            }
        }
        return dot(rest, rest) < LEAST ? vector : rest;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
