package dev.itprompt.model;

import static dev.itprompt.tensor.TensorAssert.assertClose;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.model.VisionTransformer.Place;
import dev.itprompt.model.VisionTransformer.Pooled;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The first training step of published methods, put together from ops and from the parts of a tower, against traces of their
 * authors' code: L2P's tokens chosen by a vote, CODA-Prompt's weighted components, VQ-Prompt's quantised mixtures.
 */
class PublishedPromptsTest {

    private static final Path GOLDENS = Path.of("../shared/goldens");
    private static final int BATCH = 6;
    private static final int WIDTH = 32;
    /** Classes of the first task. */
    private static final int CLASSES = 3;
    /** Blocks with prompts in CODA-Prompt and VQ-Prompt. */
    private static final int LAYERS = 5;
    private static final VisionTransformer TOWER = new VisionTransformer(16, 8, WIDTH, 4 * WIDTH, 6, 4, 0, Op.Activation.GELU, 1e-6f, true,
            false, VisionTransformer.Pooling.CLASS_TOKEN);

    /** Where a step runs, and how far it may be from the trace, relative to a tensor's largest value. */
    record Run(String name, Supplier<Device> open, double tolerance) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Run> runs() {
        return List.of(new Run("reference", ReferenceDevice::new, 2e-7), new Run("cpu", () -> new CpuDevice(2), 2e-5));
    }

    /** A step under construction: the trace, the graph, and what is to be compared. */
    private static final class Step {

        final Map<String, Tensor> trace;
        final Graph graph = new Graph();
        final Parameters weights;
        final Map<String, Node> trained = new LinkedHashMap<>();
        final Map<String, Node> compared = new LinkedHashMap<>();
        final Node images;
        final Node labels;
        final Node query;

        Step(String file) {
            assumeTrue(Files.exists(GOLDENS), "there are no traces at " + GOLDENS);
            trace = load(file, Map.of());
            weights = Parameters.frozen(graph, load("world-backbone", Map.of("cls_token", Shape.of(WIDTH), "pos_embed",
                    Shape.of(5, WIDTH))));
            Map<String, Tensor> data = load("world-data", Map.of());
            Tensor pixels = Tensor.zeros(Shape.of(BATCH, 3, 16, 16));
            Tensor classes = Tensor.zeros(Shape.of(BATCH));
            for (int i = 0; i < BATCH; i++) {
                int row = (int) data.get("batches").get(i);
                pixels.slice(i, 1).copyFrom(data.get("train/images").slice(row, 1));
                classes.set(i, data.get("train/labels").get(row));
            }
            images = graph.constant(pixels);
            labels = graph.constant(classes);
            query = compare("query", TOWER.apply(weights, images, Map.of()));
        }

        /** @param shapes of tensors that timm keeps in another one; none for what has no weights of a tower */
        private static Map<String, Tensor> load(String file, Map<String, Shape> shapes) {
            Map<String, Tensor> tensors = new TreeMap<>();
            Checkpoint.open(GOLDENS.resolve(file + ".safetensors")).tensors().forEach((name, stored) -> {
                Tensor tensor = stored.load();
                String own = shapes.isEmpty() ? name : VisionTransformerParityTest.openAiName(name);
                tensors.put(own, shapes.containsKey(name) ? tensor.reshape(shapes.get(name)) : tensor);
            });
            return tensors;
        }

        /** A parameter of the trace, in the shape of its first value. */
        Node parameter(String name) {
            Node node = graph.variable(name, trace.get("init/" + name));
            trained.put(name, node);
            return node;
        }

        Node compare(String name, Node node) {
            compared.put("t0/step1/" + name, node);
            return node;
        }

        /** @param expected the node's values, which the trace has under another name */
        Node compare(String name, Node node, float... expected) {
            trace.put("t0/step1/" + name, Tensor.of(node.shape(), expected));
            return compare(name, node);
        }

