package dev.itprompt.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.verify.Scene;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A small transformer with prefix prompts: its whole gradient, and what is pruned when prompts alone are trained. */
class PromptGradientsTest {

    private static final int WIDTH = 8;
    private static final int BATCH = 3;
    private static final int TOKENS = 4;

    private static Transformer transformer(int layers) {
        return new Transformer("block", WIDTH, 4 * WIDTH, layers, 2, false, Op.Activation.QUICK_GELU, 1e-5f);
    }

    private static Map<String, Tensor> weights(Scene scene, int layers) {
        Map<String, Tensor> weights = new HashMap<>();
        for (int layer = 0; layer < layers; layer++) {
            String block = "resblocks." + layer + ".";
            for (String part : List.of("ln_1", "ln_2")) {
                weights.put(block + part + ".weight", scene.tensor(WIDTH));
                weights.put(block + part + ".bias", scene.tensor(WIDTH));
            }
            weights.put(block + "attn.in_proj_weight", scaled(scene.tensor(3 * WIDTH, WIDTH)));
            weights.put(block + "attn.in_proj_bias", scene.tensor(3 * WIDTH));
            weights.put(block + "attn.out_proj.weight", scaled(scene.tensor(WIDTH, WIDTH)));
            weights.put(block + "attn.out_proj.bias", scene.tensor(WIDTH));
            weights.put(block + "mlp.c_fc.weight", scaled(scene.tensor(4 * WIDTH, WIDTH)));
            weights.put(block + "mlp.c_fc.bias", scene.tensor(4 * WIDTH));
            weights.put(block + "mlp.c_proj.weight", scaled(scene.tensor(WIDTH, 4 * WIDTH)));
            weights.put(block + "mlp.c_proj.bias", scene.tensor(WIDTH));
        }
        return weights;
    }

