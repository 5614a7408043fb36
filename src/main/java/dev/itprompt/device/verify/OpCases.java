package dev.itprompt.device.verify;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Every op at sizes that leave ragged tails in any blocking: 1, odd, one below and one above a vector, more than a block.
 * For comparing one device with another.
 */
public final class OpCases {

    /**
     * One small graph.
     *
     * @param scale errors are relative to the largest result or to this, whichever is larger; it is the size of the terms
     *              where these cancel
     * @param build adds nodes and marks results
     */
    public record OpCase(String name, double scale, Consumer<Scene> build) {
        /** Names of the ops whose results are compared. */
        public Set<String> ops() {
            Scene scene = new Scene(1);
            build.accept(scene);
            return scene.results().stream().map(node -> Verification.op(scene.results(), node)).collect(Collectors.toSet());
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final int[] ROWS = {1, 5, 7, 33, 130};
    private static final int[] WIDTHS = {1, 3, 15, 16, 17, 63, 64, 65, 100, 192};

    private final List<OpCase> cases = new ArrayList<>();

    private OpCases() {}

    public static List<OpCase> all() {
        OpCases table = new OpCases();
        table.matMul();
        for (int rows : ROWS) {
            for (int width : WIDTHS) {
                table.pairs(rows, width);
                table.elementwise(rows, width);
                table.rowwise(rows, width);
                table.rows(rows, width);
                table.tokens(rows, width);
                table.axes(rows, width);
                table.choices(rows, width);
                table.losses(rows, width);
                table.optimizers(rows, width);
            }
        }
        table.tallSums();
        table.attention();
        table.patches();
        return List.copyOf(table.cases);
    }

    private void add(String name, double scale, Consumer<Scene> build) {
        cases.add(new OpCase(name, scale, build));
    }

    private void add(Op op, double scale, BiFunction<Scene, Op, Node[]> inputs, int... sizes) {
        add(op + " " + Arrays.toString(sizes), scale, s -> s.result(s.graph().apply(op, inputs.apply(s, op))));
    }

    private static Node[] in(Node... nodes) {
        return nodes;
    }

    // ---- matrices -----------------------------------------------------------------------------------------------

    private void matMul() {
        int[][] sizes = {{1, 1, 1}, {1, 64, 65}, {1, 513, 1030}, {5, 3, 1}, {5, 65, 192}, {7, 17, 15}, {7, 100, 63}, {33, 1, 16},
            {33, 64, 64}, {33, 192, 17}, {130, 15, 3}, {130, 63, 100}, {130, 300, 65}, {17, 700, 270}, {300, 33, 40}};
        for (int[] size : sizes) {
            for (int variant = 0; variant < 16; variant++) {
                matMul(size, new Op.MatMul((variant & 1) > 0, (variant & 2) > 0), (variant & 4) > 0, (variant & 8) > 0);
            }
        }
        for (boolean frozen : new boolean[] {true, false}) {
            add("MatMul of a vector, b " + (frozen ? "constant" : "input"), 5,
                    s -> s.result(s.graph().matMul(s.normal(33), frozen ? s.constant(33, 17) : s.normal(33, 17))));
            add("MatMul with leading extents, b " + (frozen ? "constant" : "input"), 5, s -> s.result(s.graph().linear(
                    s.normal(3, 5, 33), frozen ? s.constant(17, 33) : s.normal(17, 33), s.variable(17))));
        }
        add("MatMul of two constants read in both orientations", 5, s -> {
            Node weight = s.constant(33, 33);
            Node x = s.normal(9, 33);
            s.result(s.graph().matMul(x, weight));
            s.result(s.graph().matMulTransposed(x, weight));
            s.result(s.graph().matMul(weight, weight));
        });
    }

    /** What devices may compute together: a product, or the gradient of a layer norm, and what follows it. */
    private void pairs(int m, int d) {
        for (int k : new int[] {8, 33}) {
            for (Op.Activation kind : Op.Activation.values()) {
                String read = k == 8 ? ", both read " : ", one read ";
                add("MatMul and Activate " + kind + read + m + " " + d, Math.sqrt(k), s -> {
                    Node product = s.graph().linear(s.normal(m, k), s.constant(d, k), s.constant(d));
                    s.result(s.graph().activate(product, kind));
                    if (k == 8) {
                        s.result(product);
                    }
                });
                add("MatMul and ActivateGrad " + kind + " " + m + " " + k + " " + d, Math.sqrt(k), s -> s.result(s.graph().apply(
                        new Op.ActivateGrad(kind), s.spread(3, 0, m, d), s.graph().matMul(s.normal(m, k), s.constant(k, d)))));
            }
            add("MatMul and Add " + m + " " + k + " " + d, Math.sqrt(k), s -> s.result(s.graph().add(s.normal(m, d),
                    s.graph().linear(s.normal(m, k), s.constant(d, k), s.constant(d)))));
        }
        add("MatMul of a transposed, and what follows it " + m + " " + d, Math.sqrt(17), s -> {
            Node product = s.graph().apply(new Op.MatMul(true, false), s.normal(17, m), s.constant(17, d));
            s.result(s.graph().add(s.normal(m, d), s.graph().apply(new Op.MatMul(true, true), s.normal(17, m), s.constant(d, 17))));
            s.result(s.graph().activate(product, Op.Activation.GELU));
        });
        add("LayerNormGrad and Add " + m + " " + d, 1, s -> s.result(s.graph().add(s.normal(m, d), s.graph().apply(
                new Op.LayerNormGrad(1e-5f), s.spread(3, 2, m, d), s.constant(d), s.normal(m, d)))));
    }

    private void matMul(int[] size, Op.MatMul op, boolean bias, boolean frozen) {
        int m = size[0];
        int k = size[1];
        int n = size[2];
        String name = op + (bias ? " + bias" : "") + (frozen ? ", b constant " : ", b input ") + Arrays.toString(size);
        add(name, Math.sqrt(k), s -> {
            Node a = op.transposeA() ? s.normal(k, m) : s.normal(m, k);
            int[] shape = op.transposeB() ? new int[] {n, k} : new int[] {k, n};
            Node b = frozen ? s.constant(shape) : s.normal(shape);
            s.result(bias ? s.graph().apply(op, a, b, frozen ? s.constant(n) : s.normal(n)) : s.graph().apply(op, a, b));
        });
    }

    // ---- element by element -------------------------------------------------------------------------------------

    private void elementwise(int m, int d) {
        for (Op op : List.of(new Op.Add(), new Op.Multiply())) {
            add(op, 1, (s, _) -> in(s.normal(m, d), s.normal(m, d)), m, d);
            add(op, 1, (s, _) -> in(s.normal(m, d), s.constant(d)), m, d, 1);
            add(op, 1, (s, _) -> in(s.normal(m, d), s.scalar(1.75f)), m, d, 0);
            add(op, 1, (s, _) -> in(s.normal(2, m, d), s.normal(m, d)), 2, m, d);
        }
        add(new Op.Divide(), 1, (s, _) -> in(s.normal(m, d), s.positive(m, d)), m, d);
        add(new Op.Divide(), 1, (s, _) -> in(s.normal(m, d), s.positive(d)), m, d, 1);
        add(new Op.Divide(), 1, (s, _) -> in(s.normal(m, d), s.scalar(-1.75f)), m, d, 0);
        add(new Op.Divide(), 1, (s, _) -> in(s.normal(2, m, d), s.positive(m, d)), 2, m, d);
        add(new Op.Log(), 1, (s, _) -> in(s.positive(m, d)), m, d);
        add(new Op.Sqrt(), 1, (s, _) -> in(s.positive(m, d)), m, d);
        add("Add and Multiply of a node with itself " + m + " " + d, 1, s -> {
            Node x = s.normal(m, d);
            s.result(s.graph().add(x, x));
            s.result(s.graph().multiply(x, x));
        });
        add(new Op.Affine(-1.5f, 0.25f), 1, (s, _) -> in(s.normal(m, d)), m, d);
        add(new Op.Exp(), 1, (s, _) -> in(s.spread(2, 0, m, d)), m, d);
        for (Op.Activation kind : Op.Activation.values()) {
            add(new Op.Activate(kind), 1, (s, _) -> in(s.spread(3, 0, m, d)), m, d);
            add(new Op.ActivateGrad(kind), 1, (s, _) -> in(s.spread(3, 0, m, d), s.normal(m, d)), m, d);
        }
        if (m * d > 7) {
            add("activations of large values " + m + " " + d, 1, s -> {
                Node x = s.spread(200, 0, m, d);
                for (Op.Activation kind : Op.Activation.values()) {
                    s.result(s.graph().activate(x, kind));
                    s.result(s.graph().apply(new Op.ActivateGrad(kind), x, s.normal(m, d)));
                }
            });
        }
    }

    // ---- row by row ---------------------------------------------------------------------------------------------

    private void rowwise(int m, int d) {
        add(new Op.LayerNorm(1e-5f), 1, (s, _) -> in(s.spread(3, 2, m, d), s.constant(d), s.constant(d)), m, d);
        add(new Op.LayerNorm(1e-6f), 1, (s, _) -> in(s.normal(2, m, d), s.variable(d), s.variable(d)), 2, m, d);
        add(new Op.LayerNormGrad(1e-5f), 1, (s, _) -> in(s.spread(3, 2, m, d), s.constant(d), s.normal(m, d)), m, d);
        add(new Op.LayerNormGainGrad(1e-5f), Math.sqrt(m), (s, _) -> in(s.spread(3, 2, m, d), s.normal(m, d)), m, d);
        add(new Op.Normalize(), 1, (s, _) -> in(s.normal(m, d)), m, d);
        add(new Op.NormalizeGrad(), 1, (s, _) -> in(s.spread(1, 3, m, d), s.normal(m, d)), m, d);
        add("Normalize and its gradient with a row of zeros " + m + " " + d, 1, s -> {
            Node x = s.graph().pad(s.spread(1, 3, m, d), 0, 0, m + 1);
            s.result(s.graph().normalize(x));
            s.result(s.graph().slice(s.graph().apply(new Op.NormalizeGrad(), x, s.normal(m + 1, d)), 0, m, 1));
        });
        add(new Op.Softmax(), 1e-3, (s, _) -> in(s.spread(3, 0, m, d)), m, d);
        add(new Op.SoftmaxGrad(), 1e-2, (s, _) -> in(s.distribution(m, d), s.normal(m, d)), m, d);
        add("Softmax of large and missing logits " + m + " " + d, 1e-3, s -> {
            Node x = s.spread(1000, 0, m, d);
            for (int i = 1; i < s.feeds().get(x).length; i += 3) {
                if (i % d != 0) {
                    s.feeds().get(x)[i] = Float.NEGATIVE_INFINITY;
                }
            }
            s.result(s.graph().softmax(x));
        });
    }

    // ---- moving rows --------------------------------------------------------------------------------------------

    private void rows(int m, int d) {
        add("Reshape and StopGradient " + m + " " + d, 1, s -> {
            s.result(s.graph().reshape(s.graph().exp(s.normal(m, d)), d, m));
            s.result(s.graph().stopGradient(s.graph().exp(s.normal(m, d))));
        });
        add(new Op.Gather(), 1, (s, _) -> in(s.constant(m, d), s.ids(m, 4, 3)), m, d);
        add(new Op.Gather(), 1, (s, _) -> in(s.normal(m, d), s.ids(m, 1)), m, d, 1);
        add(new Op.GatherGrad(11), 1, (s, _) -> in(s.normal(m, d), s.ids(4, m)), m, d);
        add(new Op.GatherGrad(200), 1, (s, _) -> in(s.normal(2, m, d), s.ids(200, 2, m)), 2, m, d);
    }

    private void tokens(int n, int d) {
        int b = 1 + n % 4;
        add(new Op.SelectToken(), 1, (s, _) -> in(s.normal(b, n, d), s.ids(n, b)), b, n, d);
        add(new Op.SelectTokenGrad(n), 1, (s, _) -> in(s.normal(b, d), s.ids(n, b)), b, n, d);
    }

    // ---- along an axis ------------------------------------------------------------------------------------------

    private void axes(int m, int d) {
        add(new Op.Sum(0), Math.sqrt(m * d), (s, _) -> in(s.normal(m * d)), m * d);
        add(new Op.Repeat(0, m * d), 1, (s, _) -> in(s.scalar(-3)), m * d);
        add(new Op.Repeat(2, 5), 1, (s, _) -> in(s.normal(m, d)), m, d);
        for (int axis = 0; axis < 3; axis++) {
            axes(axis, 2, m, d);
        }
        axes(0, m, d);
        axes(1, m, d);
    }

    private void axes(int axis, int... shape) {
        int n = shape[axis];
        add(new Op.Sum(axis), Math.sqrt(n), (s, _) -> in(s.normal(shape)), shape);
        add("Repeat, Concat, Slice and Pad along axis " + axis + " " + Arrays.toString(shape), 1, s -> {
            Graph g = s.graph();
            Node x = s.normal(shape);
            s.result(g.repeat(x, axis, 3));
            s.result(g.concat(axis, x, s.constant(with(shape, axis, 1)), s.normal(with(shape, axis, n + 2))));
            s.result(g.slice(g.exp(x), axis, n / 3, n - n / 3));
            s.result(g.apply(new Op.Slice(axis, n - 1, 1), x));
            s.result(g.pad(x, axis, 0, n + 1));
            s.result(g.pad(x, axis, 2, n + 3));
        });
    }

    private static int[] with(int[] shape, int axis, int extent) {
        return Shape.of(shape).with(axis, extent).dims();
    }

    /** Many rows of many columns, and many long rows. */
    private void tallSums() {
        for (int rows : new int[] {65, 130, 5000}) {
            add(new Op.Sum(0), Math.sqrt(rows), (s, _) -> in(s.normal(rows, 257)), rows, 257);
            add(new Op.Sum(1), Math.sqrt(257), (s, _) -> in(s.normal(rows, 257)), rows, 257);
            add(new Op.LayerNormGainGrad(1e-5f), Math.sqrt(rows), (s, _) -> in(s.spread(3, 2, rows, 257), s.normal(rows, 257)), rows, 257);
        }
        add(new Op.Sum(1), 80, (s, _) -> in(s.normal(3, 6144)), 3, 6144);
        add(new Op.Sum(1), 70, (s, _) -> in(s.normal(2, 5000, 7)), 2, 5000, 7);
    }

    // ---- choices ------------------------------------------------------------------------------------------------

    /** Places of the largest elements: of different ones, of many equal ones, and where some are missing or no numbers. */
    private void choices(int m, int d) {
        for (int count : new TreeSet<>(List.of(1, (d + 1) / 2, d))) {
            add("TopK " + count + " of " + m + " " + d, 1, s -> {
                Graph g = s.graph();
                s.result(g.topK(s.normal(m, d), count));
                s.result(g.topK(s.ids(3, m, d), count));
                Node x = s.normal(m, d);
                float[] odd = {Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 0f, -0f};
                for (int i = 0; i < m * d; i++) {
                    if (s.random().nextInt(3) > 0) {
                        s.feeds().get(x)[i] = odd[s.random().nextInt(odd.length)];
                    }
                }
                s.result(g.topK(x, count));
            });
            add("Gather of the largest " + count + " and its gradient " + m + " " + d, 1, s -> {
                Node places = s.graph().topK(s.normal(m, d), count);
                s.result(s.graph().gather(s.normal(d, 5), places));
                s.result(s.graph().apply(new Op.GatherGrad(d), s.normal(m, count, 5), places));
            });
        }
        add("indices that are moved before they are read " + m + " " + d, 1, s -> {
            Graph g = s.graph();
            Node places = g.concat(0, g.slice(g.topK(s.normal(m, d, d), d), 2, 0, 1), g.repeat(s.ids(d, 1, d), 2, 1));
            s.result(g.gather(s.normal(d, 3), g.stopGradient(g.reshape(places, (m + 1) * d))));
        });
    }

    // ---- losses and optimizers ----------------------------------------------------------------------------------

    private void losses(int m, int c) {
        add(new Op.CrossEntropy(), 1, (s, _) -> in(s.spread(3, 0, m, c), s.ids(c, m)), m, c);
        add(new Op.CrossEntropyGrad(), 1e-3, (s, _) -> in(s.spread(3, 0, m, c), s.ids(c, m), s.scalar(0.7f)), m, c);
        add("CrossEntropy and its gradient with masked classes " + m + " " + c, 1, s -> {
            Node logits = s.spread(30, 0, m, c);
            Node labels = s.ids(c, m);
            for (int i = 0; i < m * c; i++) {
                boolean isLabel = i % c == (int) s.feeds().get(labels)[i / c];
                if (!isLabel && (i / c % 3 == 2 || s.random().nextInt(3) == 0)) {
                    s.feeds().get(logits)[i] = Float.NEGATIVE_INFINITY;
                }
            }
            s.result(s.graph().crossEntropy(logits, labels));
            s.result(s.graph().apply(new Op.CrossEntropyGrad(), logits, labels, s.scalar(1)));
        });
        add(new Op.SoftCrossEntropy(), 1, (s, _) -> in(s.spread(3, 0, m, c), s.distribution(m, c)), m, c);
        add("SoftCrossEntropy and its gradients with masked classes " + m + " " + c, 1, s -> {
            Node logits = s.spread(3, 0, m, c);
            Node target = s.ids(1, m, c);
            for (int row = 0; row < m; row++) {
                s.feeds().get(target)[row * c + s.random().nextInt(c)] = 1;
            }
            for (int i = 0; i < m * c; i++) {
                if (s.feeds().get(target)[i] == 0 && s.random().nextInt(3) == 0) {
                    s.feeds().get(logits)[i] = Float.NEGATIVE_INFINITY;
                }
            }
            s.result(s.graph().softCrossEntropy(logits, target));
            s.result(s.graph().apply(new Op.SoftCrossEntropyGrad(), logits, target, s.scalar(1)));
            s.result(s.graph().apply(new Op.SoftCrossEntropyTargetGrad(), logits, s.scalar(1)));
        });
        add(new Op.SoftCrossEntropyTargetGrad(), 1e-2, (s, _) -> in(s.spread(3, 0, m, c), s.scalar(0.7f)), m, c);
        add(new Op.SoftCrossEntropyGrad(), 1e-3, (s, _) -> in(s.spread(3, 0, m, c), s.distribution(m, c), s.scalar(0.7f)), m, c);
    }

    private void optimizers(int m, int d) {
        add(new Op.GlobalNorm(), 1e-3, (s, _) -> in(s.normal(m, d), s.normal(d), s.scalar(2)), m, d);
        for (float clip : new float[] {0.5f, Float.POSITIVE_INFINITY}) {
            add("AdamW clip " + clip + " " + m + " " + d, 1e-3, s -> {
                Node w = s.variable(m, d);
                Node first = s.variable(m, d);
                Node second = s.graph().variable("second", Tensor.zeros(Shape.of(m, d)));
                Node rates = s.input(Shape.of(3), 0.01f, 0.1f, clip);
                s.result(s.graph().apply(new Op.AdamW(0.9f, 0.999f, 1e-8f), w, first, second, s.normal(m, d), rates,
                        s.scalar(3), s.scalar(2.5f)));
                s.result(first);
                s.result(second);
            });
            add("Sgd clip " + clip + " " + m + " " + d, 1e-3, s -> {
                Node w = s.variable(m, d);
                Node velocity = s.variable(m, d);
                s.result(s.graph().apply(new Op.Sgd(0.9f), w, velocity, s.normal(m, d),
                        s.input(Shape.of(3), 0.01f, 0.1f, clip), s.scalar(2.5f)));
                s.result(velocity);
            });
        }
    }

    // ---- attention and patches ----------------------------------------------------------------------------------

    private void attention() {
        int[] tokens = {1, 5, 17, 16, 33, 50};
        int next = 0;
        for (int heads : new int[] {1, 2, 3}) {
            for (int headWidth : new int[] {4, 8, 16, 32, 64}) {
                for (int prefixes : new int[] {0, 1, 3, 8}) {
                    for (boolean causal : new boolean[] {false, true}) {
                        for (boolean each : prefixes == 0 ? new boolean[] {false} : new boolean[] {false, true}) {
                            attention(1 + next % 3, tokens[next % tokens.length], heads, headWidth, prefixes, each, causal);
                            next++;
                        }
                    }
                }
            }
        }
        attention(1, 130, 2, 64, 5, false, false);
        attention(2, 197, 1, 64, 20, true, true);
        attention(3, 65, 2, 20, 2, false, true);
        attention(70, 3, 1, 64, 8, false, false);
        for (boolean causal : new boolean[] {false, true}) {
            add("AttentionGrad without its attention" + (causal ? ", causal" : ""), 1, s -> s.result(s.graph().apply(
                    new Op.AttentionGrad(2, causal), s.normal(2, 70, 96), s.normal(2, 70, 32))));
        }
        add("AttentionGrad of which only the prefix values are read", 1, s -> {
            Node gradient = s.graph().apply(new Op.AttentionGrad(2, false), s.normal(2, 9, 96), s.normal(3, 32), s.normal(3, 32),
                    s.normal(2, 9, 32));
            s.result(s.graph().extra(gradient, 1));
        });
    }

    private void attention(int b, int n, int heads, int headWidth, int prefixes, boolean each, boolean causal) {
        int d = heads * headWidth;
        String name = "Attention and its gradient: batch " + b + ", tokens " + n + ", heads " + heads + " of " + headWidth
                + ", prefixes " + prefixes + (each ? " per sample" : "") + (causal ? ", causal" : "");
        add(name, 1, s -> {
            int[] shape = each ? new int[] {b, prefixes, d} : new int[] {prefixes, d};
            List<Node> inputs = new ArrayList<>(List.of(s.normal(b, n, 3 * d)));
            if (prefixes > 0) {
                inputs.addAll(List.of(s.normal(shape), s.normal(shape)));
            }
            s.result(s.graph().apply(new Op.Attention(heads, causal), inputs.toArray(Node[]::new)));
            inputs.add(s.normal(b, n, d));
            Node gradient = s.result(s.graph().apply(new Op.AttentionGrad(heads, causal), inputs.toArray(Node[]::new)));
            if (prefixes > 0) {
                s.result(s.graph().extra(gradient, 0));
                s.result(s.graph().extra(gradient, 1));
            }
        });
    }

    private void patches() {
        for (int[] size : new int[][] {{1, 3, 8, 8, 8}, {3, 3, 24, 16, 8}, {2, 1, 15, 9, 3}, {5, 4, 7, 3, 1}, {1, 3, 64, 64, 16}}) {
            add(new Op.Patches(size[4]), 1, (s, _) -> in(s.normal(size[0], size[1], size[2], size[3])), size);
        }
    }
}
