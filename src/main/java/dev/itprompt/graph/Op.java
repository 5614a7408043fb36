package dev.itprompt.graph;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.io.Serializable;

/**
 * What a node computes. An op holds attributes only; its inputs are the inputs of its {@link Node}. The same op means the
 * same thing on every device; {@code ReferenceDevice} is its executable definition. Factors are given in double precision and
 * rounded by devices that compute in float32.
 *
 * <p>Letters in shapes: B batch, N tokens, D width, H heads, d = D/H head width, P prefix length, M rows (all leading
 * extents of a tensor multiplied), K inner extent, C classes. "…" stands for any extents. An extent list in brackets is a
 * shape; {@code []} is a scalar. Axes count from 0, the outermost.
 */
public sealed interface Op extends Serializable {

    // ---- kinds of ops -------------------------------------------------------------------------------------------

    /** Takes no inputs: its value comes from outside. */
    sealed interface Source extends Op {}

    /** Puts the values of its inputs to other places, perhaps with zeros between them, and computes nothing. */
    sealed interface Move extends Op {}

    /** The value of input 0 under another name, in the same memory; no work. */
    sealed interface View extends Move {}

    /** Reads whole numbers from 0 on from input 1, stored as floats: labels, ids, positions. */
    sealed interface Indexed extends Op {

        /**
         * What all indices have to be below.
         *
         * @param x shape of input 0
         */
        int limit(Shape x);
    }

    /** Acts element by element, so that a device may do it to values of a {@link Producer} as these are finished. */
    sealed interface Epilogue extends Op {}

    /** An op that a device may compute together with an {@link Epilogue} that reads it. */
    sealed interface Producer extends Op {}

    /** Changes a variable, so that it runs although nobody reads its result, which is the variable itself: input 0. */
    sealed interface Update extends Op {}

    // ---- sources ------------------------------------------------------------------------------------------------

    /** A value written before every run: images, labels, masks, learning rates. */
    record Input(String name) implements Source {}

    /** A value that never changes: frozen weights. A device may pack or upload it once. */
    record Constant(Tensor value) implements Source {}

    /** A value that stays on the device between runs, written and read by the host and updated by optimizer ops. */
    record Variable(String name, Tensor initial) implements Source {}

    // ---- arithmetic ---------------------------------------------------------------------------------------------

    /**
     * {@code op(a)·op(b) [+ bias]} with a [M, K] (leading extents flattened), b a matrix and bias [n] optional. With
     * {@code transposeA} a is read as [K, M]; with {@code transposeB} b is [n, K], the layout in which linear layers store
     * their weights. The result keeps a's leading extents, or is [M, n] with transposeA.
     */
    record MatMul(boolean transposeA, boolean transposeB) implements Producer {}

    /** {@code a + b}; b's shape equals a's or is a suffix of it (then b is repeated). */
    record Add() implements Epilogue {}

    /** {@code a · b} element by element; b's shape equals a's or is a suffix of it (then b is repeated). */
    record Multiply() implements Op {}

    /** {@code a / b} element by element; b's shape equals a's or is a suffix of it (then b is repeated). */
    record Divide() implements Op {}

    /** {@code scale · x + shift} with two numbers fixed in the graph. */
    record Affine(double scale, double shift) implements Op {}

    /** {@code e^x}. */
    record Exp() implements Op {}

    /** The natural logarithm; −∞ for 0, not a number below. */
    record Log() implements Op {}

    /** The square root; not a number below 0. Its derivative is infinite at 0. */
    record Sqrt() implements Op {}

    /** x [outer…, n, inner…] summed over the axis of extent n, [outer…, inner…]; the gradient of {@link Repeat}. */
    record Sum(int axis) implements Op {}

    // ---- moving values ------------------------------------------------------------------------------------------

    /** x [outer…, inner…] repeated along a new axis, [outer…, count, inner…]; the gradient of {@link Sum}. */
    record Repeat(int axis, int count) implements Move {}

    /** The same elements under another shape; no work. */
    record Reshape(Shape shape) implements View {}

    /**
     * The same value, but a constant for every derivative; no work. With it {@code y + stopGradient(q − y)} has the value of q and
     * the derivatives of y (the straight-through estimator, Bengio et al. 2013).
     */
    record StopGradient() implements View {}

    /** Two or more tensors that differ in one extent at most, one after another along that axis. */
    record Concat(int axis) implements Move {}

    /** {@code count} entries along an axis from {@code from} on. */
    record Slice(int axis, int from, int count) implements Move {}

    /** x placed along an axis at entry {@code from} of {@code extent}, zeros elsewhere; the gradient of {@link Slice}. */
    record Pad(int axis, int from, int extent) implements Move {}

    /** (x [B, N, D], index [B]): token index[b] of sequence b, [B, D]. */
    record SelectToken() implements Indexed {
        @Override
        public int limit(Shape x) {
            return x.dim(1);
        }
    }

