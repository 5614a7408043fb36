package dev.itprompt.graph;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;

/**
 * What a node computes. An op holds attributes only; its inputs are the inputs of its {@link Node}. The same op means the
 * same thing on every device; {@code ReferenceDevice} is its executable definition.
 *
 * <p>Letters in shapes: B batch, N tokens, D width, H heads, d = D/H head width, P prefix length, M rows (all leading
 * extents of a tensor multiplied), K inner extent, C classes. "…" stands for any leading extents. An extent list in
 * brackets is a shape; {@code []} is a scalar.
 */
public sealed interface Op {

    // ---- sources: no inputs -------------------------------------------------------------------------------------

    /** A value written before every run: images, labels, masks, learning rates. */
    record Input(String name) implements Op {}

    /** A value that never changes: frozen weights. A device may pack or upload it once. */
    record Constant(Tensor value) implements Op {}

    /** A value that stays on the device between runs, written and read by the host and updated by optimizer ops. */
    record Variable(String name, Tensor initial) implements Op {}

    // ---- linear algebra -----------------------------------------------------------------------------------------

    /**
     * {@code op(a)·op(b) [+ bias]} with a [M, K] (leading extents flattened), b a matrix and bias [n] optional. With
     * {@code transposeA} a is read as [K, M]; with {@code transposeB} b is [n, K], the layout in which linear layers store
     * their weights. The result keeps a's leading extents, or is [M, n] with transposeA.
     */
    record MatMul(boolean transposeA, boolean transposeB) implements Op {}

    /** {@code a + b}; b's shape equals a's or is a suffix of it (then b is repeated). */
    record Add() implements Op {}

    /** {@code a · b} element by element; b's shape equals a's or is a suffix of it (then b is repeated). */
    record Multiply() implements Op {}

    /** {@code scale · x + shift} with two numbers fixed in the graph. */
    record Affine(float scale, float shift) implements Op {}

    /** {@code e^x}. */
    record Exp() implements Op {}

    /** Sums over leading extents until the given suffix of x's shape is left; the gradient of broadcasting. */
    record SumTo(Shape shape) implements Op {}

    /** Repeats x over new leading extents up to the given shape; the gradient of {@link SumTo}. */
    record Broadcast(Shape shape) implements Op {}

    /** The same elements under another shape; no work. */
    record Reshape(Shape shape) implements Op {}

    /** a [m, …] above b [n, …] gives [m+n, …]. */
    record ConcatRows() implements Op {}

    /** {@code count} entries of the outermost axis from {@code from} on. */
    record SliceRows(int from, int count) implements Op {}

    /** x [count, …] placed at row {@code from} of zeros [rows, …]; the gradient of {@link SliceRows}. */
    record PadRows(int from, int rows) implements Op {}

    // ---- transformer --------------------------------------------------------------------------------------------

    /** Non-linearities of the CLIP and timm families. */
    enum Activation {
        /** {@code x/2·(1 + erf(x/√2))}. */
        GELU,
        /** {@code x·σ(1.702 x)}. */
        QUICK_GELU
    }

    /** The non-linearity, element by element. */
    record Activate(Activation kind) implements Op {}

    /** (x, dy): {@code dy · kind′(x)}. */
    record ActivateGrad(Activation kind) implements Op {}

    /** (x […, D], gain [D], bias [D]): each row to mean 0 and variance 1 (population variance), then gain and bias. */
    record LayerNorm(float epsilon) implements Op {}

    /** (x, gain, dy): gradient of {@link LayerNorm} with respect to x. */
    record LayerNormGrad(float epsilon) implements Op {}

    /** (x, dy): gradient of {@link LayerNorm} with respect to the gain, [D]. */
    record LayerNormGainGrad(float epsilon) implements Op {}

    /**
     * Multi-head self-attention over projected queries, keys and values: (qkv [B, N, 3D] with q, k, v side by side, optional
     * prefix keys and prefix values, each [P, D] for the whole batch or [B, P, D]) gives [B, N, D]. Per head
     * {@code softmax(q·[prefixK; k]ᵀ/√d)·[prefixV; v]}; prefix rows precede the tokens and have no queries. With
     * {@code causal} token i sees prefixes and tokens up to i. No buffer of N x N is visible.
     */
    record Attention(int heads, boolean causal) implements Op {}

