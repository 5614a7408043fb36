package dev.itprompt.device.tornado;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * d = factor·op(a)·op(b) + bias + c for {@code heads} times {@code batch} matrices, as {@link BlockedLinear} and {@link LibraryProducts}
 * compute them in one launch.
 *
 * <p>Table: where a, b, bias, c, d and scratch memory begin (bias and c: -1 if there is none), m, n, k, 1 if a is transposed, 1 if b is,
 * from one row to the next in a, b, d, from one element of the batch to the next, from one head to the next, batch, heads; then those of
 * {@link Epilogues}. Numbers: factor.
 *
 * @param m rows of d
 * @param n columns of d
 */
record Product(Matrix a, boolean transposeA, Matrix b, boolean transposeB, Matrix d, int m, int n, int k, int batch, int heads) {

    /** The entry of the table where those of {@link Epilogues} begin. */
    static final int EPILOGUE = 22;
    /** Two work-groups for each of the 132 multiprocessors of an H100 or H200. */
    private static final int WIDE_TILES = 264;
    /** Fewer tiles leave multiprocessors of that GPU without work. */
    private static final int FEW_TILES = 132;
    /** Of k, in a part of a product. */
    private static final int LEAST_DEPTH = 128;

    /**
     * Matrices in the heap, of every head and every element of a batch.
     *
     * @param at   where the first one begins
     * @param ld   from one row to the next, as they lie in memory
     * @param next from one element of the batch to the next
     * @param head from one head to the next
     */
    record Matrix(int at, int ld, int next, int head) {

        /** The only one. */
        static Matrix of(int at, int ld) {
            return new Matrix(at, ld, 0, 0);
        }
    }

    /**
     * Where a of one matrix begins, as a table says.
     *
     * @param matrix head · batch + element of the batch
     */
    static int a(IntArray table, int matrix) {
        return table.get(0) + matrix / table.get(20) * table.get(17) + matrix % table.get(20) * table.get(14);
    }

    /** Where b of one matrix begins. */
    static int b(IntArray table, int matrix) {
        return table.get(1) + matrix / table.get(20) * table.get(18) + matrix % table.get(20) * table.get(15);
    }

    /** Where d of one matrix begins, counted from where that of the first one does. */
    static int d(IntArray table, int matrix) {
        return matrix / table.get(20) * table.get(19) + matrix % table.get(20) * table.get(16);
    }

    /** From one row of op(a) to the next. */
    static int aRow(IntArray table) {
        return table.get(9) > 0 ? 1 : table.get(11);
    }

    /** From one column of op(a) to the next. */
    static int aStep(IntArray table) {
        return table.get(9) > 0 ? table.get(11) : 1;
    }

    /** From one row of op(b) to the next. */
    static int bStep(IntArray table) {
        return table.get(10) > 0 ? 1 : table.get(12);
    }

    /** From one column of op(b) to the next. */
    static int bColumn(IntArray table) {
        return table.get(10) > 0 ? table.get(12) : 1;
    }

    /**
     * A task of a library.
     *
     * @param bias    row of n values; -1 if there is none
     * @param c       where what is added begins, which lies as d does; -1 if nothing is
     * @param scratch {@value CublasLt#WORKSPACE} bytes of scratch memory
     */
    Launch byLibrary(float factor, int bias, int c, int scratch) {
        return launch(Kernel.MATMUL_LIBRARY, Math.ceilDiv(m * n * batch * heads, Kernel.MATMUL_LIBRARY.group), factor, bias, c, scratch, 0,
                d.at, d.at);
    }

    /**
     * A launch of {@link BlockedLinear#matMul}, or of its wide tiles if there are enough of them for every multiprocessor of a large GPU
     * and they do not stand over the edges much more.
     *
     * @param bias as for {@link #byLibrary}
     * @param c    likewise
     * @param code of {@link Epilogues}, 0 if there is none
     * @param x    what the epilogue reads
     * @param z    what it writes
     */
    Launch byBlocks(float factor, int bias, int c, int code, int x, int z) {
        return byBlocks(factor, bias, c, new int[] {code, x, z});
    }

    /**
     * The same that makes probabilities of scores.
     *
     * @param sums   where the sums of d's rows begin, of all matrices one after the other; see {@link KeptSums}
     * @param causal tokens of a sample if a query sees no later one, else 0
     */
    Launch probabilitiesByBlocks(float factor, int sums, int causal) {
        return byBlocks(factor, -1, -1, new int[] {BlockedLinear.PROBABILITY, d.at, d.at, sums, d.ld, causal});
    }

