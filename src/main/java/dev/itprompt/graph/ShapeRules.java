package dev.itprompt.graph;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.ShapeException;
import java.util.List;

/** The shape of each op's result, and the refusal of inputs that do not fit, while the graph is built. */
final class ShapeRules {

    /** Whole numbers up to this are exact as floats. */
    private static final int MOST_INDICES = 1 << 24;

    private ShapeRules() {}

    /**
     * @return the result's shape
     * @throws ShapeException naming the op and all input shapes when they do not fit
     */
    static Shape infer(Op op, List<Shape> in) {
        return switch (op) {
            case Op.Input _ -> throw new IllegalArgumentException("an input's shape is given, not inferred");
            case Op.Constant c -> c.value().shape();
            case Op.Variable v -> v.initial().shape();
            case Op.MatMul m -> matMul(m, in);
            case Op.Add _, Op.Multiply _, Op.Divide _ -> {
                require(in.size() == 2 && in.get(1).isSuffixOf(in.get(0)), op, in, "b equal to a or a suffix of it");
                yield in.get(0);
            }
            case Op.Affine _, Op.Exp _, Op.Log _, Op.Sqrt _, Op.StopGradient _, Op.Activate _, Op.Normalize _, Op.Softmax _ ->
                one(op, in);
            case Op.ActivateGrad _, Op.NormalizeGrad _, Op.SoftmaxGrad _ -> {
                require(in.size() == 2 && in.get(0).equals(in.get(1)), op, in, "two equal shapes");
                yield in.get(0);
            }
            case Op.Sum s -> {
                require(in.size() == 1 && hasAxis(in.get(0), s.axis()), op, in, "an axis " + s.axis());
                yield in.get(0).without(s.axis());
            }
            case Op.Repeat r -> {
                require(in.size() == 1 && r.axis() >= 0 && r.axis() <= in.get(0).rank() && r.count() > 0, op, in,
                        "at least " + r.axis() + " axes, and " + r.count() + " repetitions to be 1 or more");
                yield in.get(0).inserted(r.axis(), r.count());
            }
            case Op.Reshape r -> {
                require(in.size() == 1 && in.get(0).size() == r.shape().size(), op, in, "the size of " + r.shape());
                yield r.shape();
            }
            case Op.Concat c -> concat(c, in);
            case Op.Slice s -> {
                require(in.size() == 1 && hasAxis(in.get(0), s.axis()) && s.from() >= 0 && s.count() > 0
                        && (long) s.from() + s.count() <= in.get(0).dim(s.axis()), op, in,
                        "entries " + s.from() + " to " + ((long) s.from() + s.count() - 1) + " along axis " + s.axis());
                yield in.get(0).with(s.axis(), s.count());
            }
            case Op.Pad p -> {
                require(in.size() == 1 && hasAxis(in.get(0), p.axis()) && p.from() >= 0
                        && (long) p.from() + in.get(0).dim(p.axis()) <= p.extent(), op, in,
                        "entries along axis " + p.axis() + " that from " + p.from() + " on fit into " + p.extent());
                yield in.get(0).with(p.axis(), p.extent());
            }
            case Op.TopK t -> {
                require(in.size() == 1 && in.get(0).rank() > 0 && t.count() > 0 && t.count() <= in.get(0).last()
                        && in.get(0).last() <= MOST_INDICES, op, in, "rows of " + t.count() + " to " + MOST_INDICES + " elements");
                yield in.get(0).with(-1, t.count());
            }
            case Op.LayerNorm _ -> {
                require(in.size() == 3 && vector(in.get(1), in.get(0).last()) && vector(in.get(2), in.get(0).last()), op, in,
                        "x, gain and bias of x's width");
                yield in.get(0);
            }
            case Op.LayerNormGrad _ -> {
                require(in.size() == 3 && vector(in.get(1), in.get(0).last()) && in.get(2).equals(in.get(0)), op, in,
                        "x, gain of x's width, dy like x");
                yield in.get(0);
            }
            case Op.LayerNormGainGrad _ -> {
                require(in.size() == 2 && in.get(0).equals(in.get(1)), op, in, "two equal shapes");
                yield Shape.of(in.get(0).last());
            }
            case Op.Attention a -> attention(op, a.heads(), in);
            case Op.AttentionGrad a -> {
                require(in.size() == 2 || in.size() == 4, op, in, "qkv, [prefixes,] dy");
                Shape out = attention(op, a.heads(), in.subList(0, in.size() - 1));
                require(in.getLast().equals(out), op, in, "dy of shape " + out);
                yield in.get(0);
            }
            case Op.Patches p -> patches(p, in);
            case Op.SelectToken _ -> {
                require(in.size() == 2 && in.get(0).rank() == 3 && vector(in.get(1), in.get(0).dim(0)), op, in,
                        "[B, N, D] and [B]");
                yield Shape.of(in.get(0).dim(0), in.get(0).last());
            }
            case Op.SelectTokenGrad s -> {
                require(in.size() == 2 && in.get(0).rank() == 2 && vector(in.get(1), in.get(0).dim(0)), op, in, "[B, D] and [B]");
                yield Shape.of(in.get(0).dim(0), s.tokens(), in.get(0).last());
            }
            case Op.Gather _ -> {
                require(in.size() == 2 && in.get(0).rank() == 2, op, in, "a table [V, D] and ids");
                yield in.get(1).inserted(in.get(1).rank(), in.get(0).last());
            }
            case Op.GatherGrad g -> {
                require(in.size() == 2 && in.get(0).rows() == in.get(1).size(), op, in, "dy […, D] and ids […]");
                yield Shape.of(g.rows(), in.get(0).last());
            }
            case Op.CrossEntropy _ -> {
                require(in.size() == 2 && in.get(0).rank() == 2 && vector(in.get(1), in.get(0).dim(0)), op, in,
                        "logits [M, C] and labels [M]");
                yield Shape.SCALAR;
            }
            case Op.CrossEntropyGrad _ -> {
                require(in.size() == 3 && in.get(0).rank() == 2 && vector(in.get(1), in.get(0).dim(0)) && in.get(2).rank() == 0,
                        op, in, "logits [M, C], labels [M] and a scalar");
                yield in.get(0);
            }
            case Op.SoftCrossEntropy _ -> {
                require(in.size() == 2 && in.get(0).rank() == 2 && in.get(0).equals(in.get(1)), op, in,
                        "logits and targets [M, C]");
                yield Shape.SCALAR;
            }
            case Op.SoftCrossEntropyGrad _ -> {
                require(in.size() == 3 && in.get(0).rank() == 2 && in.get(0).equals(in.get(1)) && in.get(2).rank() == 0, op, in,
                        "logits and targets [M, C] and a scalar");
                yield in.get(0);
            }
            case Op.SoftCrossEntropyTargetGrad _ -> {
                require(in.size() == 2 && in.get(0).rank() == 2 && in.get(1).rank() == 0, op, in, "logits [M, C] and a scalar");
                yield in.get(0);
            }
            case Op.GlobalNorm _ -> {
                require(!in.isEmpty(), op, in, "at least one tensor");
                yield Shape.SCALAR;
            }
            case Op.AdamW _ -> {
                require(in.size() == 7 && in.get(1).equals(in.get(0)) && in.get(2).equals(in.get(0)) && in.get(3).equals(in.get(0))
                        && vector(in.get(4), 3) && in.get(5).rank() == 0 && in.get(6).rank() == 0, op, in,
                        "four equal shapes, rates [3], step [], norm []");
                yield in.get(0);
            }
            case Op.Sgd _ -> {
                require(in.size() == 5 && in.get(1).equals(in.get(0)) && in.get(2).equals(in.get(0)) && vector(in.get(3), 3)
                        && in.get(4).rank() == 0, op, in, "three equal shapes, rates [3], norm []");
                yield in.get(0);
            }
            case Op.FurtherResult _ -> throw new IllegalArgumentException("an extra output's shape is given by its node");
        };
    }

