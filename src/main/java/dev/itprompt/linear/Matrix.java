package dev.itprompt.linear;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * A matrix in panels of {@link #BLOCK} columns. In a panel a row's numbers are next to each other and rows follow one another;
 * rows and columns are filled up with zeros to whole blocks.
 */
public final class Matrix {

    /** Rows and columns of a block. */
    public static final int BLOCK = 96;

    private final int rows;
    private final int columns;
    private final double[][] panels;

    /** Zeros. */
    public Matrix(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        this.panels = new double[blocks(columns)][blocks(rows) * BLOCK * BLOCK];
    }

    private Matrix(int rows, int columns, double[][] panels) {
        this.rows = rows;
        this.columns = columns;
        this.panels = panels;
    }

    /** A copy of its own. */
    public Matrix copy() {
        return new Matrix(rows, columns, Arrays.stream(panels).map(double[]::clone).toArray(double[][]::new));
    }

    /** Whole blocks that hold a number of rows or columns. */
    static int blocks(int count) {
        return Math.ceilDiv(count, BLOCK);
    }

    /**
     * Rows of features as columns.
     *
     * @param features one or more of them
     * @return [E, features.length]
     */
    public static Matrix ofColumns(float[][] features) {
        Matrix matrix = new Matrix(features[0].length, features.length);
        for (int j = 0; j < features.length; j++) {
            for (int i = 0; i < matrix.rows; i++) {
                matrix.set(i, j, features[j][i]);
            }
        }
        return matrix;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    /** One number. */
    public double get(int row, int column) {
        return panels[column / BLOCK][row * BLOCK + column % BLOCK];
    }

    /** Replaces one number. */
    public void set(int row, int column, double value) {
        panels[column / BLOCK][row * BLOCK + column % BLOCK] = value;
    }

    /** Adds to one number. */
    public void add(int row, int column, double value) {
        panels[column / BLOCK][row * BLOCK + column % BLOCK] += value;
    }

    /** Adds a row to a vector. */
    public void addRowTo(int row, double[] vector) {
        for (int j = 0; j < columns; j += BLOCK) {
            double[] panel = panels[j / BLOCK];
            for (int k = 0; k < Math.min(BLOCK, columns - j); k++) {
                vector[j + k] += panel[row * BLOCK + k];
            }
        }
    }

    /**
     * The columns from {@code first}, which is a multiple of {@link #BLOCK}, on; not copied.
     *
     * @param count of them, a multiple too unless they are the last
     */
    public Matrix columnsFrom(int first, int count) {
        if (first % BLOCK != 0 || count % BLOCK != 0 && first + count != columns) {
            throw new IllegalArgumentException(count + " columns from " + first + " on");
        }
        return new Matrix(rows, count, Arrays.copyOfRange(panels, first / BLOCK, first / BLOCK + blocks(count)));
    }

    /** A panel as it lies in memory. */
    double[] panel(int number) {
        return panels[number];
    }

    int panels() {
        return panels.length;
    }

    /** Bytes of a matrix of this size. */
    public static long bytes(long rows, long columns) {
        return Math.ceilDiv(rows, (long) BLOCK) * Math.ceilDiv(columns, (long) BLOCK) * BLOCK * BLOCK * Double.BYTES;
    }

    /** The transpose. */
    public Matrix transposed() {
        Matrix transposed = new Matrix(columns, rows);
        IntStream.range(0, transposed.panels.length).parallel().forEach(panel -> {
            for (int j = panel * BLOCK; j < Math.min(rows, (panel + 1) * BLOCK); j++) {
                for (int i = 0; i < columns; i++) {
                    transposed.set(i, j, get(j, i));
                }
            }
        });
        return transposed;
    }

    /** {@code thisᵀ·other}, [columns, other.columns]. */
    public Matrix transposedTimes(Matrix other) {
        Matrix product = new Matrix(columns, other.columns);
        product.addTransposedProduct(this, other);
        return product;
    }

    /** Adds {@code aᵀ·b}, a having as many columns as this has rows. */
    public void addTransposedProduct(Matrix a, Matrix b) {
        if (a.rows != b.rows || a.columns != rows || b.columns != columns) {
            throw new IllegalArgumentException("[" + rows + ", " + columns + "] += [" + a.rows + ", " + a.columns + "]ᵀ·[" + b.rows + ", "
                    + b.columns + "]");
        }
        int down = blocks(rows);
        IntStream.range(0, down * panels.length).parallel().forEach(block -> {
            int i = block % down;
            int j = block / down;
            Blocks.addTransposed(1, a.panels[i], 0, b.panels[j], 0, blocks(a.rows) * BLOCK, panels[j], i * BLOCK * BLOCK);
        });
    }

    /**
     * Replaces every number by a function of it.
     *
     * @param function that leaves 0 as it is
     */
    public Matrix map(DoubleUnaryOperator function) {
        Arrays.stream(panels).parallel().forEach(panel -> Arrays.setAll(panel, i -> function.applyAsDouble(panel[i])));
        return this;
    }
}
