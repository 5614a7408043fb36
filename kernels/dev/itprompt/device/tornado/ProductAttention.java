package dev.itprompt.device.tornado;

import dev.itprompt.device.tornado.Product.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention as batches of matrix products with {@link Scores} between them. All scores are in scratch memory at a time, [heads, batch,
 * tokens, row]; on a GPU, writing and reading them costs less than what the faster products save.
 *
 * @param precision tells what does the products
 * @param qkv     where [batch, tokens, 3·width] begins: queries, keys and values
 * @param keys    where prefix keys begin, [prefixes, width] or one for each sample; 0 if there are none
 * @param values  likewise
 * @param sums    where those of queries are kept, [heads, batch, tokens]; -1 if they are not; see {@link KeptSums}
 * @param scratch {@link #workspace} floats
 */
record ProductAttention(Heads h, Precision precision, int qkv, int keys, int values, int sums, int scratch) {

    /** Columns of scores are padded to multiples of it, so that all matrices are aligned. */
    private static final int PAD = 8;
    /** In floats, of where matrices begin and of their rows. */
    private static final int ALIGNMENT = 4;

    /** Whether heads begin where a library can load them. */
    static boolean fitsLibrary(Heads h) {
        return h.headWidth() % ALIGNMENT == 0;
    }

    /** Floats of scratch memory. */
    static long workspace(Heads h, Precision precision, boolean gradient) {
        return reserved(precision) + (gradient ? 2 : 1) * (long) h.queries() * row(h)
                + (gradient && !h.own() && !precision.isLibrary() ? Lowering.summedRows(h.batch()) * h.prefixes() * h.width() : 0);
    }

    /** A library's share. */
    private static int reserved(Precision precision) {
        return precision.isLibrary() ? CublasLt.WORKSPACE / Float.BYTES : 0;
    }

    private static int padded(int columns) {
        return Math.ceilDiv(columns, PAD) * PAD;
    }

    private static int row(Heads h) {
        return padded(h.tokens()) + padded(h.prefixes());
    }

    private int probabilities() {
        return scratch + reserved(precision);
    }

    /** A part of [batch, tokens, 3·width]: 0 queries, 1 keys, 2 values. */
    private Matrix third(int at, int part) {
        return new Matrix(at + part * h.width(), 3 * h.width(), 3 * h.width() * h.tokens(), h.headWidth());
    }

    /** [batch, tokens, width]. */
    private Matrix whole(int at) {
        return new Matrix(at, h.width(), h.width() * h.tokens(), h.headWidth());
    }

    /** Prefix keys or values, or their gradients. */
    private Matrix prefix(int at) {
        return new Matrix(at, h.width(), h.own() ? h.width() * h.prefixes() : 0, h.headWidth());
    }

    /** Columns of scores from {@code column} on. */
    private Matrix scores(int at, int column) {
        int size = h.tokens() * row(h);
        return new Matrix(at + column, row(h), size, size * h.batch());
    }

    /** d = op(a)·b, of as many rows as a sample has tokens. */
    private Launch product(Matrix a, boolean transposeA, Matrix b, Matrix d, int k, boolean added) {
        return launch(new Product(a, transposeA, b, false, d, h.tokens(), h.headWidth(), k, h.batch(), h.heads()), false, 1,
                added ? d.at() : -1);
    }

    /** @param room whether rows of d have room for columns that are not theirs */
    private Launch launch(Product product, boolean room, float factor, int c) {
        if (precision.isLibrary()) {
            return product.byLibrary(factor, -1, c, scratch);
        }
        return precision == Precision.BF16 && c < 0 && product.fitsTensorCores(room) ? product.byTensorCores(factor)
                : product.byBlocks(factor, -1, c, 0, 0, 0);
    }

    /** x·[own; prefixes]ᵀ, x of the queries' shape. */
    private List<Product> againstKeys(Matrix x, Matrix own, int prefixes, int scores) {
        List<Product> products = new ArrayList<>(List.of(new Product(x, false, own, true, scores(scores, 0), h.tokens(), h.tokens(),
                h.headWidth(), h.batch(), h.heads())));
        if (h.prefixes() > 0) {
            products.add(new Product(x, false, prefix(prefixes), true, scores(scores, padded(h.tokens())), h.tokens(), h.prefixes(),
                    h.headWidth(), h.batch(), h.heads()));
        }
        return products;
    }

    /** The same times a factor. */
    private List<Launch> againstKeys(Matrix x, Matrix own, int prefixes, int scores, float factor) {
        return new ArrayList<>(againstKeys(x, own, prefixes, scores).stream().map(product -> launch(product, true, factor, -1)).toList());
    }

    /** y = scores·[own; prefixes], y of the queries' shape. */
    private List<Launch> alongKeys(int scores, Matrix own, int prefixes, Matrix y) {
        List<Launch> launches = new ArrayList<>();
        launches.add(product(scores(scores, 0), false, own, y, h.tokens(), false));
        if (h.prefixes() > 0) {
            launches.add(product(scores(scores, padded(h.tokens())), false, prefix(prefixes), y, h.prefixes(), true));
        }
        return launches;
    }

    private List<Launch> softmax() {
        List<Launch> launches = scores();
        launches.add(Launch.groups(Kernel.SCORES_SOFTMAX, h.queries(), probabilities(), h.tokens(), padded(h.tokens()), h.prefixes(),
                row(h), h.causal() ? 1 : 0, sums));
        return launches;
    }

    private List<Launch> scores() {
        return againstKeys(third(qkv, 0), third(qkv, 1), keys, probabilities(), h.scale());
    }

    /** Probabilities once more: by the kernel that multiplies, if it has every value to itself when it is done. */
    private List<Launch> softmaxAgain() {
        if (precision == Precision.EXACT) {
            List<Product> products = againstKeys(third(qkv, 0), third(qkv, 1), keys, probabilities());
            List<Launch> launches = new ArrayList<>(List.of(products.getFirst().probabilitiesByBlocks(h.scale(), sums,
                    h.causal() ? h.tokens() : 0)));
            products.stream().skip(1).forEach(product -> launches.add(product.probabilitiesByBlocks(h.scale(), sums, 0)));
            return launches;
        }
        List<Launch> launches = scores();
        int size = h.queries() * row(h);
        launches.add(Launch.items(Kernel.SCORES_PROBABILITIES, size, probabilities(), h.tokens(), padded(h.tokens()), h.prefixes(), row(h),
                h.causal() ? 1 : 0, sums, size));
        return launches;
    }

    /** The launches that compute y [batch, tokens, width]. */
    List<Launch> forward(int y) {
        List<Launch> launches = softmax();
        launches.addAll(alongKeys(probabilities(), third(qkv, 2), values, whole(y)));
        return launches;
    }

    /**
     * The launches that compute gradients.
     *
     * @param dKeys   -1 if nobody reads the gradient of prefix keys
     * @param dValues likewise
     */
    List<Launch> backward(int dy, int dqkv, int dKeys, int dValues) {
        int p = probabilities();
        int ds = p + h.queries() * row(h);
        List<Launch> launches = sums < 0 ? softmax() : softmaxAgain();
        launches.addAll(againstKeys(whole(dy), third(qkv, 2), values, ds, 1));
        launches.add(Launch.groups(Kernel.SCORES_GRADIENT, h.queries(), p, ds, h.tokens(), padded(h.tokens()), h.prefixes(), row(h))
                .with(h.scale()));
        launches.addAll(alongKeys(ds, third(qkv, 1), keys, third(dqkv, 0)));
        launches.add(product(scores(ds, 0), true, third(qkv, 0), third(dqkv, 1), h.tokens(), false));
        launches.add(product(scores(p, 0), true, whole(dy), third(dqkv, 2), h.tokens(), false));
        if (dKeys >= 0) {
            launches.addAll(ofPrefix(ds, third(qkv, 0), dKeys));
        }
        if (dValues >= 0) {
            launches.addAll(ofPrefix(p, whole(dy), dValues));
        }
        return launches;
    }

    /**
     * Gradient of prefixes. Those of shared ones are added up over samples: by a library in one product, since queries of all samples lie
     * one after the other; else afterwards, as a product of few results would leave a GPU idle.
     */
    private List<Launch> ofPrefix(int scores, Matrix x, int gradient) {
        Matrix factor = scores(scores, padded(h.tokens()));
        boolean summed = !h.own() && !precision.isLibrary();
        int samples = h.own() || summed ? 1 : h.batch();
        int each = probabilities() + 2 * h.queries() * row(h);
        int size = h.prefixes() * h.width();
        Matrix d = summed ? new Matrix(each, h.width(), size, h.headWidth()) : prefix(gradient);
        List<Launch> launches = new ArrayList<>(List.of(launch(new Product(factor, true, x, false, d, h.prefixes(), h.headWidth(),
                samples * h.tokens(), h.batch() / samples, h.heads()), false, 1, -1)));
        if (summed) {
            launches.addAll(Lowering.sum(each, gradient, h.batch(), size, 1, each + h.batch() * size));
        }
        return launches;
    }
}
