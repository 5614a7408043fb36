package dev.itprompt.device.cpu;

import dev.itprompt.device.Fusion;
import dev.itprompt.device.HostDevice;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The processor, through the Vector API, with a fixed number of threads. Results are the same bits for every number of
 * threads. A frozen matrix is packed once for all executables that read it. Used by one thread at a time.
 */
public final class CpuDevice extends HostDevice {

    private final Workers workers;
    private final Workspace space;
    private final PackedConstants constants = new PackedConstants();

    /** @param threads how many threads compute, the calling one included; at least 1 */
    public CpuDevice(int threads) {
        this.workers = new Workers(threads);
        this.space = new Workspace(threads);
    }

    @Override
    public String description() {
        return "cpu: " + Lanes.COUNT + " lanes of float32" + (Lanes.FUSED ? " with FMA, " : ", ") + workers.threads()
                + (workers.threads() == 1 ? " thread" : " threads");
    }

    @Override
    public String arithmetic() {
        return Lanes.COUNT + " lanes of float32, " + (Lanes.FUSED ? "fused" : "separate") + " multiply-adds";
    }

    @Override
    public double measurePeak() {
        return FmaPeak.measure(workers.threads());
    }

    /** Whether the processor has fused multiply-adds; without them large models are slow. */
    public static boolean fusesMultiplyAdd() {
        return Lanes.FUSED;
    }

    /** How many packed copies of frozen matrices the device holds. */
    int packedConstants() {
        return constants.size();
    }

    /** Ends the threads; executables of this device must not run afterwards. */
    @Override
    public void close() {
        workers.close();
        space.close();
    }

    /** Addresses of one node's inputs and outputs, with the shapes the kernels ask for. */
    private record Memory(Node node, List<Tensor> inputs, List<Tensor> outputs) {

        long in(int index) {
            return inputs.get(index).data().address();
        }

        /** The main result. */
        long out() {
            return outputs.getFirst().data().address();
        }

        /** An extra output, or 0 if nobody reads it. */
        long extra(int index) {
            return index + 1 < outputs.size() && outputs.get(index + 1) != null ? outputs.get(index + 1).data().address() : 0;
        }

        Shape shape(int input) {
            return inputs.get(input).shape();
        }

        /** Shape of the main result. */
        Shape result() {
            return outputs.getFirst().shape();
        }

        /** The outermost extent of input 0. */
        int batch() {
            return shape(0).dim(0);
        }

        int rows() {
            return shape(0).rows();
        }

        int width() {
            return shape(0).last();
        }

        int inSize(int input) {
            return shape(input).size();
        }

        int size() {
            return result().size();
        }
    }