    /** Shapes of the outputs beside the main one. */
    static List<Shape> extras(Node node) {
        return node.op() instanceof Op.AttentionGrad && node.inputs().size() == 4
                ? List.of(node.input(1).shape(), node.input(2).shape())
                : List.of();
    }

    private static Shape matMul(Op.MatMul op, List<Shape> in) {
        require((in.size() == 2 || in.size() == 3) && in.get(0).rank() >= 1 && in.get(1).rank() == 2, op, in,
                "a, a matrix b and an optional bias");
        Shape a = in.get(0);
        Shape b = in.get(1);
        int inner = op.transposeA() ? a.rows() : a.last();
        int n = op.transposeB() ? b.dim(0) : b.dim(1);
        require(inner == (op.transposeB() ? b.dim(1) : b.dim(0)), op, in, "equal inner extents");
        require(in.size() == 2 || vector(in.get(2), n), op, in, "a bias of shape [" + n + "]");
        return op.transposeA() ? Shape.of(a.last(), n) : a.with(-1, n);
    }

    private static Shape attention(Op op, int heads, List<Shape> in) {
        require(in.size() == 1 || in.size() == 3, op, in, "qkv or qkv, prefix keys and prefix values");
        Shape qkv = in.get(0);
        require(qkv.rank() == 3 && qkv.last() % 3 == 0 && qkv.last() / 3 % heads == 0, op, in,
                "qkv [B, N, 3D] with D divisible by " + heads + " heads");
        int width = qkv.last() / 3;
        if (in.size() == 3) {
            Shape prefix = in.get(1);
            boolean shared = prefix.rank() == 2;
            boolean each = prefix.rank() == 3 && prefix.dim(0) == qkv.dim(0);
            require((shared || each) && prefix.last() == width && prefix.equals(in.get(2)), op, in,
                    "prefix keys and values [P, " + width + "] or [B, P, " + width + "]");
        }
        return qkv.with(-1, width);
    }

    private static Shape patches(Op.Patches op, List<Shape> in) {
        require(in.size() == 1 && in.get(0).rank() == 4 && in.get(0).dim(2) % op.patch() == 0
                && in.get(0).dim(3) % op.patch() == 0, op, in, "[B, channels, height, width] divisible by patch " + op.patch());
        Shape x = in.get(0);
        int patches = x.dim(2) / op.patch() * (x.dim(3) / op.patch());
        return Shape.of(x.dim(0), patches, x.dim(1) * op.patch() * op.patch());
    }

    private static Shape concat(Op.Concat op, List<Shape> in) {
        int axis = op.axis();
        require(in.size() > 1 && in.stream().allMatch(x -> hasAxis(x, axis) && x.with(axis, 1).equals(in.getFirst().with(axis, 1))),
                op, in, "two or more shapes that differ along axis " + axis + " only");
        return in.getFirst().with(axis, Math.toIntExact(in.stream().mapToLong(x -> x.dim(axis)).sum()));
    }

    private static boolean hasAxis(Shape x, int axis) {
        return axis >= 0 && axis < x.rank();
    }

    private static Shape one(Op op, List<Shape> in) {
        require(in.size() == 1, op, in, "one input");
        return in.get(0);
    }

    private static boolean vector(Shape shape, int length) {
        return shape.rank() == 1 && shape.dim(0) == length;
    }

    private static void require(boolean fits, Op op, List<Shape> in, String expected) {
        if (!fits) {
            throw new ShapeException(op.getClass().getSimpleName() + ": expected " + expected + ", got " + in);
        }
    }
}
