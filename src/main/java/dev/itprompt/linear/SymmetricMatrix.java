package dev.itprompt.linear;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A symmetric matrix, of which the blocks on and above the diagonal are kept: those of one row of blocks one after the other. It
 * is filled up with zeros to whole blocks.
 */
public final class SymmetricMatrix {

    private static final int N = Matrix.BLOCK;

    private final int size;
    private final double[][] blockRows;

    /** Zeros. */
    public SymmetricMatrix(int size) {
        this.size = size;
        int blocks = Matrix.blocks(size);
        this.blockRows = new double[blocks][];
        Arrays.setAll(blockRows, i -> new double[(blocks - i) * N * N]);
    }

    private SymmetricMatrix(int size, double[][] blockRows) {
        this.size = size;
        this.blockRows = blockRows;
    }

    /** Rows, and columns. */
    public int size() {
        return size;
    }

    /** Bytes of a matrix of this size. */
    public static long bytes(long size) {
        long blocks = Math.ceilDiv(size, (long) N);
        return blocks * (blocks + 1) / 2 * N * N * Double.BYTES;
    }

    /** The numbers as they are kept, by row of blocks; not copied. */
    public double[][] blockRows() {
        return blockRows;
    }

    /** One number. */
    public double get(int row, int column) {
        int i = Math.min(row, column);
        int j = Math.max(row, column);
        return blockRows[i / N][at(i / N, j / N) + i % N * N + j % N];
    }

    /** All numbers, row by row. */
    public double[][] toArray() {
        double[][] rows = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = i; j < size; j++) {
                rows[i][j] = get(i, j);
                rows[j][i] = rows[i][j];
            }
        }
        return rows;
    }

    /** Where a block begins in its row. */
    static int at(int i, int j) {
        return (j - i) * N * N;
    }

    /** A copy of its own. */
    public SymmetricMatrix copy() {
        double[][] copies = new double[blockRows.length][];
        Arrays.parallelSetAll(copies, i -> blockRows[i].clone());
        return new SymmetricMatrix(size, copies);
    }

    /** Adds another one of the same size. */
    public void add(SymmetricMatrix other) {
        IntStream.range(0, blockRows.length).parallel().forEach(i -> {
            for (int k = 0; k < blockRows[i].length; k++) {
                blockRows[i][k] += other.blockRows[i][k];
            }
        });
    }

    /** Adds {@code xᵀ·x}, x having as many columns as this. */
    public void addGram(Matrix x) {
        if (x.columns() != size) {
            throw new IllegalArgumentException("a Gram matrix of " + size + " columns and " + x.columns());
        }
        int steps = Matrix.blocks(x.rows()) * N;
        forEachBlock(0, (i, j) -> Blocks.addTransposed(1, x.panel(i), 0, x.panel(j), 0, steps, blockRows[i], at(i, j)));
    }

    /** A block on or above the diagonal. */
    interface BlockAction {
        void at(int i, int j);
    }

    /** All blocks from row {@code first} on, on several threads. */
    void forEachBlock(int first, BlockAction action) {
        int count = blockRows.length - first;
        IntStream.range(0, count * (count + 1) / 2).parallel().forEach(number -> {
            int i = (int) (count + 0.5 - Math.sqrt((count + 0.5) * (count + 0.5) - 2.0 * number));
            while (start(count, i) > number) {
                i--;
            }
            while (start(count, i + 1) <= number) {
                i++;
            }
            action.at(first + i, first + i + number - start(count, i));
        });
    }

    /** Blocks before row i of so many rows. */
    private static int start(int count, int i) {
        return i * count - i * (i - 1) / 2;
    }
}