    @Override
    protected Runnable kernel(Node node, List<Tensor> inputs, List<Tensor> outputs, Arena arena) {
        Memory m = new Memory(node, inputs, outputs);
        return switch (node.op()) {
            case Op.MatMul op -> matMul(op, m, Gemm.Epilogue.NONE, arena);
            case Op.Add _ -> () -> Elementwise.add(workers, m.in(0), m.in(1), m.inSize(1), m.out(), m.size());
            case Op.Multiply _ -> () -> Elementwise.multiply(workers, m.in(0), m.in(1), m.inSize(1), m.out(), m.size());
            case Op.Divide _ -> () -> Elementwise.divide(workers, m.in(0), m.in(1), m.inSize(1), m.out(), m.size());
            case Op.Affine op -> () -> Elementwise.affine(workers, m.in(0), (float) op.scale(), (float) op.shift(), m.out(), m.size());
            case Op.Exp _ -> () -> Elementwise.exp(workers, m.in(0), m.out(), m.size());
            case Op.Log _ -> () -> Elementwise.log(workers, m.in(0), m.out(), m.size());
            case Op.Sqrt _ -> () -> Elementwise.sqrt(workers, m.in(0), m.out(), m.size());
            case Op.Sum op -> sum(m, op.axis());
            case Op.Repeat op -> () -> Axes.repeat(workers, m.in(0), m.result().outside(op.axis()), op.count(),
                    m.result().inside(op.axis()), m.out());
            case Op.Concat op -> concat(m, op.axis());
            case Op.Slice op -> slice(m, op);
            case Op.Pad op -> pad(m, op);
            case Op.SelectToken _ -> () -> TokenKernels.select(m.in(0), m.in(1), m.batch(), m.shape(0).dim(1), m.width(), m.out());
            case Op.SelectTokenGrad op ->
                () -> TokenKernels.selectGradient(workers, m.in(0), m.in(1), m.batch(), op.tokens(), m.width(), m.out());
            case Op.Gather _ -> () -> TokenKernels.gather(workers, m.in(0), m.batch(), m.in(1), m.inSize(1), m.width(), m.out());
            case Op.GatherGrad op ->
                () -> TokenKernels.gatherGradient(workers, m.in(0), m.in(1), m.rows(), m.width(), m.out(), op.rows());
            case Op.TopK op -> () -> Rows.topK(workers, m.in(0), m.out(), m.rows(), m.width(), op.count());
            case Op.Patches op -> () -> TokenKernels.patches(workers, m.in(0), m.shape(0).dims(), op.patch(), m.out());
            case Op.Activate op -> () -> Activations.forward(op.kind(), workers, m.in(0), m.out(), m.size());
            case Op.ActivateGrad op -> () -> Activations.backward(op.kind(), workers, m.in(0), m.in(1), m.out(), m.size());
            case Op.LayerNorm op -> () -> LayerNormKernels.forward(workers, m.in(0), m.in(1), m.in(2), op.epsilon(), m.out(),
                    m.rows(), m.width());
            case Op.LayerNormGrad op -> layerNormGradient(op, m, 0);
            case Op.LayerNormGainGrad op -> {
                space.reserve(0, LayerNormKernels.gainBytes(m.rows(), m.width()));
                yield () -> LayerNormKernels.gain(workers, space, m.in(0), m.in(1), op.epsilon(), m.out(), m.rows(), m.width());
            }
            case Op.Attention op -> attention(op, m);
            case Op.AttentionGrad op -> attentionGradient(op, m);
            case Op.Normalize _ -> () -> Rows.normalize(workers, m.in(0), m.out(), m.rows(), m.width());
            case Op.NormalizeGrad _ -> () -> Rows.normalizeGradient(workers, m.in(0), m.in(1), m.out(), m.rows(), m.width());
            case Op.Softmax _ -> () -> Rows.softmax(workers, m.in(0), m.out(), m.rows(), m.width());
            case Op.SoftmaxGrad _ -> () -> Rows.softmaxGradient(workers, m.in(0), m.in(1), m.out(), m.rows(), m.width());
            case Op.GlobalNorm _ -> globalNorm(m);
            case Op.AdamW op -> () -> Optimizers.adamW(workers, op, m.in(0), m.in(1), m.in(2), m.in(3), m.in(4), m.in(5),
                    m.in(6), m.size());
            case Op.Sgd op -> () -> Optimizers.sgd(workers, op, m.in(0), m.in(1), m.in(2), m.in(3), m.in(4), m.size());
            case Op.CrossEntropy _ -> {
                space.reserve(0, Losses.bytes(m.rows()));
                yield () -> Losses.crossEntropy(workers, space, m.in(0), m.in(1), m.out(), m.rows(), m.width());
            }
            case Op.SoftCrossEntropy _ -> {
                space.reserve(0, Losses.bytes(m.rows()));
                yield () -> Losses.softCrossEntropy(workers, space, m.in(0), m.in(1), m.out(), m.rows(), m.width());
            }
            case Op.CrossEntropyGrad _ ->
                () -> Losses.crossEntropyGradient(workers, m.in(0), m.in(1), m.in(2), m.out(), m.rows(), m.width());
            case Op.SoftCrossEntropyGrad _ ->
                () -> Losses.softCrossEntropyGradient(workers, m.in(0), m.in(1), m.in(2), m.out(), m.rows(), m.width());
            case Op.SoftCrossEntropyTargetGrad _ ->
                () -> Losses.softCrossEntropyTargetGradient(workers, m.in(0), m.in(1), m.out(), m.rows(), m.width());
            case Op.Source _, Op.View _, Op.FurtherResult _ ->
                throw new UnsupportedOperationException("the cpu device has no kernel for " + node);
        };
    }

