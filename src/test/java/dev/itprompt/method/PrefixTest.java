package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.RandomStreams;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What prefix keys and values do to attention, against hand-worked consequences. */
class PrefixTest {

    private static final int TOKENS = 5;
    private static final int WIDTH = 8;
    private final RandomGenerator random = new RandomStreams(5).stream("prefix");

    private Tensor gaussian(int... shape) {
        Tensor tensor = Tensor.zeros(Shape.of(shape));
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, (float) random.nextGaussian());
        }
        return tensor;
    }

    private static Tensor attend(Device device, Tensor qkv, Tensor keys, Tensor values) {
        Graph g = new Graph();
        Node x = g.constant(qkv);
        Node y = keys == null ? g.attention(x, 2, false) : g.attention(x, g.constant(keys), g.constant(values), 2, false);
        try (Executable run = device.compile(g, List.of(y))) {
            run.run();
            return run.read(y);
        }
    }

    private static List<Device> devices() {
        return List.of(new ReferenceDevice(), new CpuDevice(1));
    }

    /** A prefix that is never looked at changes nothing: queries are 1, its keys hugely negative. */
    @Test
    void aPrefixWithoutScoreChangesNothing() {
        Tensor qkv = gaussian(2, TOKENS, 3 * WIDTH);
        for (int row = 0; row < 2 * TOKENS; row++) {
            for (int i = 0; i < WIDTH; i++) {
                qkv.set(row * 3 * WIDTH + i, 1);
            }
        }
        Tensor keys = Tensor.zeros(Shape.of(3, WIDTH));
        for (int i = 0; i < keys.shape().size(); i++) {
            keys.set(i, -1e4f);
        }
        for (Device device : devices()) {
            float[] plain = attend(device, qkv, null, null).toArray();
            float[] prefixed = attend(device, qkv, keys, gaussian(3, WIDTH)).toArray();
            assertArrayEquals(plain, prefixed, 1e-6f, device.description());
        }
    }

    /** A prefix with the keys and values of all tokens counts every token twice, which softmax does not see. */
    @Test
    void aCopyOfAllTokensChangesNothing() {
        Tensor qkv = gaussian(1, TOKENS, 3 * WIDTH);
        Tensor keys = Tensor.zeros(Shape.of(TOKENS, WIDTH));
        Tensor values = Tensor.zeros(Shape.of(TOKENS, WIDTH));
        for (int t = 0; t < TOKENS; t++) {
            for (int i = 0; i < WIDTH; i++) {
                keys.set(t * WIDTH + i, qkv.get(t * 3 * WIDTH + WIDTH + i));
                values.set(t * WIDTH + i, qkv.get(t * 3 * WIDTH + 2 * WIDTH + i));
            }
        }
        for (Device device : devices()) {
            assertArrayEquals(attend(device, qkv, null, null).toArray(), attend(device, qkv, keys, values).toArray(), 1e-6f,
                    device.description());
        }
    }

    /** A copy of one token re-weights the softmax: that token's probability p becomes 2p/(1+p). */
    @Test
    void aCopyOfOneTokenReweights() {
        Tensor qkv = gaussian(1, 2, 3);
        Tensor key = Tensor.of(Shape.of(1, 1), qkv.get(1));
        Tensor value = Tensor.of(Shape.of(1, 1), qkv.get(2));
        double p = 1 / (1 + Math.exp(qkv.get(0) * (qkv.get(4) - qkv.get(1))));
        double doubled = 2 * p / (1 + p);
        double expected = doubled * qkv.get(2) + (1 - doubled) * qkv.get(5);
        for (Device device : devices()) {
            Graph g = new Graph();
            Node y = g.attention(g.constant(qkv), g.constant(key), g.constant(value), 1, false);
            try (Executable run = device.compile(g, List.of(y))) {
                run.run();
                assertEquals(expected, run.read(y).get(0), 1e-6, device.description());
            }
        }
    }

    /** Without a prompt the instructed feature is the prompt-free one, bit by bit. */
    @Test
    void noPromptMeansThePromptFreeFeature() {
        Prompt none = Prompt.random(List.of(), 0, 64, random);
        try (Device device = new CpuDevice(1); Backbone backbone = new Backbone(device, ToyWorld.clip(1), 4)) {
            TaskImages images = ToyWorld.images(0, 2, 2, 0);
            int[] all = {0, 1, 2, 3};
            assertArrayEquals(backbone.images(images, all, null, Backbone.Chance.NONE).toArray(), backbone.images(images, all, none, Backbone.Chance.NONE).toArray());
        }
    }
}