    private static Tensor scaled(Tensor tensor) {
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, tensor.get(i) * 0.3f);
        }
        return tensor;
    }

    private static Transformer.Prefix prefix(Scene scene) {
        return new Transformer.Prefix(scene.variable(2, WIDTH), scene.variable(2, WIDTH));
    }

    private static List<Node> prompts(Map<Integer, Transformer.Prefix> prefixes) {
        return prefixes.values().stream().flatMap(p -> List.of(p.keys(), p.values()).stream()).toList();
    }

    /** Cross-entropy of a classifier plus the text guide: cross-entropy of scaled cosines with text features. */
    private static Node guidedLoss(Scene scene, Node features) {
        Graph g = scene.graph();
        Node labels = scene.ids(5, BATCH);
        Node classifier = g.crossEntropy(g.linear(features, scene.variable(5, WIDTH), scene.variable(5)), labels);
        Node texts = g.normalize(scene.normal(5, WIDTH));
        Node guide = g.crossEntropy(g.scale(g.matMulTransposed(g.normalize(features), texts), 10), labels);
        return g.add(classifier, guide);
    }

    /** Cross-entropy of every row of M·Mᵀ against its own index, M being stored means above the batch. */
    private static Node contrastiveLoss(Scene scene, Node features) {
        Graph g = scene.graph();
        Node stacked = g.concat(0, scene.normal(2, WIDTH), features);
        return g.crossEntropy(g.scale(g.matMulTransposed(stacked, stacked), 1 / 0.8f),
                scene.input(Shape.of(2 + BATCH), 0, 1, 2, 3, 4));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void wholeGradientMatchesCentralDifferences(long seed) {
        Scene scene = new Scene(seed);
        Graph g = scene.graph();
        Parameters parameters = Parameters.trainable(g, weights(scene, 2));
        Node x = scene.variable(BATCH, TOKENS, WIDTH);
        Map<Integer, Transformer.Prefix> prefixes = Map.of(0, prefix(scene), 1, prefix(scene));
        Node features = g.mean(transformer(2).apply(parameters, x, prefixes, UnaryOperator.identity()), 1);
        Node loss = g.add(guidedLoss(scene, features), g.scale(contrastiveLoss(scene, features), 0.1f));
        CentralDifferences.check(scene, loss, CentralDifferences.variables(g), "seed " + seed);
    }

    /** Features of one token, and the gradients of prefixes, are the same whether the others were computed or not. */
    @Test
    void theTokenAskedForDoesNotDependOnTheRestOfTheLastBlock() {
        Scene scene = new Scene(5);
        Graph g = scene.graph();
        Parameters parameters = Parameters.frozen(g, weights(scene, 2));
        Map<Integer, Transformer.Prefix> prefixes = Map.of(0, prefix(scene), 1, prefix(scene));
        Node x = scene.normal(BATCH, TOKENS, WIDTH);
        Node token = scene.input(Shape.of(BATCH), 0, 3, 2);
        Node labels = scene.ids(WIDTH, BATCH);
        Node alone = transformer(2).apply(parameters, x, prefixes, all -> g.selectToken(all, token));
        Node picked = g.selectToken(transformer(2).apply(parameters, x, prefixes, UnaryOperator.identity()), token);
        List<Node> prompts = prompts(prefixes);
        List<Node> results = new ArrayList<>();
        for (Node features : List.of(alone, picked)) {
            results.add(features);
            results.addAll(Gradients.of(g, g.crossEntropy(features, labels), prompts));
        }
        var executable = new ReferenceDevice().compile(g, results);
        scene.feed(executable);
        executable.run();
        for (int i = 0, half = results.size() / 2; i < half; i++) {
            assertArrayEquals(executable.readExact(results.get(half + i)), executable.readExact(results.get(i)), 1e-12,
                    results.get(i).toString());
        }
    }

    @Test
    void promptsAloneNeedNoWeightGradientAndNothingBelowThem() {
        Scene scene = new Scene(4);
        Graph g = scene.graph();
        Parameters parameters = Parameters.frozen(g, weights(scene, 3));
        Map<Integer, Transformer.Prefix> prefixes = Map.of(1, prefix(scene), 2, prefix(scene));
        Node x = transformer(3).apply(parameters, scene.normal(BATCH, TOKENS, WIDTH), prefixes,
                UnaryOperator.identity());
        Node loss = guidedLoss(scene, g.mean(x, 1));
        int forward = g.nodes().size();
        List<Node> prompts = prompts(prefixes);
        List<Node> results = new ArrayList<>(Gradients.of(g, loss, prompts));
        results.add(loss);
        BufferPlan plan = BufferPlan.of(g, results);

        for (Node node : g.nodes().subList(forward, g.nodes().size())) {
            assertFalse(node.op() instanceof Op.MatMul m && m.transposeA(), "weight gradient: " + node);
            assertFalse(node.op() instanceof Op.LayerNormGainGrad || node.op() instanceof Op.GatherGrad,
                    "gradient of a frozen weight: " + node);
            assertFalse(isIn(node, 0), "backward below the first prompt: " + node);
        }
        assertNothingOfBlockZeroIsKept(plan, forward);
    }

    private static boolean isIn(Node node, int block) {
        return node.scope().equals(new Node.Scope("block", block));
    }

    private static void assertNothingOfBlockZeroIsKept(BufferPlan plan, int forward) {
        List<Node> schedule = plan.schedule();
        int lastRead = -1;
        for (int time = 0; time < schedule.size(); time++) {
            Node reader = schedule.get(time);
            boolean isForward = reader.id() < forward && isIn(reader, 1);
            if (isForward && reader.inputs().stream().anyMatch(input -> isIn(input, 0))) {
                lastRead = time;
            }
        }
        assertTrue(lastRead > 0);
        int checked = 0;
        for (Node node : schedule) {
            if (isIn(node, 0) && !(node.op() instanceof Op.Source)) {
                assertTrue(plan.lifetime(BufferPlan.owner(node))[1] <= lastRead, "kept for the backward pass: " + node);
                checked++;
            }
        }
        assertEquals(10, checked, "nodes of a block");
    }
}