        /** Cross-entropy over the classes of the first task. */
        Node crossEntropy(Node features, String head, String logits) {
            Node all = compare(logits, graph.linear(features, parameter(head + ".weight"), parameter(head + ".bias")));
            return graph.crossEntropy(graph.slice(all, 1, 0, CLASSES), labels);
        }

        void check(Run run, Node loss, double expectedLoss) {
            List<Node> gradients = Gradients.of(graph, loss, List.copyOf(trained.values()));
            int next = 0;
            for (String name : trained.keySet()) {
                compare("grad/" + name, gradients.get(next++));
            }
            List<Node> results = new ArrayList<>(compared.values());
            results.add(loss);
            try (Device device = run.open().get(); Executable executable = device.compile(graph, results)) {
                executable.run();
                compared.forEach((name, node) -> assertClose(trace.get(name), executable.read(node), run.tolerance(), name));
                assertClose(Tensor.scalar((float) expectedLoss), executable.read(loss), run.tolerance(), "loss");
            }
        }

        /** An entry of the trace with one number per update: that of the first. */
        double first(String name) {
            return trace.get("t0/" + name).get(0);
        }
    }

    /** The entries of a pool that most samples have among their nearest; all samples get them. */
    private static Node vote(Graph g, Node similarity, int count) {
        return g.topK(times(g, g.topK(similarity, count), similarity.shape().last()), count);
    }

    /** How often each index below a limit occurs. */
    private static Node times(Graph g, Node indices, int limit) {
        int count = indices.shape().size();
        Node ones = g.broadcast(g.constant(Tensor.scalar(1)), Shape.of(count, 1));
        return g.reshape(g.apply(new Op.GatherGrad(limit), ones, g.reshape(indices, count)), limit);
    }

    private static void learningToPrompt(Run run, String file, String prefix, String pool, Place place) {
        Step s = new Step(file);
        Graph g = s.graph;
        Node keys = g.normalize(s.parameter(prefix + ".prompt_key"));
        Node query = g.normalize(s.query);
        Node similarity = s.compare("similarity", g.matMulTransposed(query, keys),
                Arrays.copyOf(s.trace.get("t0/similarity").toArray(), BATCH * 5));
        Node chosen = vote(g, similarity, 2);
        float[] isChosen = new float[5];
        for (int i = 0; i < 2; i++) {
            isChosen[(int) s.trace.get("t0/prompt_idx").get(i)] = 1;
        }
        s.compare("chosen", times(g, chosen, 5), isChosen);
        Node prompts = g.reshape(g.gather(g.reshape(s.parameter(pool), 5, 2 * WIDTH), chosen), 4, WIDTH);
        Node embedded = TOWER.embed(s.weights, s.images);
        Node first = g.slice(TOWER.positions(s.weights), 0, 0, 1);
        Node tokens = place == Place.BEFORE_CLASS_TOKEN
                ? VisionTransformer.insert(g, embedded, prompts, place)
                : VisionTransformer.insert(g, embedded, g.add(prompts, g.reshape(first, WIDTH)), place);
        Pooled pooled = place == Place.BEFORE_CLASS_TOKEN ? new Pooled(4, 1) : new Pooled(1, 4);
        Node features = s.compare("pre_logits", TOWER.pool(s.weights, TOWER.encode(s.weights, tokens, Map.of(), pooled)));
        Node pull = g.scale(g.sumTo(g.matMulTransposed(query, g.gather(keys, chosen)), Shape.SCALAR), 1f / BATCH);
        Node loss = g.add(s.crossEntropy(features, "head", "logits"), g.scale(pull, -0.1f));
        s.check(run, loss, s.first("loss_ce") - 0.1 * s.first("reduce_sim"));
    }

