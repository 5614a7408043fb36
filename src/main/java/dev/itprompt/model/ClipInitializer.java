package dev.itprompt.model;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Random weights for training CLIP from scratch, with the standard deviations of its reference implementation. */
final class ClipInitializer {

    private final RandomGenerator random;
    private final Map<String, Tensor> weights = new TreeMap<>();

    private ClipInitializer(RandomGenerator random) {
        this.random = random;
    }

    static Map<String, Tensor> initialize(VisionTransformer vision, TextTransformer text, RandomGenerator random) {
        ClipInitializer init = new ClipInitializer(random);
        init.vision(vision);
        init.text(text);
        init.weights.put("logit_scale", Tensor.scalar((float) Math.log(1 / 0.07)));
        return init.weights;
    }

    private void vision(VisionTransformer v) {
        double scale = Math.pow(v.width(), -0.5);
        int patch = v.patchSize();
        normal("visual.conv1.weight", Math.pow(3.0 * patch * patch, -0.5), v.width(), 3, patch, patch);
        if (v.patchBias()) {
            fill("visual.conv1.bias", 0, v.width());
        }
        normal("visual.class_embedding", scale, v.width());
        normal("visual.positional_embedding", scale, v.tokens(), v.width());
        if (v.preNorm()) {
            layerNorm("visual.ln_pre", v.width());
        }
        blocks("visual.transformer.", v.width(), v.hidden(), v.layers());
        layerNorm("visual.ln_post", v.width());
        if (v.embedding() > 0) {
            normal("visual.proj", scale, v.width(), v.embedding());
        }
    }

    private void text(TextTransformer t) {
        normal("token_embedding.weight", 0.02, t.vocabulary(), t.width());
        normal("positional_embedding", 0.01, t.context(), t.width());
        blocks("transformer.", t.width(), t.hidden(), t.layers());
        layerNorm("ln_final", t.width());
        normal("text_projection", Math.pow(t.width(), -0.5), t.width(), t.embedding());
    }

    private void blocks(String path, int width, int hidden, int layers) {
        double attention = Math.pow(width, -0.5);
        double residual = attention * Math.pow(2.0 * layers, -0.5);
        for (int i = 0; i < layers; i++) {
            String block = path + "resblocks." + i + ".";
            layerNorm(block + "ln_1", width);
            normal(block + "attn.in_proj_weight", attention, 3 * width, width);
            fill(block + "attn.in_proj_bias", 0, 3 * width);
            normal(block + "attn.out_proj.weight", residual, width, width);
            fill(block + "attn.out_proj.bias", 0, width);
            layerNorm(block + "ln_2", width);
            normal(block + "mlp.c_fc.weight", Math.pow(2.0 * width, -0.5), hidden, width);
            fill(block + "mlp.c_fc.bias", 0, hidden);
            normal(block + "mlp.c_proj.weight", residual, width, hidden);
            fill(block + "mlp.c_proj.bias", 0, width);
        }
    }

    private void layerNorm(String path, int width) {
        fill(path + ".weight", 1, width);
        fill(path + ".bias", 0, width);
    }

    private void normal(String name, double deviation, int... shape) {
        Tensor tensor = Tensor.zeros(Shape.of(shape));
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, (float) (deviation * random.nextGaussian()));
        }
        weights.put(name, tensor);
    }

    private void fill(String name, float value, int... shape) {
        Tensor tensor = Tensor.zeros(Shape.of(shape));
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, value);
        }
        weights.put(name, tensor);
    }
}