    /**
     * Stretches of k that a product of few tiles is computed in, so that a GPU's multiprocessors have work; 1 if it has enough tiles, or
     * k is short. A function of the extents alone, and so are the results' bits.
     */
    static int parts(int m, int n, int k) {
        int tiles = Math.ceilDiv(m, BlockedLinear.TILE) * Math.ceilDiv(n, BlockedLinear.TILE);
        int parts = tiles < FEW_TILES ? Math.min(WIDE_TILES / tiles, k / LEAST_DEPTH) : 1;
        while (parts > 1 && k % parts != 0) {
            parts--;
        }
        return Math.max(1, parts);
    }

    /**
     * The only matrix's product in as many parts as {@link #parts} says: the parts are a batch, and a second launch adds them up.
     *
     * @param bias    as for {@link #byBlocks}, as are the others
     * @param scratch as many floats as the parts have values, if there are several
     */
    List<Launch> inParts(int bias, int c, int code, int x, int z, int scratch) {
        int parts = parts(m, n, k);
        if (parts == 1) {
            return List.of(byBlocks(1, bias, c, code, x, z));
        }
        int depth = k / parts;
        Product stretches = new Product(new Matrix(a.at, a.ld, depth * (transposeA ? a.ld : 1), 0), transposeA,
                new Matrix(b.at, b.ld, depth * (transposeB ? 1 : b.ld), 0), transposeB, new Matrix(scratch, n, m * n, 0), m, n, depth, parts, 1);
        return List.of(stretches.byBlocks(1, -1, -1, 0, 0, 0),
                Launch.items(Kernel.SUM_PARTS, m * n, scratch, bias, c, d.at, m * n, parts, n, code, x, z));
    }

    private Launch byBlocks(float factor, int bias, int c, int[] epilogue) {
        int narrow = tiles(BlockedLinear.TILE);
        int wide = tiles(BlockedLinear.WIDE_TILE);
        boolean isWide = wide >= WIDE_TILES && 40L * wide <= 11L * narrow; // a wide tile is four
        return launch(isWide ? Kernel.MATMUL_BLOCKED_WIDE : Kernel.MATMUL_BLOCKED, isWide ? wide : narrow, factor, bias, c, 0,
                epilogue);
    }

    /**
     * Whether one launch of {@link TensorLinear#matMul} can do all of it, if nothing is added.
     *
     * @param room whether rows of d have room for whole panels
     */
    boolean fitsTensorCores(boolean room) {
        return m >= TensorLinear.BAND && (room || n % TensorLinear.PANEL == 0);
    }

    /** That launch. */
    Launch byTensorCores(float factor) {
        return byTensorCores(factor, -1, -1, 0, 0, 0);
    }

    private Launch byTensorCores(float factor, int bias, int c, int code, int x, int z) {
        return launch(Kernel.MATMUL_TENSOR, heads * batch * Math.ceilDiv(m, TensorLinear.HEIGHT) * Math.ceilDiv(n, TensorLinear.WIDTH),
                factor, bias, c, 0, code, x, z);
    }

    /**
     * One product with what follows it: {@link TensorLinear#matMul} for as many rows as it can take, {@link BlockedLinear#matMul} for the
     * others.
     *
     * @param bias as for {@link #byBlocks}, as are the others
     */
    List<Launch> byTensorCores(int bias, int c, int code, int x, int z) {
        if (bias < 0 && c < 0 && code == 0 && fitsTensorCores(false)) {
            return List.of(byTensorCores(1));
        }
        int rows = n % TensorLinear.PANEL == 0 ? m / TensorLinear.BAND * TensorLinear.BAND : 0;
        List<Launch> launches = new ArrayList<>();
        if (rows > 0) {
            launches.add(rows(0, rows).byTensorCores(1, bias, c, code, x, z));
        }
        if (rows < m) {
            int skipped = rows * d.ld;
            launches.add(rows(rows, m).byBlocks(1, bias, c < 0 ? c : c + skipped, code, x + skipped, z + skipped));
        }
        return launches;
    }

    /** Some of the rows of d. */
    private Product rows(int from, int to) {
        return new Product(Matrix.of(a.at + from * (transposeA ? 1 : a.ld), a.ld), transposeA, b, transposeB,
                Matrix.of(d.at + from * d.ld, d.ld), to - from, n, k, batch, heads);
    }

    private int tiles(int tile) {
        return heads * batch * Math.ceilDiv(m, tile) * Math.ceilDiv(n, tile);
    }

    private Launch launch(Kernel kernel, int groups, float factor, int bias, int c, int scratch, int... epilogue) {
        int[] own = {a.at, b.at, bias, c, d.at, scratch, m, n, k, transposeA ? 1 : 0, transposeB ? 1 : 0, a.ld, b.ld, d.ld, a.next, b.next,
            d.next, a.head, b.head, d.head, batch, heads};
        return Launch.groups(kernel, groups, IntStream.concat(Arrays.stream(own), Arrays.stream(epilogue)).toArray()).with(factor);
    }
}
