package dev.itprompt.device.tornado;

import dev.itprompt.device.tornado.Product.Matrix;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns nodes into launches.
 *
 * @param places    where values lie in the heap
 * @param rung      which kernels do matrix products and attention
 * @param precision of matrix products
 * @param workspace where scratch memory begins; {@link #workspace} tells how much a node needs
 */
record Lowering(Places places, Rung rung, Precision precision, int workspace) {

    /** Where values lie in the heap, in floats. */
    interface Places {

        /** Where a node's result begins. */
        int of(Node node);

        /** Where output {@code index} beside a node's main one begins; -1 if nobody reads it. */
        int extra(Node node, int index);

        /** Where an attention's sums are kept, or those that a gradient may read; -1 if they are not. See {@link KeptSums}. */
        int sums(Node node);
    }

    /** Kernels for matrix products and attention. */
    enum Rung {
        /** {@link Linear} and {@link Attentions}. */
        PLAIN,
        /** {@link VectorLinear} where operands have its layout, else {@link Linear}; attention as {@link #BLOCKS} has it. */
        VECTORS,
        /** {@link TiledLinear}, and {@link TiledAttentions} where heads are not too wide. */
        TILES,
        /** {@link BlockedLinear}, for {@link ProductAttention} too. */
        BLOCKS
    }

    /** Least length of a row that {@link Op.Normalize} divides by. */
    private static final float MIN_LENGTH = 1e-12f;
    /** Work-groups for the sum of squares of one tensor. */
    private static final int SQUARE_GROUPS = 64;
    /** From this number of columns on, one item per column adds up the rows. */
    private static final int MANY_COLUMNS = 256;
    /** Rows that one item adds up, at least, and the number of runs of rows, at most. */
    private static final int RUN = 64;
    private static final int RUNS = 64;

    /** Floats of scratch memory that a node needs while it runs. */
    static long workspace(Node node, Rung rung, Precision precision) {
        return switch (node.op()) {
            case Op.MatMul op -> precision.isLibrary() ? CublasLt.WORKSPACE / Float.BYTES
                    : rung == Rung.BLOCKS && precision == Precision.EXACT ? parts(node, op) : 0;
            case Op.LayerNormGainGrad _ -> 2L * node.input(0).shape().rows() + partialSums(node);
            case Op.Sum op -> node.input(0).shape().outside(op.axis()) == 1 ? partialSums(node) : 0;
            case Op.CrossEntropy _, Op.CrossEntropyGrad _, Op.SoftCrossEntropy _, Op.SoftCrossEntropyGrad _,
                    Op.SoftCrossEntropyTargetGrad _ -> node.input(0).shape().rows();
            case Op.GlobalNorm _ -> (long) SQUARE_GROUPS * node.inputs().size();
            case Op.Attention op -> {
                Heads h = Heads.of(node, op.heads(), op.causal(), node.inputs().size() == 3);
                yield byProducts(h, rung, precision) ? ProductAttention.workspace(h, of(h, precision), false) : 0;
            }
            case Op.AttentionGrad op -> {
                Heads h = Heads.of(node, op.heads(), op.causal(), node.inputs().size() == 4);
                yield byProducts(h, rung, precision) ? ProductAttention.workspace(h, of(h, precision), true)
                        : statistics(node, op.heads()) + (node.inputs().size() == 4 ? prefixGradients(node) : 0);
            }
            case Op.Source _, Op.Move _, Op.Add _, Op.Multiply _, Op.Divide _, Op.Affine _, Op.Exp _, Op.Log _, Op.Sqrt _,
                    Op.SelectToken _, Op.SelectTokenGrad _, Op.Gather _, Op.GatherGrad _, Op.TopK _, Op.Activate _,
                    Op.ActivateGrad _, Op.LayerNorm _, Op.LayerNormGrad _, Op.Patches _, Op.Normalize _, Op.NormalizeGrad _,
                    Op.Softmax _, Op.SoftmaxGrad _, Op.Update _, Op.FurtherResult _ -> 0;
        };
    }

    /** Floats of a product's parts, if there are several. */
    private static long parts(Node node, Op.MatMul op) {
        Shape a = node.input(0).shape();
        int n = node.shape().last();
        int parts = Product.parts(op.transposeA() ? a.last() : a.rows(), n, op.transposeA() ? a.rows() : a.last());
        return parts > 1 ? (long) parts * node.shape().size() : 0;
    }

    /** Floats of column sums of runs of rows; see {@link #runRows}. */
    private static long partialSums(Node node) {
        int columns = node.shape().size();
        int rows = node.input(0).shape().size() / columns;
        return (long) Math.ceilDiv(rows, runRows(rows)) * columns;
    }

    /** Rows that one item adds up: a function of their number alone. */
    private static int runRows(int rows) {
        return Math.max(RUN, Math.ceilDiv(rows, RUNS));
    }

    /** Floats of every sample's gradients of prefix keys and values, and of their sums over runs of samples. */
    private static long prefixGradients(Node node) {
        Shape prefix = node.input(1).shape();
        int batch = node.input(0).shape().dim(0);
        return prefix.rank() == 3 ? 2L * prefix.size() : (batch + summedRows(batch)) * prefix.size();
    }

    /** Rows that {@link #sum} adds up, and those of its partial sums. */
    static long summedRows(int rows) {
        return rows + Math.ceilDiv(rows, runRows(rows));
    }

    /** Floats of Σ p·dp of all queries, and of their sums if none are kept. */
    private static long statistics(Node node, int heads) {
        Shape qkv = node.input(0).shape();
        return 2L * qkv.dim(0) * heads * qkv.dim(1);
    }

    /**
     * The launches that compute a node, in order.
     *
     * @param node never a source, a view or an {@link Op.FurtherResult}
     * @throws UnsupportedOperationException if there is no kernel for the op
     */
    List<Launch> lower(Node node) {
        int y = places.of(node);
        int size = node.shape().size();
        int x = in(node, 0);
        Shape shape = node.input(0).shape();
        int rows = shape.rows();
        int width = shape.last();
        return switch (node.op()) {
            case Op.MatMul op -> matMul(node, op, node);
            case Op.Add _ -> List.of(Launch.items(Kernel.ADD, size, x, in(node, 1), y, size, size(node, 1)));
            case Op.Multiply _ -> List.of(Launch.items(Kernel.MULTIPLY, size, x, in(node, 1), y, size, size(node, 1)));
            case Op.Divide _ -> List.of(Launch.items(Kernel.DIVIDE, size, x, in(node, 1), y, size, size(node, 1)));
            case Op.Affine op -> List.of(Launch.items(Kernel.AFFINE, size, x, y, size).with((float) op.scale(), (float) op.shift()));
            case Op.Exp _ -> List.of(Launch.items(Kernel.EXP, size, x, y, size));
            case Op.Log _ -> List.of(Launch.items(Kernel.LOG, size, x, y, size));
            case Op.Sqrt _ -> List.of(Launch.items(Kernel.SQRT, size, x, y, size));
            case Op.Sum op -> sum(x, y, shape, op.axis());
            case Op.Repeat op -> List.of(Launch.items(Kernel.REPEAT, size, x, y, size, op.count(), node.shape().inside(op.axis())));
            case Op.Concat op -> concat(node, op.axis());
            case Op.Slice op -> {
                int inside = shape.inside(op.axis());
                int stretch = op.count() * inside;
                yield List.of(Launch.items(Kernel.COPY, size, x + op.from() * inside, y, size, stretch,
                        shape.dim(op.axis()) * inside, stretch));
            }
            case Op.Pad op -> {
                int inside = shape.inside(op.axis());
                yield List.of(Launch.items(Kernel.PAD, size, x, y, size, shape.dim(op.axis()) * inside, op.from() * inside,
                        op.extent() * inside));
            }
            case Op.SelectToken _ -> List.of(Launch.items(Kernel.SELECT, size, x, in(node, 1), y, size, shape.dim(1), width));
            case Op.SelectTokenGrad op ->
                List.of(Launch.items(Kernel.SELECT_GRADIENT, size, x, in(node, 1), y, size, op.tokens(), width));
            case Op.Gather _ -> List.of(Launch.items(Kernel.GATHER, size, x, in(node, 1), y, size, width));
            case Op.GatherGrad _ -> List.of(Launch.items(Kernel.FILL, size, y, size).with(0),
                    Launch.items(Kernel.GATHER_GRADIENT, width * Tokens.SHARES, x, in(node, 1), y, width, size(node, 1)));
            case Op.TopK op -> List.of(Launch.items(Kernel.TOP_K, shape.size(), x, y, shape.size(), width, op.count())
                    .with(Float.NEGATIVE_INFINITY));
            case Op.Patches op -> List.of(Launch.items(Kernel.PATCHES, size, x, y, size, shape.dim(1), shape.dim(2), shape.dim(3),
                    op.patch()));
            case Op.Activate op -> List.of(activation(op, size, x, y));
            case Op.ActivateGrad op -> List.of(activationGradient(op, size, x, in(node, 1), y));
            case Op.LayerNorm op -> List.of(Launch.groups(Kernel.LAYER_NORM, rows, x, in(node, 1), in(node, 2), y, width)
                    .with(op.epsilon()));
            case Op.LayerNormGrad op -> layerNormGradient(node, op, node);
            case Op.LayerNormGainGrad op -> layerNormGainGradient(node, op);
            case Op.Attention op -> attention(node, op);
            case Op.AttentionGrad op -> attentionGradient(node, op);
            case Op.Softmax _ -> List.of(Launch.groups(Kernel.SOFTMAX, rows, x, y, width));
            case Op.SoftmaxGrad _ -> List.of(Launch.groups(Kernel.SOFTMAX_GRADIENT, rows, x, in(node, 1), y, width));
            case Op.Normalize _ -> List.of(Launch.groups(Kernel.NORMALIZE, rows, x, y, width).with(MIN_LENGTH));
            case Op.NormalizeGrad _ ->
                List.of(Launch.groups(Kernel.NORMALIZE_GRADIENT, rows, x, in(node, 1), y, width).with(MIN_LENGTH));
            case Op.CrossEntropy _ -> losses(node, Kernel.CROSS_ENTROPY);
            case Op.SoftCrossEntropy _ -> losses(node, Kernel.SOFT_CROSS_ENTROPY);
            case Op.CrossEntropyGrad _ -> lossGradient(node, Kernel.CROSS_ENTROPY_GRADIENT);
            case Op.SoftCrossEntropyGrad _ -> lossGradient(node, Kernel.SOFT_CROSS_ENTROPY_GRADIENT);
            case Op.SoftCrossEntropyTargetGrad _ -> targetGradient(node);
            case Op.GlobalNorm _ -> globalNorm(node);
            case Op.AdamW op -> List.of(Launch.items(Kernel.ADAMW, size, x, in(node, 1), in(node, 2), in(node, 3), in(node, 4),
                    in(node, 5), in(node, 6), size).with((float) op.beta1(), (float) op.beta2(), (float) (1.0 - op.beta1()),
                    (float) (1.0 - op.beta2()), (float) op.epsilon(), (float) Math.log(op.beta1()), (float) Math.log(op.beta2())));
            case Op.Sgd op -> List.of(Launch.items(Kernel.SGD, size, x, in(node, 1), in(node, 2), in(node, 3), in(node, 4), size)
                    .with((float) op.momentum()));
            case Op.Source _, Op.View _, Op.FurtherResult _ ->
                throw new UnsupportedOperationException("the tornado device has no kernel for " + node);
        };
    }

    /**
     * The launches that compute two nodes at once; see {@link dev.itprompt.device.Fusion}.
     *
     * @param last reads {@code first}
     */
    List<Launch> lower(Node first, Node last) {
        return switch ((Op.Producer) first.op()) {
            case Op.MatMul op -> matMul(first, op, last);
            case Op.LayerNormGrad op -> layerNormGradient(first, op, last);
        };
    }

    private int in(Node node, int input) {
        return places.of(node.input(input));
    }

    private static int size(Node node, int input) {
        return node.input(input).shape().size();
    }

    private List<Launch> concat(Node node, int axis) {
        int outer = node.shape().outside(axis);
        List<Launch> launches = new ArrayList<>();
        int at = places.of(node);
        for (Node part : node.inputs()) {
            int stretch = part.shape().size() / outer;
            launches.add(Launch.items(Kernel.COPY, part.shape().size(), places.of(part), at, part.shape().size(), stretch, stretch,
                    node.shape().size() / outer));
            at += stretch;
        }
        return launches;
    }

    private List<Launch> sum(int x, int y, Shape shape, int axis) {
        int outer = shape.outside(axis);
        int n = shape.dim(axis);
        int inside = shape.inside(axis);
        if (outer == 1) {
            return sum(x, y, n, inside, 1, workspace);
        }
        boolean tree = inside == 1 || outer * inside < MANY_COLUMNS;
        return List.of((tree ? Launch.groups(Kernel.SUM_TREE, outer * inside, x, y, n, inside)
                : Launch.items(Kernel.SUM_COLUMNS, outer * inside, x, y, outer * n, inside, n)).with(1));
    }

    /** @param partial where sums of runs of rows go, if there are several */
    static List<Launch> sum(int x, int y, int rows, int columns, float factor, int partial) {
        if (columns < MANY_COLUMNS) {
            return List.of(Launch.groups(Kernel.SUM_TREE, columns, x, y, rows, columns).with(factor));
        }
        int run = runRows(rows);
        int runs = Math.ceilDiv(rows, run);
        Launch last = Launch.items(Kernel.SUM_COLUMNS, columns, runs == 1 ? x : partial, y, runs == 1 ? rows : runs, columns,
                Math.max(rows, runs)).with(factor);
        return runs == 1 ? List.of(last)
                : List.of(Launch.items(Kernel.SUM_COLUMNS, runs * columns, x, partial, rows, columns, run).with(1), last);
    }

    private List<Launch> layerNormGradient(Node node, Op.LayerNormGrad op, Node last) {
        int added = last == node ? 0 : places.of(other(node, last));
        return List.of(Launch.groups(Kernel.LAYER_NORM_GRADIENT, node.shape().rows(), in(node, 0), in(node, 1), in(node, 2),
                places.of(last), node.shape().last(), last == node ? 0 : 1, added).with(op.epsilon()));
    }

    private List<Launch> layerNormGainGradient(Node node, Op.LayerNormGainGrad op) {
        int rows = node.input(0).shape().rows();
        int width = node.shape().last();
        int run = runRows(rows);
        int runs = Math.ceilDiv(rows, run);
        int y = places.of(node);
        int partial = runs == 1 ? y : workspace + 2 * rows;
        List<Launch> launches = new ArrayList<>(List.of(statistics(node, op.epsilon()), Launch.items(Kernel.LAYER_NORM_GAIN_GRADIENT,
                runs * width, in(node, 0), in(node, 1), workspace, partial, rows, width, run)));
        if (runs > 1) {
            launches.addAll(sum(partial, y, runs, width, 1, partial));
        }
        return launches;
    }

    /** What {@code last} reads beside {@code first}. */
    private static Node other(Node first, Node last) {
        return last.input(0) == first ? last.inputs().getLast() : last.input(0);
    }

    private Launch statistics(Node node, float epsilon) {
        Shape x = node.input(0).shape();
        return Launch.groups(Kernel.LAYER_NORM_STATISTICS, x.rows(), in(node, 0), workspace, x.last()).with(epsilon);
    }

    /** @param last the node itself, or one that is computed from its values */
    private List<Launch> matMul(Node node, Op.MatMul op, Node last) {
        Shape a = node.input(0).shape();
        int m = op.transposeA() ? a.last() : a.rows();
        int k = op.transposeA() ? a.rows() : a.last();
        int n = node.shape().last();
        boolean bias = node.inputs().size() == 3;
        int y = places.of(node);
        Op.Epilogue epilogue = last == node ? null : (Op.Epilogue) last.op();
        int x = epilogue == null || other(node, last) == node ? y : places.of(other(node, last));
        int z = places.of(last);
        if (rung == Rung.BLOCKS || precision.isLibrary()) {
            boolean adds = epilogue instanceof Op.Add && x != y;
            Product product = new Product(Matrix.of(in(node, 0), op.transposeA() ? m : k), op.transposeA(),
                    Matrix.of(in(node, 1), op.transposeB() ? k : n), op.transposeB(), Matrix.of(adds ? z : y, n), m, n, k, 1, 1);
            return product(product, bias ? in(node, 2) : -1, adds ? x : -1, adds ? null : epilogue, x, z);
        }
        int[] table = {in(node, 0), in(node, 1), bias ? in(node, 2) : 0, y, m, n, k, op.transposeA() ? 1 : k, op.transposeA() ? m : 1,
            op.transposeB() ? 1 : n, op.transposeB() ? k : 1, bias ? 1 : 0, code(epilogue), x, z};
        Kernel kernel = kernel(op, n, k);
        return List.of(switch (kernel) {
            case MATMUL_TILED -> Launch.groups(kernel, Math.ceilDiv(m, TiledLinear.TILE) * Math.ceilDiv(n, TiledLinear.TILE), table);
            case MATMUL_DOTS -> Launch.items(kernel, Math.ceilDiv(m, VectorLinear.DOT_ROWS) * Math.ceilDiv(n, VectorLinear.DOT_COLUMNS),
                    table);
            case MATMUL_ROWS -> Launch.items(kernel, Math.ceilDiv(m, VectorLinear.ROWS) * (n / VectorLinear.COLUMNS), table);
            default -> Launch.items(kernel, Math.ceilDiv(m, Linear.ROWS) * n, table);
        });
    }

    /** A library leaves epilogues to another kernel. */
    private List<Launch> product(Product product, int bias, int c, Op.Epilogue epilogue, int x, int z) {
        if (precision == Precision.BF16) {
            return product.byTensorCores(bias, c, code(epilogue), x, z);
        }
        if (!precision.isLibrary()) {
            return product.inParts(bias, c, code(epilogue), x, z, workspace);
        }
        Launch launch = product.byLibrary(1, bias, c, workspace);
        int size = product.m() * product.n();
        int y = product.d().at();
        return switch (epilogue) {
            case null -> List.of(launch);
            case Op.Add _ -> List.of(launch, Launch.items(Kernel.ADD, size, x, y, z, size, size));
            case Op.Activate op -> List.of(launch, activation(op, size, y, z));
            case Op.ActivateGrad op -> List.of(launch, activationGradient(op, size, x, y, z));
        };
    }

    private Kernel kernel(Op.MatMul op, int n, int k) {
        if (rung == Rung.TILES) {
            return Kernel.MATMUL_TILED;
        }
        if (rung == Rung.VECTORS && !op.transposeA()) {
            if (op.transposeB() && k % VectorLinear.LANES == 0) {
                return Kernel.MATMUL_DOTS;
            }
            if (!op.transposeB() && n % VectorLinear.COLUMNS == 0) {
                return Kernel.MATMUL_ROWS;
            }
        }
        return Kernel.MATMUL;
    }

    private static Launch activation(Op.Activate op, int size, int x, int y) {
        return Launch.items(switch (op.kind()) {
            case GELU -> Kernel.GELU;
            case QUICK_GELU -> Kernel.QUICK_GELU;
        }, size, x, y, size);
    }

    private static Launch activationGradient(Op.ActivateGrad op, int size, int x, int dy, int dx) {
        return Launch.items(switch (op.kind()) {
            case GELU -> Kernel.GELU_GRADIENT;
            case QUICK_GELU -> Kernel.QUICK_GELU_GRADIENT;
        }, size, x, dy, dx, size);
    }

    /** The code of {@link Epilogues}; 0 for none. */
    private static int code(Op.Epilogue epilogue) {
        return switch (epilogue) {
            case null -> 0;
            case Op.Add _ -> Epilogues.ADD;
            case Op.Activate op -> switch (op.kind()) {
                case GELU -> Epilogues.GELU;
                case QUICK_GELU -> Epilogues.QUICK_GELU;
            };
            case Op.ActivateGrad op -> switch (op.kind()) {
                case GELU -> Epilogues.GELU_GRADIENT;
                case QUICK_GELU -> Epilogues.QUICK_GELU_GRADIENT;
            };
        };
    }

    private List<Launch> losses(Node node, Kernel kernel) {
        Shape logits = node.input(0).shape();
        List<Launch> launches = new ArrayList<>(List.of(
                Launch.groups(Kernel.LOG_SUM_EXP, logits.rows(), in(node, 0), workspace, logits.last()),
                Launch.items(kernel, logits.rows(), in(node, 0), in(node, 1), workspace, logits.rows(), logits.last())));
        launches.addAll(sum(workspace, places.of(node), logits.rows(), 1, 1f / logits.rows(), workspace));
        return launches;
    }

    private List<Launch> lossGradient(Node node, Kernel kernel) {
        Shape logits = node.shape();
        return List.of(
                Launch.groups(Kernel.LOG_SUM_EXP, logits.rows(), in(node, 0), workspace, logits.last()),
                Launch.items(kernel, logits.size(), in(node, 0), in(node, 1), workspace, in(node, 2), places.of(node),
                        logits.size(), logits.last(), logits.rows()));
    }

    private List<Launch> targetGradient(Node node) {
        Shape logits = node.shape();
        return List.of(
                Launch.groups(Kernel.LOG_SUM_EXP, logits.rows(), in(node, 0), workspace, logits.last()),
                Launch.items(Kernel.SOFT_CROSS_ENTROPY_TARGET_GRADIENT, logits.size(), in(node, 0), workspace, in(node, 1),
                        places.of(node), logits.size(), logits.last(), logits.rows()));
    }

    private List<Launch> globalNorm(Node node) {
        List<Launch> launches = new ArrayList<>();
        int partials = 0;
        for (int i = 0; i < node.inputs().size(); i++) {
            int groups = Math.min(SQUARE_GROUPS, Math.ceilDiv(size(node, i), Kernel.SQUARES.group));
            launches.add(Launch.groups(Kernel.SQUARES, groups, in(node, i), workspace + partials, size(node, i), groups));
            partials += groups;
        }
        launches.add(Launch.groups(Kernel.ROOT, 1, workspace, places.of(node), partials));
        return launches;
    }

    /** The precision of a node's attention. */
    private static Precision of(Heads heads, Precision precision) {
        return precision.isLibrary() && !ProductAttention.fitsLibrary(heads) ? Precision.EXACT : precision;
    }

    private static boolean byProducts(Heads heads, Rung rung, Precision precision) {
        return rung == Rung.BLOCKS || rung == Rung.VECTORS || of(heads, precision).isLibrary();
    }

    private ProductAttention products(Node node, Heads heads, int qkv, int keys, int values) {
        return new ProductAttention(heads, of(heads, precision), qkv, keys, values, places.sums(node), workspace);
    }

    private boolean inTiles(Heads heads) {
        return rung == Rung.TILES && heads.fitsTiles();
    }

    private List<Launch> attention(Node node, Op.Attention op) {
        boolean prefixed = node.inputs().size() == 3;
        Heads heads = Heads.of(node, op.heads(), op.causal(), prefixed);
        int keys = prefixed ? in(node, 1) : 0;
        int values = prefixed ? in(node, 2) : 0;
        if (byProducts(heads, rung, precision)) {
            return products(node, heads, in(node, 0), keys, values).forward(places.of(node));
        }
        return List.of(attention(heads, in(node, 0), keys, values, places.of(node), places.sums(node)));
    }

    private Launch attention(Heads h, int qkv, int keys, int values, int y, int sums) {
        int[] table = h.table(qkv, keys, values, y, sums);
        return (inTiles(h) ? Launch.groups(Kernel.ATTENTION_TILED, h.tiles(h.tokens()), table)
                : Launch.groups(Kernel.ATTENTION, h.queries(), table)).with(h.scale());
    }

    private List<Launch> attentionGradient(Node node, Op.AttentionGrad op) {
        boolean prefixed = node.inputs().size() == 4;
        Heads h = Heads.of(node, op.heads(), op.causal(), prefixed);
        int qkv = in(node, 0);
        int keys = prefixed ? in(node, 1) : 0;
        int values = prefixed ? in(node, 2) : 0;
        int dy = in(node, prefixed ? 3 : 1);
        int y = places.of(node);
        if (byProducts(h, rung, precision)) {
            return products(node, h, qkv, keys, values)
                    .backward(dy, y, prefixed ? places.extra(node, 0) : -1, prefixed ? places.extra(node, 1) : -1);
        }
        List<Launch> launches = new ArrayList<>();
        int means = workspace;
        int sums = places.sums(node);
        if (sums < 0) { // there is no attention in this run: one whose result is overwritten below
            sums = workspace + h.queries();
            launches.add(attention(h, qkv, keys, values, y, sums));
        }
        int[] table = h.table(qkv, keys, values, dy, y, sums, means);
        launches.add((inTiles(h) ? Launch.groups(Kernel.ATTENTION_QUERY_GRADIENT_TILED, h.tiles(h.tokens()), table)
                : Launch.groups(Kernel.ATTENTION_QUERY_GRADIENT, h.queries(), table)).with(h.scale()));
        launches.add(keyGradient(h, h.tokens(), h.table(qkv, keys, values, dy, sums,
                qkv + h.width(), qkv + 2 * h.width(), y + h.width(), y + 2 * h.width(), 3 * h.width(), h.tokens(), 0,
                h.causal() ? 1 : 0, means)));
        if (prefixed) {
            launches.addAll(prefixGradients(node, h, keys, values, dy, sums, means));
        }
        return launches;
    }

    /** Gradients of prefixes: those of all samples are added up, unless each has its own. */
    private List<Launch> prefixGradients(Node node, Heads h, int keys, int values, int dy, int sums, int means) {
        int[] targets = {places.extra(node, 0), places.extra(node, 1)};
        if (targets[0] < 0 && targets[1] < 0) {
            return List.of();
        }
        int size = h.batch() * h.prefixes() * h.width();
        int each = workspace + (int) statistics(node, h.heads());
        int dKeys = h.own() && targets[0] >= 0 ? targets[0] : each;
        int dValues = h.own() && targets[1] >= 0 ? targets[1] : each + size;
        List<Launch> launches = new ArrayList<>(List.of(keyGradient(h, h.prefixes(), h.table(in(node, 0), keys, values, dy, sums,
                keys, values, dKeys, dValues, h.width(), h.prefixes(), h.own() ? 0 : 1, 0, means))));
        for (int i = 0; i < targets.length && !h.own(); i++) {
            if (targets[i] >= 0) {
                launches.addAll(sum(each + i * size, targets[i], h.batch(), size / h.batch(), 1, each + 2 * size));
            }
        }
        return launches;
    }

    private Launch keyGradient(Heads h, int rows, int[] table) {
        return (inTiles(h) ? Launch.groups(Kernel.ATTENTION_KEY_GRADIENT_TILED, h.tiles(rows), table)
                : Launch.groups(Kernel.ATTENTION_KEY_GRADIENT, h.batch() * h.heads() * rows, table)).with(h.scale());
    }
}