    /**
     * (qkv, [prefixK, prefixV,] dy [B, N, D]): gradient of {@link Attention} with respect to qkv, [B, N, 3D]; with prefixes
     * also {@link Extra} 0 and 1, the gradients with respect to prefix keys and values, shaped as these are.
     */
    record AttentionGrad(int heads, boolean causal) implements Op {}

    /** Image [B, channels, height, width] to rows of flattened patches [B, patches, channels·patch²], left to right, top to bottom. */
    record Patches(int patch) implements Op {}

    /** (x [B, N, D], token [D]): the token before every sequence, [B, N+1, D]. */
    record PrependToken() implements Op {}

    /** x [B, N, D] without its first token, [B, N-1, D]. */
    record DropToken() implements Op {}

    /** x [B, N, D] behind a token of zeros, [B, N+1, D]; the gradient of {@link DropToken}. */
    record PadToken() implements Op {}

    /** (x [B, N, D], index [B]): token index[b] of sequence b, [B, D]. */
    record SelectToken() implements Op {}

    /** (dy [B, D], index [B]): dy at token index[b], zero elsewhere, [B, N, D]. */
    record SelectTokenGrad(int tokens) implements Op {}

    /** x [B, N, D] averaged over tokens, [B, D]. */
    record MeanTokens() implements Op {}

    /** dy [B, D] to every token divided by their number, [B, N, D]. */
    record MeanTokensGrad(int tokens) implements Op {}

    /** (table [V, D], ids […]): row ids[i] of the table, […, D]. */
    record Gather() implements Op {}

    /** (dy […, D], ids […]): rows of dy added up by id, [V, D]. */
    record GatherGrad(int rows) implements Op {}

    /** x […, D], each row divided by its Euclidean length (at least 1e-12). */
    record Normalize() implements Op {}

    /** (x, dy): gradient of {@link Normalize}. */
    record NormalizeGrad() implements Op {}

    /** Softmax over the innermost extent. */
    record Softmax() implements Op {}

    /** (y, dy): gradient of {@link Softmax} given its result y. */
    record SoftmaxGrad() implements Op {}

    // ---- losses and optimizers ----------------------------------------------------------------------------------

    /** (logits [M, C], labels [M]): mean of −log softmax(logits)[label], a scalar. Logits may be −∞ (masked classes). */
    record CrossEntropy() implements Op {}

    /** (logits, labels, dy []): gradient of {@link CrossEntropy} with respect to the logits. */
    record CrossEntropyGrad() implements Op {}

    /** (logits [M, C], target [M, C], each row summing to 1): mean over rows of −Σ target·log softmax(logits), a scalar. */
    record SoftCrossEntropy() implements Op {}

    /** (logits, target, dy []): gradient of {@link SoftCrossEntropy} with respect to the logits. */
    record SoftCrossEntropyGrad() implements Op {}

    /** Any number of tensors: the Euclidean length of all their elements together, a scalar. */
    record GlobalNorm() implements Op {}

    /**
     * (variable, first moment, second moment, gradient, rates [3] = learning rate, weight decay, clip norm; step []; norm []):
     * one AdamW step in place (Loshchilov &amp; Hutter 2019, algorithm 2; with weight decay 0 it is Adam). step counts from 1.
     * The gradient is scaled by {@code min(1, clip/(norm+1e-6))}, as torch's clip_grad_norm_ does; clip ∞ switches that off.
     * The result is the variable itself.
     */
    record AdamW(float beta1, float beta2, float epsilon) implements Op {}

    /**
     * (variable, velocity, gradient, rates [3] as in {@link AdamW}, norm []): {@code g ← clip(g) + decay·w;
     * v ← momentum·v + g; w ← w − rate·v} in place, as torch's SGD. The result is the variable itself.
     */
    record Sgd(float momentum) implements Op {}

    /** Output number {@code index} beside the main one of the node it reads; no work of its own. */
    record Extra(int index) implements Op {}

    /** Whether the op takes no inputs: its value comes from outside. */
    default boolean isSource() {
        return this instanceof Input || this instanceof Constant || this instanceof Variable;
    }

    /** Whether the result shares the memory of input 0. */
    default boolean isAlias() {
        return this instanceof Reshape || isUpdate();
    }

    /** Whether the op changes a variable, so that it runs although nobody reads its result. */
    default boolean isUpdate() {
        return this instanceof AdamW || this instanceof Sgd;
    }
}