    @Override
    protected Map<Node, Node> fuse(List<Node> schedule, List<Node> results) {
        return Fusion.of(schedule, results);
    }

    @Override
    protected long packedBytes(List<Node> schedule) {
        Map<List<Object>, Long> bytes = new HashMap<>();
        for (Node node : schedule) {
            if (node.op() instanceof Op.MatMul op && isPacked(node, op)) {
                Shape b = node.input(1).shape();
                int n = b.dim(op.transposeB() ? 0 : 1);
                bytes.put(List.of(node.input(1), op.transposeB()), Gemm.packedBytes(b.dim(op.transposeB() ? 1 : 0), n));
            }
        }
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether the right operand is packed once for all runs. */
    private static boolean isPacked(Node node, Op.MatMul op) {
        return !op.transposeA() && node.input(1).op() instanceof Op.Constant;
    }

    @Override
    protected Runnable fusedKernel(Node first, Node last, Map<Node, Tensor> values, Arena arena) {
        Tensor result = values.get(last);
        Tensor own = values.getOrDefault(first, result);
        Memory m = new Memory(first, first.inputs().stream().map(values::get).toList(), List.of(own));
        Node partner = last.input(0) == first ? last.inputs().getLast() : last.input(0);
        long other = partner == first ? 0 : values.get(partner).data().address();
        return switch ((Op.Producer) first.op()) {
            case Op.LayerNormGrad op -> layerNormGradient(op, m, other);
            case Op.MatMul op -> matMul(op, m,
                    epilogue((Op.Epilogue) last.op(), own.data().address(), other, result.data().address()), arena);
        };
    }

    /** What follows finished elements of a product, the second input and the result at these addresses, all of one shape. */
    private static Gemm.Epilogue epilogue(Op.Epilogue last, long product, long other, long y) {
        return switch (last) {
            case Op.Activate op -> (offset, count) -> Activations.forward(op.kind(), product + offset, y + offset, count);
            case Op.ActivateGrad op -> (offset, count) ->
                    Activations.backward(op.kind(), other + offset, product + offset, y + offset, count);
            case Op.Add _ -> (offset, count) -> Elementwise.addTo(other + offset, y + offset, count);
        };
    }

    private Runnable layerNormGradient(Op.LayerNormGrad op, Memory m, long added) {
        return () -> LayerNormKernels.backward(workers, m.in(0), m.in(1), m.in(2), op.epsilon(), added, m.out(), m.rows(),
                m.width());
    }

    private Runnable sum(Memory m, int axis) {
        int outer = m.shape(0).outside(axis);
        int n = m.shape(0).dim(axis);
        int inside = m.shape(0).inside(axis);
        space.reserve(0, Axes.sumBytes(outer, n, inside));
        return () -> Axes.sum(workers, space, m.in(0), outer, n, inside, m.out());
    }

    private Runnable concat(Memory m, int axis) {
        int outer = m.result().outside(axis);
        int stretch = m.size() / outer;
        return () -> {
            long at = m.out();
            for (int i = 0; i < m.inputs.size(); i++) {
                int count = m.inSize(i) / outer;
                Axes.copy(workers, outer, count, m.in(i), count, at, stretch);
                at += 4L * count;
            }
        };
    }

    private Runnable slice(Memory m, Op.Slice op) {
        int outer = m.result().outside(op.axis());
        int inside = m.result().inside(op.axis());
        return () -> Axes.copy(workers, outer, op.count() * inside, m.in(0) + 4L * op.from() * inside, m.inSize(0) / outer,
                m.out(), op.count() * inside);
    }

    private Runnable pad(Memory m, Op.Pad op) {
        int outer = m.result().outside(op.axis());
        int inside = m.result().inside(op.axis());
        return () -> Axes.pad(workers, outer, m.inSize(0) / outer, m.in(0), op.from() * inside, m.out(), op.extent() * inside);
    }

    private Runnable globalNorm(Memory m) {
        int chunk = 1 << 14;
        for (Tensor x : m.inputs) {
            space.reserve(0, Reductions.bytes(x.shape().size(), chunk));
        }
        return () -> {
            double total = 0;
            for (int i = 0; i < m.inputs.size(); i++) {
                total += Reductions.sum(workers, space, m.in(i), m.inSize(i), chunk, true);
            }
            Lanes.set(m.out(), (float) Math.sqrt(total));
        };
    }

    private Runnable matMul(Op.MatMul op, Memory m, Gemm.Epilogue epilogue, Arena arena) {
        Shape a = m.shape(0);
        int rows = op.transposeA() ? a.last() : a.rows();
        int depth = op.transposeA() ? a.rows() : a.last();
        int n = m.shape(1).dim(op.transposeB() ? 0 : 1);
        long biasBytes = 4L * Tiles.padded(n);
        boolean packed = isPacked(m.node, op);
        boolean pack = !op.transposeA() && !packed;
        space.reserve(op.transposeA() ? Gemm.transposedBytes() : Gemm.packedScratch(rows),
                biasBytes + (pack ? Gemm.packedBytes(depth, n) : 0));
        if (op.transposeA()) {
            return () -> Gemm.transposed(workers, space, m.in(0), rows, depth, m.in(1), op.transposeB(), n, bias(m, n), m.out());
        }
        if (packed) {
            long panels = constants.panels(workers, m.inputs.get(1), op.transposeB(), arena);
            return () -> Gemm.packed(workers, space, m.in(0), rows, depth, panels, n, bias(m, n), m.out(), epilogue);
        }
        return () -> {
            long bias = bias(m, n);
            long panels = bias + biasBytes;
            Gemm.pack(workers, m.in(1), op.transposeB(), depth, n, panels);
            Gemm.packed(workers, space, m.in(0), rows, depth, panels, n, bias, m.out(), epilogue);
        };
    }

    /** The bias, or zeros, filled up to whole panels at the start of the shared workspace. */
    private long bias(Memory m, int n) {
        long bias = space.shared();
        Lanes.clear(bias, Tiles.padded(n));
        if (m.inputs.size() == 3) {
            Lanes.copy(m.in(2), bias, n);
        }
        return bias;
    }

    private static AttentionKernels.Sizes sizes(Shape qkv, Shape prefix, int heads, boolean causal) {
        boolean each = prefix != null && prefix.rank() == 3;
        int length = prefix == null ? 0 : prefix.dim(each ? 1 : 0);
        return new AttentionKernels.Sizes(qkv.dim(0), qkv.dim(1), qkv.last() / 3, heads, length, each, causal);
    }

    private Runnable attention(Op.Attention op, Memory m) {
        boolean prefix = m.inputs.size() == 3;
        AttentionKernels.Sizes s = sizes(m.shape(0), prefix ? m.shape(1) : null, op.heads(), op.causal());
        space.reserve(s.forwardBytes(), 0);
        return () -> AttentionKernels.forward(workers, space, s, m.in(0), prefix ? m.in(1) : 0, prefix ? m.in(2) : 0, m.out());
    }

    private Runnable attentionGradient(Op.AttentionGrad op, Memory m) {
        boolean prefix = m.inputs.size() == 4;
        AttentionKernels.Sizes s = sizes(m.shape(0), prefix ? m.shape(1) : null, op.heads(), op.causal());
        space.reserve(s.backwardBytes(), s.sharedBytes());
        return () -> AttentionKernels.backward(workers, space, s, m.in(0), prefix ? m.in(1) : 0, prefix ? m.in(2) : 0,
                m.in(prefix ? 3 : 1), m.out(), m.extra(0), m.extra(1));
    }
}
