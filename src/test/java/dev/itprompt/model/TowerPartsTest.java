package dev.itprompt.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.device.verify.Errors;
import dev.itprompt.device.verify.Scene;
import dev.itprompt.graph.CentralDifferences;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.model.VisionTransformer.Place;
import dev.itprompt.model.VisionTransformer.Pooled;
import dev.itprompt.model.VisionTransformer.Pooling;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The parts of the towers: put together they are the whole, and other tokens may come in between. */
class TowerPartsTest {

    private static final long SEED = 11;
    private static final int BATCH = 3;
    private static final int EXTRA = 2;
    private static final VisionTransformer CLIP = new VisionTransformer(12, 4, 20, 80, 2, 2, 9, Op.Activation.QUICK_GELU, 1e-5f, false,
            true, Pooling.CLASS_TOKEN);
    private static final VisionTransformer TIMM = new VisionTransformer(12, 4, 20, 80, 2, 2, 0, Op.Activation.GELU, 1e-6f, true, false,
            Pooling.CLASS_TOKEN);
    private static final VisionTransformer MEAN = new VisionTransformer(12, 4, 20, 80, 2, 2, 9, Op.Activation.GELU, 1e-5f, false, true,
            Pooling.MEAN);
    private static final TextTransformer TEXT = new TextTransformer(9, 30, 20, 80, 2, 2, 9, Op.Activation.QUICK_GELU, 1e-5f);

    static List<VisionTransformer> towers() {
        return List.of(CLIP, TIMM, MEAN);
    }

    /** Weights of both towers, a patch bias included. */
    private static Map<String, Tensor> weights(VisionTransformer vision) {
        Random random = new Random(SEED);
        Map<String, Tensor> weights = new TreeMap<>(ClipInitializer.initialize(vision, TEXT, random));
        weights.putIfAbsent("visual.conv1.bias", Tensor.zeros(Shape.of(vision.width())));
        weights.values().forEach(tensor -> {
            for (int i = 0; i < tensor.shape().size(); i++) {
                tensor.set(i, tensor.get(i) + (float) random.nextGaussian() * 0.1f);
            }
        });
        return weights;
    }

    private static Node image(Scene scene, VisionTransformer tower) {
        return scene.normal(BATCH, 3, tower.imageSize(), tower.imageSize());
    }

    private static Map<Integer, Transformer.Prefix> prefix(Scene scene, int width) {
        return Map.of(1, new Transformer.Prefix(scene.variable(EXTRA, width), scene.variable(EXTRA, width)));
    }

    private static float[][] run(Device device, Scene scene) {
        try (device; Executable executable = scene.compile(device)) {
            executable.run();
            return scene.results().stream().map(result -> executable.read(result).toArray()).toArray(float[][]::new);
        }
    }

    /** The vision tower in one piece, as the paper has it. */
    private static Node whole(VisionTransformer t, Parameters root, Node image, Map<Integer, Transformer.Prefix> prefixes) {
        Graph g = root.graph();
        Parameters p = root.in("visual");
        int width = t.width();
        Node kernel = g.reshape(p.get("conv1.weight", width, 3, t.patchSize(), t.patchSize()), width,
                3 * t.patchSize() * t.patchSize());
        Node patches = g.linear(g.patches(image, t.patchSize()), kernel, t.patchBias() ? p.get("conv1.bias", width) : null);
        Node first = g.broadcast(g.reshape(p.get("class_embedding", width), 1, width), Shape.of(BATCH, 1, width));
        Node x = g.add(g.concat(1, first, patches), p.get("positional_embedding", t.tokens(), width));
        x = t.preNorm() ? g.layerNorm(x, p.get("ln_pre.weight", width), p.get("ln_pre.bias", width), t.epsilon()) : x;
        Node zero = g.constant(Tensor.zeros(Shape.of(BATCH)));
        Transformer blocks = new Transformer("vision.block", width, t.hidden(), t.layers(), t.heads(), false, t.activation(), t.epsilon());
        x = blocks.apply(p.in("transformer"), x, prefixes, all -> t.pooling() == Pooling.MEAN ? all : g.selectToken(all, zero));
        x = g.layerNorm(x, p.get("ln_post.weight", width), p.get("ln_post.bias", width), t.epsilon());
        x = t.pooling() == Pooling.MEAN ? g.scale(g.sum(x, 1), 1.0 / t.tokens()) : x;
        return t.embedding() == 0 ? x : g.matMul(x, p.get("proj", width, t.embedding()));
    }

