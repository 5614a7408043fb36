package dev.itprompt.prompt;

import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.device.verify.Scene;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/** A tiny tower with random weights and a batch of random images. */
final class ToyTower {

    static final int WIDTH = 8;
    static final int BATCH = 3;

    final Scene scene;
    final Tower tower;
    final Node images;

    ToyTower(long seed, int layers) {
        scene = new Scene(seed);
        VisionTransformer model = new VisionTransformer(4, 2, WIDTH, 2 * WIDTH, layers, 2, 0, Op.Activation.GELU, 1e-5f, true, false,
                VisionTransformer.Pooling.CLASS_TOKEN);
        Map<String, Tensor> weights = new HashMap<>();
        weights.put("visual.conv1.weight", scaled(WIDTH, 3, 2, 2));
        weights.put("visual.conv1.bias", scaled(WIDTH));
        weights.put("visual.class_embedding", scene.tensor(WIDTH));
        weights.put("visual.positional_embedding", scene.tensor(model.tokens(), WIDTH));
        putNorm(weights, "visual.ln_post");
        for (int layer = 0; layer < layers; layer++) {
            String block = "visual.transformer.resblocks." + layer + ".";
            putNorm(weights, block + "ln_1");
            putNorm(weights, block + "ln_2");
            weights.put(block + "attn.in_proj_weight", scaled(3 * WIDTH, WIDTH));
            weights.put(block + "attn.in_proj_bias", scaled(3 * WIDTH));
            weights.put(block + "attn.out_proj.weight", scaled(WIDTH, WIDTH));
            weights.put(block + "attn.out_proj.bias", scaled(WIDTH));
            weights.put(block + "mlp.c_fc.weight", scaled(2 * WIDTH, WIDTH));
            weights.put(block + "mlp.c_fc.bias", scaled(2 * WIDTH));
            weights.put(block + "mlp.c_proj.weight", scaled(WIDTH, 2 * WIDTH));
            weights.put(block + "mlp.c_proj.bias", scaled(WIDTH));
        }
        tower = new Tower(model, Parameters.frozen(scene.graph(), weights));
        images = scene.normal(BATCH, 3, 4, 4);
    }

    private void putNorm(Map<String, Tensor> weights, String name) {
        weights.put(name + ".weight", scene.tensor(WIDTH));
        weights.put(name + ".bias", scene.tensor(WIDTH));
    }

    private Tensor scaled(int... dims) {
        Tensor tensor = scene.tensor(dims);
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, 0.4f * tensor.get(i));
        }
        return tensor;
    }

    /** A pass of the batch with values of a prompting. */
    Pass pass(Map<String, Tensor> values, Node chosen, int task, boolean training) {
        return new Pass(tower, images, Parameters.trainable(scene.graph(), values), tower.features(images), chosen, task, training);
    }

    /** The cross-entropy of random classes with the prompting's own losses. */
    Node loss(Pass pass, Entered entered) {
        Node logits = scene.graph().linear(entered.features(pass), scene.constant(4, WIDTH), null);
        return entered.addTo(scene.graph(), scene.graph().crossEntropy(logits, scene.ids(4, BATCH)));
    }

    /** A tensor of the shape with random values. */
    Tensor random(Shape shape) {
        return scene.tensor(shape.dims());
    }
}
