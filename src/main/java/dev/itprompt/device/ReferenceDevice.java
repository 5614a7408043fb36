package dev.itprompt.device;

import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The executable definition of every op: plain scalar Java, one element after the other, in double precision throughout.
 * Written for reading and for testing other devices against, not for speed: every node has an array of its own.
 *
 * <p>Values that come in as float32 are widened once; results are rounded to float32 when they are read, or given in full by
 * {@link Run#readExact(Node)}.
 */
public final class ReferenceDevice implements Device {

    @Override
    public String description() {
        return "reference: scalar double, 1 thread";
    }

    @Override
    public String arithmetic() {
        return "scalar double";
    }

    @Override
    public Run compile(Graph graph, List<Node> results) {
        return new Run(graph, results);
    }

    @Override
    public void close() {}

    /** A graph ready to run in double precision; values can be written and read without rounding. */
    public static final class Run implements Executable {

        private final BufferPlan plan;
        private final Set<Node> results;
        private final Map<Node, double[]> values = new HashMap<>();
        private final Map<Node, double[][]> extras = new HashMap<>();

        private Run(Graph graph, List<Node> results) {
            this.plan = BufferPlan.of(graph, results);
            this.results = new HashSet<>(results);
            for (Node node : plan.schedule()) {
                if (node.op() instanceof Op.Source source) {
                    values.put(node, switch (source) {
                        case Op.Input _ -> new double[node.shape().size()];
                        case Op.Constant constant -> widen(constant.value());
                        case Op.Variable variable -> widen(variable.initial());
                    });
                }
            }
        }

        @Override
        public boolean isDouble() {
            return true;
        }

        @Override
        public void write(Node node, Tensor value) {
            writeExact(node, widen(value));
        }

        @Override
        public void write(Node node, float... floats) {
            writeExact(node, widen(floats));
        }

        /**
         * Sets an input or a variable in double precision; the values are copied.
         *
         * @param exact as many values as the node has elements
         * @throws IllegalArgumentException if the node is no input or variable of this graph or the number differs
         */
        @Override
        public void writeExact(Node node, double[] exact) {
            if (!(node.op() instanceof Op.Input || node.op() instanceof Op.Variable)) {
                throw new IllegalArgumentException("only inputs and variables can be written, not " + node);
            }
            double[] target = values.get(node);
            if (target == null) {
                throw new IllegalArgumentException("no result of this graph reads " + node);
            }
            if (exact.length != target.length) {
                throw new IllegalArgumentException(exact.length + " values for " + node);
            }
            System.arraycopy(exact, 0, target, 0, exact.length);
        }

        @Override
        public void run() {
            for (Node node : plan.schedule()) {
                if (!(node.op() instanceof Op.Source)) {
                    values.put(node, compute(node));
                }
            }
        }

        @Override
        public Tensor read(Node node) {
            double[] exact = readExact(node);
            Tensor tensor = Tensor.zeros(node.shape());
            for (int i = 0; i < exact.length; i++) {
                tensor.set(i, (float) exact[i]);
            }
            return tensor;
        }

        /**
         * A copy of a result of the last run, or of a variable's present value, in double precision.
         *
         * @throws IllegalArgumentException if the node is neither a result nor a variable of this graph
         * @throws IllegalStateException    if there was no run yet
         */
        @Override
        public double[] readExact(Node node) {
            boolean variable = node.op() instanceof Op.Variable && values.containsKey(node);
            if (!results.contains(node) && !variable) {
                throw new IllegalArgumentException("not a result or variable of this graph: " + node);
            }
            if (!values.containsKey(node)) {
                throw new IllegalStateException("not computed yet: " + node);
            }
            return values.get(node).clone();
        }

        @Override
        public BufferPlan plan() {
            return plan;
        }

        @Override
        public void close() {
            values.clear();
            extras.clear();
        }

        /** The values of a node, given those of its inputs. */
        private double[] compute(Node node) {
            double[][] in = node.inputs().stream().map(values::get).toArray(double[][]::new);
            return switch (node.op()) {
                case Op.Source _ -> throw new AssertionError("a source is not computed: " + node);
                case Op.MatMul m -> matMul(node, m, in);
                case Op.Add _ -> ReferenceOps.add(in[0], in[1]);
                case Op.Multiply _ -> ReferenceOps.multiply(in[0], in[1]);
                case Op.Divide _ -> ReferenceOps.divide(in[0], in[1]);
                case Op.Affine a -> ReferenceOps.affine(in[0], a.scale(), a.shift());
                case Op.Exp _ -> ReferenceOps.exp(in[0]);
                case Op.Log _ -> ReferenceOps.log(in[0]);
                case Op.Sqrt _ -> ReferenceOps.sqrt(in[0]);
                case Op.Sum s ->
                    ReferenceOps.sum(in[0], node.input(0).shape().dim(s.axis()), node.input(0).shape().inside(s.axis()));
                case Op.Repeat r -> ReferenceOps.repeat(in[0], r.count(), node.shape().inside(r.axis()));
                case Op.Reshape _, Op.StopGradient _ -> in[0];
                case Op.Concat c -> ReferenceOps.concat(in, node.shape().outside(c.axis()));
                case Op.Slice s -> slice(node, s, in[0]);
                case Op.Pad p -> pad(node, p, in[0]);
                case Op.TopK t -> ReferenceOps.topK(in[0], node.input(0).shape().last(), t.count());
                case Op.Activate a -> ReferenceOps.activate(in[0], a.kind());
                case Op.ActivateGrad a -> ReferenceGradOps.activate(in[0], in[1], a.kind());
                case Op.LayerNorm n -> ReferenceOps.layerNorm(in[0], in[1], in[2], n.epsilon());
                case Op.LayerNormGrad n -> ReferenceGradOps.layerNorm(in[0], in[1], in[2], n.epsilon());
                case Op.LayerNormGainGrad n -> ReferenceGradOps.layerNormGain(in[0], in[1], node.shape().last(), n.epsilon());
                case Op.Attention a -> attention(node, a, in);
                case Op.AttentionGrad a -> attentionGrad(node, a, in);
                case Op.Patches p -> patches(node, p, in[0]);
                case Op.SelectToken _ -> ReferenceOps.selectToken(in[0], in[1], node.shape().last());
                case Op.SelectTokenGrad s -> ReferenceGradOps.selectToken(in[0], in[1], s.tokens());
                case Op.Gather _ -> ReferenceOps.gather(in[0], in[1], node.shape().last());
                case Op.GatherGrad g -> ReferenceGradOps.gather(in[0], in[1], g.rows());
                case Op.Normalize _ -> ReferenceOps.normalize(in[0], node.shape().last());
                case Op.NormalizeGrad _ -> ReferenceGradOps.normalize(in[0], in[1], node.shape().last());
                case Op.Softmax _ -> ReferenceOps.softmax(in[0], node.shape().last());
                case Op.SoftmaxGrad _ -> ReferenceGradOps.softmax(in[0], in[1], node.shape().last());
                case Op.CrossEntropy _ -> ReferenceOps.crossEntropy(in[0], in[1]);
                case Op.CrossEntropyGrad _ -> ReferenceGradOps.crossEntropy(in[0], in[1], in[2][0]);
                case Op.SoftCrossEntropy _ -> ReferenceOps.softCrossEntropy(in[0], in[1], node.input(0).shape().last());
                case Op.SoftCrossEntropyGrad _ ->
                    ReferenceGradOps.softCrossEntropy(in[0], in[1], in[2][0], node.shape().last());
                case Op.SoftCrossEntropyTargetGrad _ ->
                    ReferenceGradOps.softCrossEntropyTarget(in[0], in[1][0], node.shape().last());
                case Op.GlobalNorm _ -> ReferenceOps.globalNorm(in);
                case Op.AdamW a -> ReferenceGradOps.adamW(a, in);
                case Op.Sgd s -> ReferenceGradOps.sgd(s, in);
                case Op.FurtherResult extra -> extras.get(node.input(0))[extra.index()];
            };
        }

        private static double[] matMul(Node node, Op.MatMul op, double[][] in) {
            Shape a = node.input(0).shape();
            int inner = op.transposeA() ? a.rows() : a.last();
            return ReferenceOps.matMul(in[0], in[1], in.length > 2 ? in[2] : null, inner, node.shape().last(),
                    op.transposeA(), op.transposeB());
        }

        private static double[] attention(Node node, Op.Attention op, double[][] in) {
            Heads heads = heads(node, op.heads(), op.causal(), in.length == 3);
            return ReferenceOps.attention(heads, in[0], heads.prefixes() > 0 ? in[1] : null, heads.prefixes() > 0 ? in[2] : null);
        }

        private double[] attentionGrad(Node node, Op.AttentionGrad op, double[][] in) {
            Heads heads = heads(node, op.heads(), op.causal(), in.length == 4);
            if (in.length == 2) {
                return ReferenceGradOps.attention(heads, in[0], null, null, in[1])[0];
            }
            double[][] gradients = ReferenceGradOps.attention(heads, in[0], in[1], in[2], in[3]);
            extras.put(node, new double[][] {gradients[1], gradients[2]});
            return gradients[0];
        }

        private static Heads heads(Node node, int heads, boolean causal, boolean prefixed) {
            Shape qkv = node.input(0).shape();
            Shape prefix = prefixed ? node.input(1).shape() : null;
            return new Heads(qkv.dim(0), qkv.dim(1), qkv.last() / 3, heads, prefixed ? prefix.dim(-2) : 0,
                    prefixed && prefix.rank() == 3, causal);
        }

        private static double[] patches(Node node, Op.Patches op, double[] image) {
            Shape shape = node.input(0).shape();
            return ReferenceOps.patches(image, shape.dim(1), shape.dim(2), shape.dim(3), op.patch());
        }

        private static double[] slice(Node node, Op.Slice op, double[] x) {
            Shape y = node.shape();
            int inside = y.inside(op.axis());
            return ReferenceOps.slice(x, y.outside(op.axis()), op.from() * inside, op.count() * inside);
        }

        private static double[] pad(Node node, Op.Pad op, double[] x) {
            Shape y = node.shape();
            int inside = y.inside(op.axis());
            return ReferenceOps.pad(x, y.outside(op.axis()), op.from() * inside, op.extent() * inside);
        }

        private static double[] widen(Tensor tensor) {
            return widen(tensor.toArray());
        }

        private static double[] widen(float[] floats) {
            double[] doubles = new double[floats.length];
            for (int i = 0; i < floats.length; i++) {
                doubles[i] = floats[i];
            }
            return doubles;
        }
    }

    /**
     * Where the vectors of each head lie: qkv is [batch, tokens, 3·width] with q, k, v side by side, prefixes are
     * [prefixes, width], or [batch, prefixes, width] when each sample has its own. Offsets are those of a head's first element.
     */
    record Heads(int batch, int tokens, int width, int heads, int prefixes, boolean perSample, boolean causal) {

        int headWidth() {
            return width / heads;
        }

        /** 1/√d. */
        double scale() {
            return 1 / Math.sqrt(headWidth());
        }

        int query(int b, int token, int head) {
            return (b * tokens + token) * 3 * width + head * headWidth();
        }

        int key(int b, int token, int head) {
            return query(b, token, head) + width;
        }

        int value(int b, int token, int head) {
            return query(b, token, head) + 2 * width;
        }

        int prefix(int b, int row, int head) {
            return ((perSample ? b * prefixes : 0) + row) * width + head * headWidth();
        }

        int output(int b, int token, int head) {
            return (b * tokens + token) * width + head * headWidth();
        }

        /** How many prefixes and tokens, in this order, the token attends to. */
        int visible(int token) {
            return prefixes + (causal ? token + 1 : tokens);
        }
    }
}