    @ParameterizedTest
    @MethodSource("towers")
    void thePartsOfAVisionTowerAreTheWhole(VisionTransformer tower) {
        Scene scene = new Scene(SEED);
        Parameters parameters = Parameters.frozen(scene.graph(), weights(tower));
        Node image = image(scene, tower);
        Map<Integer, Transformer.Prefix> prefixes = prefix(scene, tower.width());
        scene.result(whole(tower, parameters, image, prefixes));
        scene.result(tower.apply(parameters, image, prefixes));
        Node embedded = tower.embed(parameters, image);
        scene.result(tower.pool(parameters, tower.encode(parameters, embedded, prefixes, tower.pooled())));
        for (Device device : List.of(new ReferenceDevice(), new CpuDevice(2))) {
            float[][] results = run(device, scene);
            assertArrayEquals(results[0], results[1], device.description());
            assertArrayEquals(results[0], results[2], device.description());
        }
    }

    @Test
    void thePartsOfATextTowerAreTheWhole() {
        Scene scene = new Scene(SEED);
        Graph g = scene.graph();
        Parameters p = Parameters.frozen(g, weights(CLIP));
        Node tokens = scene.ids(30, BATCH, 9);
        Node ends = scene.input(Shape.of(BATCH), 8, 3, 5);
        Node x = g.add(g.gather(p.get("token_embedding.weight", 30, 20), tokens), p.get("positional_embedding", 9, 20));
        x = new Transformer("text.block", 20, 80, 2, 2, true, Op.Activation.QUICK_GELU, 1e-5f).apply(p.in("transformer"), x, Map.of(),
                all -> g.selectToken(all, ends));
        scene.result(g.matMul(g.layerNorm(x, p.get("ln_final.weight", 20), p.get("ln_final.bias", 20), 1e-5f),
                p.get("text_projection", 20, 9)));
        scene.result(TEXT.apply(p, tokens, ends));
        scene.result(TEXT.pool(p, TEXT.encode(p, TEXT.embed(p, tokens), Map.of(), ends)));
        for (Device device : List.of(new ReferenceDevice(), new CpuDevice(2))) {
            float[][] results = run(device, scene);
            assertArrayEquals(results[0], results[1], device.description());
            assertArrayEquals(results[0], results[2], device.description());
        }
    }

    /** Shared and per-sample tokens at every place, one token or the mean of the extra ones read. */
    @ParameterizedTest
    @EnumSource(Place.class)
    void extraTokensFollowTheReferenceAndCentralDifferences(Place place) {
        for (boolean each : new boolean[] {false, true}) {
            for (VisionTransformer tower : towers()) {
                Scene scene = new Scene(SEED);
                Graph g = scene.graph();
                Parameters parameters = Parameters.frozen(g, weights(tower));
                Node extra = each ? scene.variable(BATCH, EXTRA, tower.width()) : scene.variable(EXTRA, tower.width());
                Node tokens = VisionTransformer.insert(g, tower.embed(parameters, image(scene, tower)), extra, place);
                int begin = place == Place.AFTER_CLASS_TOKEN ? 1 : 0;
                int classToken = place == Place.BEFORE_CLASS_TOKEN ? EXTRA : 0;
                Map<Integer, Transformer.Prefix> prefixes = prefix(scene, tower.width());
                Node first = features(tower, parameters, tokens, prefixes, new Pooled(classToken, 1));
                Node mean = features(tower, parameters, tokens, prefixes, new Pooled(begin, EXTRA));
                scene.result(first);
                scene.result(mean);
                String where = place + (each ? ", per sample, " : ", shared, ") + tower;
                compare(scene, where);
                Node loss = g.mean(g.multiply(g.concat(1, first, mean), scene.normal(BATCH, 2 * tower.features())));
                CentralDifferences.check(scene, loss, CentralDifferences.variables(g), where);
            }
        }
    }

    private static Node features(VisionTransformer tower, Parameters parameters, Node tokens,
            Map<Integer, Transformer.Prefix> prefixes, Pooled pooled) {
        return tower.pool(parameters, tower.encode(parameters, tokens, prefixes, pooled));
    }

    private static void compare(Scene scene, String where) {
        try (CpuDevice cpu = new CpuDevice(2); ReferenceDevice reference = new ReferenceDevice();
                Executable actual = scene.compile(cpu); Executable expected = scene.compile(reference)) {
            actual.run();
            expected.run();
            for (Node result : scene.results()) {
                double[] exact = ((ReferenceDevice.Run) expected).readExact(result);
                Errors errors = Errors.between(exact, actual.read(result).toArray(), 1);
                assertTrue(errors.relative() <= 1e-5, () -> where + ": " + errors);
            }
        }
    }