    /** (dy [B, D], index [B]): dy at token index[b], zero elsewhere, [B, N, D]. */
    record SelectTokenGrad(int tokens) implements Indexed {
        @Override
        public int limit(Shape dy) {
            return tokens;
        }
    }

    /** (table [V, D], ids […]): row ids[i] of the table, […, D]. */
    record Gather() implements Indexed {
        @Override
        public int limit(Shape table) {
            return table.dim(0);
        }
    }

    /** (dy […, D], ids […]): rows of dy added up by id, [V, D]. */
    record GatherGrad(int rows) implements Indexed {
        @Override
        public int limit(Shape dy) {
            return rows;
        }
    }

    /**
     * The places of the {@code count} largest elements of each row of x […, n], the largest first, as whole numbers stored as
     * floats, […, count]. Of equal elements the one at the lower place comes first; what is not a number counts as −∞. The places
     * are constants for every derivative.
     */
    record TopK(int count) implements Op {}

    // ---- transformer --------------------------------------------------------------------------------------------

    /** Non-linearities of the CLIP and timm families. */
    enum Activation {
        /** {@code x/2·(1 + erf(x/√2))}. */
        GELU,
        /** {@code x·σ(1.702 x)}. */
        QUICK_GELU
    }

    /** The non-linearity, element by element. */
    record Activate(Activation kind) implements Epilogue {}

    /** (x, dy): {@code dy · kind′(x)}. */
    record ActivateGrad(Activation kind) implements Epilogue {}

    /** (x […, D], gain [D], bias [D]): each row to mean 0 and variance 1 (population variance), then gain and bias. */
    record LayerNorm(float epsilon) implements Op {}

    /** (x, gain, dy): gradient of {@link LayerNorm} with respect to x. */
    record LayerNormGrad(float epsilon) implements Producer {}

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
     * also {@link FurtherResult} 0 and 1, the gradients with respect to prefix keys and values, shaped as these are.
     */
    record AttentionGrad(int heads, boolean causal) implements Op {}

    /**
     * Image [B, channels, height, width] to rows of flattened patches [B, patches, channels·patch²], left to right, top to bottom.
     */
    record Patches(int patch) implements Op {}

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
    record CrossEntropy() implements Indexed {
        @Override
        public int limit(Shape logits) {
            return logits.last();
        }
    }

    /** (logits, labels, dy []): gradient of {@link CrossEntropy} with respect to the logits. */
    record CrossEntropyGrad() implements Indexed {
        @Override
        public int limit(Shape logits) {
            return logits.last();
        }
    }

    /**
     * (logits [M, C], target [M, C], each row summing to 1): mean over rows of −Σ target·log softmax(logits), a scalar. Logits may
     * be −∞ where the target is 0.
     */
    record SoftCrossEntropy() implements Op {}

    /** (logits, target, dy []): gradient of {@link SoftCrossEntropy} with respect to the logits, for rows that sum to 1. */
    record SoftCrossEntropyGrad() implements Op {}

    /** (logits, dy []): gradient of {@link SoftCrossEntropy} with respect to the target; 0 where the logit is −∞. */
    record SoftCrossEntropyTargetGrad() implements Op {}

    /** Any number of tensors: the Euclidean length of all their elements together, a scalar. */
    record GlobalNorm() implements Op {}

    /**
     * (variable, first moment, second moment, gradient, rates [3] = learning rate, weight decay, clip norm; step []; norm []):
     * one AdamW step in place (Loshchilov &amp; Hutter 2019, algorithm 2; with weight decay 0 it is Adam). step counts from 1.
     * The gradient is scaled by {@code min(1, clip/(norm+1e-6))}, as torch's clip_grad_norm_ does; clip ∞ switches that off.
     */
    record AdamW(double beta1, double beta2, double epsilon) implements Update {}

    /**
     * (variable, velocity, gradient, rates [3] as in {@link AdamW}, norm []): {@code g ← clip(g) + decay·w;
     * v ← momentum·v + g; w ← w − rate·v} in place, as torch's SGD.
     */
    record Sgd(double momentum) implements Update {}

    /** Output number {@code index} beside the main one of the node it reads; no work of its own. */
    record FurtherResult(int index) implements Op {}

    /** Whether the result shares the memory of input 0. */
    default boolean isAlias() {
        return this instanceof View || this instanceof Update;
    }

    /** Whether a device has work to do for the op itself. */
    default boolean isWork() {
        return !(this instanceof Source || this instanceof View || this instanceof FurtherResult);
    }

    /** Whether the op's result is a constant for every derivative, whatever its inputs are. */
    default boolean isConstant() {
        return this instanceof Source || this instanceof StopGradient || this instanceof TopK;
    }
}
