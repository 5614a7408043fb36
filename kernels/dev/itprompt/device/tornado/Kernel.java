package dev.itprompt.device.tornado;

import java.util.Locale;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The kernels that graphs are made of, each with the size of its work-groups. */
enum Kernel {
    FILL(Transfers::fill, Kernel.WIDE),
    MATMUL(Linear::matMul, Kernel.TREE),
    MATMUL_DOTS(VectorLinear::matMulDots, Kernel.TREE),
    MATMUL_ROWS(VectorLinear::matMulRows, Kernel.TREE),
    MATMUL_TILED(TiledLinear::matMul, Kernel.WIDE),
    MATMUL_BLOCKED(BlockedLinear::matMul, BlockedLinear.ITEMS),
    MATMUL_BLOCKED_WIDE(BlockedLinear::matMulWide, BlockedLinear.WIDE_ITEMS),
    ADD(Elementwise::add, Kernel.WIDE),
    MULTIPLY(Elementwise::multiply, Kernel.WIDE),
    DIVIDE(Elementwise::divide, Kernel.WIDE),
    AFFINE(Elementwise::affine, Kernel.WIDE),
    EXP(Elementwise::exponential, Kernel.WIDE),
    LOG(Elementwise::logarithm, Kernel.WIDE),
    SQRT(Elementwise::root, Kernel.WIDE),
    REPEAT(Axes::repeat, Kernel.WIDE),
    COPY(Axes::copy, Kernel.WIDE),
    PAD(Axes::pad, Kernel.WIDE),
    GELU(Activations::gelu, Kernel.WIDE),
    GELU_GRADIENT(Activations::geluGradient, Kernel.WIDE),
    QUICK_GELU(Activations::quickGelu, Kernel.WIDE),
    QUICK_GELU_GRADIENT(Activations::quickGeluGradient, Kernel.WIDE),
    SUM_COLUMNS(Reductions::sumColumns, Kernel.TREE),
    SUM_PARTS(Reductions::sumParts, Kernel.WIDE),
    SUM_TREE(Reductions::sumTree, Kernel.TREE),
    SQUARES(Reductions::squares, Kernel.TREE),
    ROOT(Reductions::root, Kernel.TREE),
    LAYER_NORM_STATISTICS(LayerNorms::statistics, Kernel.TREE),
    LAYER_NORM(LayerNorms::forward, Kernel.TREE),
    LAYER_NORM_GRADIENT(LayerNorms::backward, Kernel.TREE),
    LAYER_NORM_GAIN_GRADIENT(LayerNorms::gainGradient, Kernel.TREE),
    ATTENTION(Attentions::forward, Kernel.TREE),
    ATTENTION_QUERY_GRADIENT(Attentions::queryGradient, Kernel.TREE),
    ATTENTION_KEY_GRADIENT(Attentions::keyGradient, Kernel.TREE),
    ATTENTION_TILED(TiledAttentions::forward, Kernel.WIDE),
    ATTENTION_QUERY_GRADIENT_TILED(TiledAttentions::queryGradient, Kernel.WIDE),
    ATTENTION_KEY_GRADIENT_TILED(TiledAttentions::keyGradient, Kernel.WIDE),
    SCORES_SOFTMAX(Scores::softmax, Kernel.TREE),
    SCORES_PROBABILITIES(Scores::probabilities, Kernel.WIDE),
    SCORES_GRADIENT(Scores::gradient, Kernel.TREE),
    SOFTMAX(Rows::softmax, Kernel.TREE),
    SOFTMAX_GRADIENT(Rows::softmaxGradient, Kernel.TREE),
    TOP_K(Rows::topK, Kernel.WIDE),
    NORMALIZE(Rows::unitLength, Kernel.TREE),
    NORMALIZE_GRADIENT(Rows::unitLengthGradient, Kernel.TREE),
    LOG_SUM_EXP(Losses::logSumExp, Kernel.TREE),
    CROSS_ENTROPY(Losses::crossEntropy, Kernel.TREE),
    CROSS_ENTROPY_GRADIENT(Losses::crossEntropyGradient, Kernel.WIDE),
    SOFT_CROSS_ENTROPY(Losses::softCrossEntropy, Kernel.TREE),
    SOFT_CROSS_ENTROPY_GRADIENT(Losses::softCrossEntropyGradient, Kernel.WIDE),
    SOFT_CROSS_ENTROPY_TARGET_GRADIENT(Losses::softCrossEntropyTargetGradient, Kernel.WIDE),
    PATCHES(Tokens::patches, Kernel.WIDE),
    SELECT(Tokens::selectToken, Kernel.WIDE),
    SELECT_GRADIENT(Tokens::selectTokenGradient, Kernel.WIDE),
    GATHER(Tokens::gather, Kernel.WIDE),
    GATHER_GRADIENT(Tokens::gatherGradient, Kernel.WIDE),
    ADAMW(Optimizers::adamW, Kernel.WIDE),
    SGD(Optimizers::sgd, Kernel.WIDE),
    /** On the CUDA backend {@link TensorLinear#matMul}. */
    MATMUL_TENSOR(TensorLinear::withoutTensorCores, TensorLinear.ITEMS),
    /** Where a library is used, this is its task; see {@link LibraryProducts}. */
    MATMUL_LIBRARY(Linear::product, Kernel.TREE);

    /** Items of a work-group that reduces as a tree; a power of 2, and the length of the kernels' local arrays. */
    static final int TREE = 64;
    /** Items of a work-group whose items do not need each other. */
    static final int WIDE = 256;

    /** What TornadoVM compiles: context, heap, table. */
    final Task3<KernelContext, FloatArray, IntArray> method;
    /** Items of one work-group. */
    final int group;

    Kernel(Task3<KernelContext, FloatArray, IntArray> method, int group) {
        this.method = method;
        this.group = group;
    }

    /** The name of its task graph: unique, as TornadoVM demands. */
    String graphName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