    /** As HiDe-Prompt has it: prompts before the class token, without positions. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void learningToPromptBeforeTheClassToken(Run run) {
        learningToPrompt(run, "l2p-hiderepo", "e_prompt", "e_prompt.prompt", Place.BEFORE_CLASS_TOKEN);
    }

    /** As first ported: prompts behind the class token with its position, and their mean is what is classified. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void learningToPromptByTheMeanOfPrompts(Run run) {
        learningToPrompt(run, "l2p-jhrepo", "prompt", "prompt.prompt", Place.AFTER_CLASS_TOKEN);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void codaPrompt(Run run) {
        Step s = new Step("coda");
        Graph g = s.graph;
        Map<Integer, Transformer.Prefix> prefixes = new TreeMap<>();
        for (int layer = 0; layer < LAYERS; layer++) {
            Node keys = g.slice(s.parameter("prompt.e_k_" + layer), 0, 0, CLASSES);
            Node attention = g.slice(s.parameter("prompt.e_a_" + layer), 0, 0, CLASSES);
            Node components = g.slice(s.parameter("prompt.e_p_" + layer), 0, 0, CLASSES);
            Node attended = g.multiply(g.repeat(s.query, 1, CLASSES), attention);
            Node cosines = g.sum(g.multiply(g.normalize(attended), g.normalize(keys)), -1);
            Node mixture = g.matMul(cosines, g.reshape(components, CLASSES, 4 * WIDTH));
            prefixes.put(layer, prefix(s, layer, g.reshape(mixture, BATCH, 4, WIDTH)));
        }
        Node features = s.compare("instructed", TOWER.apply(s.weights, s.images, prefixes));
        s.check(run, s.crossEntropy(features, "last", "logits_all"), s.first("loss_ce"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void vqPrompt(Run run) {
        Step s = new Step("vq");
        Graph g = s.graph;
        Map<Integer, Transformer.Prefix> prefixes = new TreeMap<>();
        Node quantisation = null;
        for (int layer = 0; layer < LAYERS; layer++) {
            Node keys = g.normalize(s.parameter("prompt.e_k_" + layer));
            Node pool = g.reshape(s.parameter("prompt.e_p_" + layer), 4, 6 * WIDTH);
            Node alpha = s.compare("alpha/" + layer, g.softmax(g.matMulTransposed(s.query, keys)));
            Node mixture = g.matMul(alpha, pool);
            Node distances = s.compare("dist/" + layer, g.sum(square(g, g.add(g.repeat(mixture, 1, 4), g.scale(pool, -1))), -1));
            Node nearest = g.gather(pool, g.reshape(g.topK(g.scale(distances, -1), 1), BATCH));
            Node quantised = g.add(mixture, g.stopGradient(g.add(nearest, g.scale(mixture, -1))));
            Node ofMixture = g.mean(square(g, g.add(mixture, g.scale(g.stopGradient(nearest), -1))));
            Node ofPool = g.mean(square(g, g.add(nearest, g.scale(g.stopGradient(mixture), -1))));
            Node terms = g.add(g.scale(ofMixture, 0.4f), g.scale(ofPool, 0.1f));
            quantisation = quantisation == null ? terms : g.add(quantisation, terms);
            prefixes.put(layer, prefix(s, layer, g.reshape(quantised, BATCH, 6, WIDTH)));
        }
        Node features = s.compare("instructed", TOWER.apply(s.weights, s.images, prefixes));
        s.check(run, g.add(s.crossEntropy(features, "last", "logits_all"), quantisation), s.first("loss_total"));
    }

    /** The first half of a sample's rows are prefix keys, the second are prefix values. */
    private static Transformer.Prefix prefix(Step s, int layer, Node rows) {
        int half = rows.shape().dim(1) / 2;
        return new Transformer.Prefix(s.compare("key_prefix/" + layer, s.graph.slice(rows, 1, 0, half)),
                s.compare("value_prefix/" + layer, s.graph.slice(rows, 1, half, half)));
    }

    private static Node square(Graph g, Node x) {
        return g.multiply(x, x);
    }
}