    /** Blocks know no order: where tokens without positions stand changes nothing, and the class token can be replaced by itself. */
    @Test
    void tokensStandWhereTheyAreNamed() {
        Scene scene = new Scene(SEED);
        Graph g = scene.graph();
        Parameters parameters = Parameters.frozen(g, weights(CLIP));
        Node embedded = CLIP.embed(parameters, image(scene, CLIP));
        Node extra = scene.normal(EXTRA, CLIP.width());
        Node before = VisionTransformer.insert(g, embedded, extra, Place.BEFORE_CLASS_TOKEN);
        Node after = VisionTransformer.insert(g, embedded, extra, Place.AFTER_CLASS_TOKEN);
        Node instead = VisionTransformer.insert(g, embedded, g.slice(embedded, 1, 0, 1), Place.INSTEAD_OF_CLASS_TOKEN);
        assertEquals(List.of(Shape.of(3, 12, 20), Shape.of(3, 12, 20), Shape.of(3, 10, 20)),
                List.of(before.shape(), after.shape(), instead.shape()));
        List<Node> results = List.of(features(CLIP, parameters, before, Map.of(), new Pooled(2, 1)),
                features(CLIP, parameters, after, Map.of(), new Pooled(0, 1)),
                features(CLIP, parameters, before, Map.of(), new Pooled(0, 2)),
                features(CLIP, parameters, after, Map.of(), new Pooled(1, 2)),
                embedded, instead, g.slice(before, 1, 0, 2), g.slice(after, 1, 1, 2), g.repeat(extra, 0, BATCH));
        var run = new ReferenceDevice().compile(g, results);
        scene.feed(run);
        run.run();
        assertArrayEquals(run.readExact(results.get(0)), run.readExact(results.get(1)), 1e-12);
        assertArrayEquals(run.readExact(results.get(2)), run.readExact(results.get(3)), 1e-12);
        assertArrayEquals(run.readExact(embedded), run.readExact(instead));
        assertArrayEquals(run.readExact(results.get(8)), run.readExact(results.get(6)));
        assertArrayEquals(run.readExact(results.get(8)), run.readExact(results.get(7)));
    }

    /** Vectors in place of token embeddings: the tokens' own give the same bits, others have gradients. */
    @Test
    void vectorsMayReplaceTokenEmbeddings() {
        Scene scene = new Scene(SEED);
        Graph g = scene.graph();
        Parameters parameters = Parameters.frozen(g, weights(CLIP));
        Node tokens = scene.ids(30, BATCH, 9);
        Node ends = scene.input(Shape.of(BATCH), 8, 4, 5);
        Node embedded = TEXT.embed(parameters, tokens);
        Node own = g.slice(embedded, 1, 1, EXTRA);
        scene.result(TEXT.apply(parameters, tokens, ends));
        scene.result(prompted(parameters, embedded, own, ends));
        float[][] same = run(new CpuDevice(2), scene);
        assertArrayEquals(same[0], same[1]);
        Node trained = scene.variable(EXTRA, 20);
        Node text = prompted(parameters, embedded, g.repeat(trained, 0, BATCH), ends);
        scene.result(text);
        compare(scene, "text prompts");
        Node loss = g.mean(g.multiply(text, scene.normal(BATCH, 9)));
        CentralDifferences.check(scene, loss, List.of(trained), "text prompts, seed " + SEED);
    }

    private static Node prompted(Parameters parameters, Node embedded, Node prompts, Node ends) {
        Graph g = parameters.graph();
        Node x = g.concat(1, g.slice(embedded, 1, 0, 1), prompts, g.slice(embedded, 1, 1 + EXTRA, 9 - 1 - EXTRA));
        return TEXT.pool(parameters, TEXT.encode(parameters, x, Map.of(), ends));
    }

    /** A causal tower does not see what comes after the end of a text. */
    @Test
    void textsMayBeCutBehindTheirEnd() {
        Scene scene = new Scene(SEED);
        Graph g = scene.graph();
        Parameters parameters = Parameters.frozen(g, weights(CLIP));
        Node tokens = scene.ids(30, BATCH, 9);
        Node ends = scene.input(Shape.of(BATCH), 5, 4, 2);
        Node all = scene.result(TEXT.apply(parameters, tokens, ends));
        Node cut = scene.result(TEXT.apply(parameters, g.slice(tokens, 1, 0, 6), ends));
        var run = new ReferenceDevice().compile(g, scene.results());
        scene.feed(run);
        run.run();
        assertArrayEquals(run.readExact(all), run.readExact(cut), 1e-12);
    }
}
