package dev.itprompt.checkpoint;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * Random weights of small vision transformers under timm's and OpenAI's names, and what they compute for an image of one colour, by
 * plain loops in double precision. Such an image stays what it is under every resize and crop, so only the network and the
 * normalisation matter.
 *
 * @param width  D
 * @param hidden width inside the MLPs
 * @param blocks number of blocks
 * @param patch  side of a patch in pixels
 * @param grid   patches along a side
 */
record TinyWeights(int width, int hidden, int blocks, int patch, int grid) {

    /** The colour of the image, 0 to 255. */
    static final int[] COLOR = {200, 100, 50};

    /** A tower with a hidden width of 4D, 2 x 2 patches of 8 pixels. */
    static TinyWeights of(int width, int blocks) {
        return new TinyWeights(width, 4 * width, blocks, 8, 2);
    }

    /** Side of the input in pixels. */
    int side() {
        return grid * patch;
    }

    /**
     * Under timm's names.
     *
     * @param scale deviation of the weights
     */
    LinkedHashMap<String, Tensor> timm(long seed, double scale) {
        Random random = new Random(seed);
        LinkedHashMap<String, Tensor> w = new LinkedHashMap<>();
        w.put("cls_token", normal(random, 0, scale, 1, 1, width));
        w.put("pos_embed", normal(random, 0, 5 * scale, 1, 1 + grid * grid, width));
        w.put("patch_embed.proj.weight", normal(random, 0, scale, width, 3, patch, patch));
        w.put("patch_embed.proj.bias", normal(random, 0, scale, width));
        for (int i = 0; i < blocks; i++) {
            String block = "blocks." + i + ".";
            norm(w, random, scale, block + "norm1");
            linear(w, random, scale, block + "attn.qkv", 3 * width, width);
            linear(w, random, scale, block + "attn.proj", width, width);
            norm(w, random, scale, block + "norm2");
            linear(w, random, scale, block + "mlp.fc1", hidden, width);
            linear(w, random, scale, block + "mlp.fc2", width, hidden);
        }
        norm(w, random, scale, "norm");
        return w;
    }

    private void norm(Map<String, Tensor> w, Random random, double scale, String name) {
        w.put(name + ".weight", normal(random, 1, scale, width));
        w.put(name + ".bias", normal(random, 0, scale, width));
    }

    private static void linear(Map<String, Tensor> w, Random random, double scale, String name, int out, int in) {
        w.put(name + ".weight", normal(random, 0, scale, out, in));
        w.put(name + ".bias", normal(random, 0, scale, out));
    }

    static Tensor normal(Random random, double mean, double scale, int... shape) {
        Tensor tensor = Tensor.zeros(Shape.of(shape));
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, (float) (mean + scale * random.nextGaussian()));
        }
        return tensor;
    }

    /**
     * A CLIP under OpenAI's names whose image tower is that of timm's weights with a norm before the blocks and a projection that
     * change nothing else, and a text tower of one block.
     *
     * @param textWidth  D of the text tower, with 514 tokens and sequences of 8
     * @param logitScale the scale as it is stored
     */
    LinkedHashMap<String, Tensor> openAi(Map<String, Tensor> timm, int textWidth, Tensor logitScale) {
        LinkedHashMap<String, Tensor> w = new LinkedHashMap<>();
        w.put("visual.conv1.weight", timm.get("patch_embed.proj.weight"));
        w.put("visual.class_embedding", timm.get("cls_token").reshape(Shape.of(width)));
        w.put("visual.positional_embedding", timm.get("pos_embed").reshape(Shape.of(1 + grid * grid, width)));
        w.put("visual.ln_pre.weight", fill(1, width));
        w.put("visual.ln_pre.bias", fill(0, width));
        blocks(w, timm, "visual.transformer.resblocks.");
        w.put("visual.ln_post.weight", timm.get("norm.weight"));
        w.put("visual.ln_post.bias", timm.get("norm.bias"));
        Tensor identity = fill(0, width, width);
        for (int i = 0; i < width; i++) {
            identity.set((long) i * width + i, 1);
        }
        w.put("visual.proj", identity);
        Random random = new Random(9);
        blocks(w, new TinyWeights(textWidth, 4 * textWidth, 1, 1, 1).timm(9, 0.1), "transformer.resblocks.");
        w.put("token_embedding.weight", normal(random, 0, 0.1, 514, textWidth));
        w.put("positional_embedding", normal(random, 0, 0.1, 8, textWidth));
        w.put("ln_final.weight", fill(1, textWidth));
        w.put("ln_final.bias", fill(0, textWidth));
        w.put("text_projection", normal(random, 0, 0.1, textWidth, width));
        w.put("logit_scale", logitScale);
        return w;
    }

    private static void blocks(Map<String, Tensor> w, Map<String, Tensor> timm, String path) {
        Map<String, String> parts = Map.of("norm1", "ln_1", "norm2", "ln_2", "attn.proj", "attn.out_proj", "mlp.fc1", "mlp.c_fc", "mlp.fc2",
                "mlp.c_proj");
        timm.forEach((name, tensor) -> {
            if (name.startsWith("blocks.")) {
                String[] numbered = name.split("\\.", 3);
                int dot = numbered[2].lastIndexOf('.');
                String part = numbered[2].substring(0, dot);
                String kind = numbered[2].substring(dot + 1);
                w.put(path + numbered[1] + "." + (part.equals("attn.qkv") ? "attn.in_proj_" : parts.get(part) + ".") + kind, tensor);
            }
        });
    }

    static Tensor fill(float value, int... shape) {
        Tensor tensor = Tensor.zeros(Shape.of(shape));
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, value);
        }
        return tensor;
    }

    /**
     * The class token after the final norm.
     *
     * @param mean      and deviation, three each, of the normalisation
     * @param preNorm   whether a norm without gain stands before the blocks; then the patches have no bias
     */
    double[] feature(Map<String, Tensor> timm, int heads, double[] mean, double[] deviation, double epsilon, boolean preNorm) {
        int tokens = 1 + grid * grid;
        double[][] x = new double[tokens][width];
        for (int d = 0; d < width; d++) {
            double sum = preNorm ? 0 : timm.get("patch_embed.proj.bias").get(d);
            for (int k = 0; k < 3 * patch * patch; k++) {
                int channel = k / (patch * patch);
                sum += timm.get("patch_embed.proj.weight").get((long) d * 3 * patch * patch + k)
                        * (COLOR[channel] / 255.0 - mean[channel]) / deviation[channel];
            }
            for (int n = 0; n < tokens; n++) {
                x[n][d] = (n == 0 ? timm.get("cls_token").get(d) : sum) + timm.get("pos_embed").get((long) n * width + d);
            }
        }
        for (int n = 0; n < tokens && preNorm; n++) {
            x[n] = norm(x[n], fill(1, width), fill(0, width), epsilon);
        }
        for (int i = 0; i < blocks; i++) {
            block(timm, "blocks." + i + ".", x, heads, epsilon);
        }
        return norm(x[0], timm.get("norm.weight"), timm.get("norm.bias"), epsilon);
    }

    private void block(Map<String, Tensor> w, String path, double[][] x, int heads, double epsilon) {
        int tokens = x.length;
        int columns = width / heads;
        double[][] qkv = new double[tokens][];
        for (int n = 0; n < tokens; n++) {
            qkv[n] = linear(w, path + "attn.qkv", norm(x[n], w.get(path + "norm1.weight"), w.get(path + "norm1.bias"), epsilon));
        }
        for (int n = 0; n < tokens; n++) {
            double[] mixed = new double[width];
            for (int h = 0; h < heads; h++) {
                double[] weights = new double[tokens];
                double total = 0;
                for (int m = 0; m < tokens; m++) {
                    double score = 0;
                    for (int c = h * columns; c < (h + 1) * columns; c++) {
                        score += qkv[n][c] * qkv[m][width + c];
                    }
                    weights[m] = Math.exp(score / Math.sqrt(columns));
                    total += weights[m];
                }
                for (int c = h * columns; c < (h + 1) * columns; c++) {
                    for (int m = 0; m < tokens; m++) {
                        mixed[c] += weights[m] / total * qkv[m][2 * width + c];
                    }
                }
            }
            add(x[n], linear(w, path + "attn.proj", mixed));
        }
        for (double[] token : x) {
            double[] inside = linear(w, path + "mlp.fc1", norm(token, w.get(path + "norm2.weight"), w.get(path + "norm2.bias"), epsilon));
            for (int c = 0; c < hidden; c++) {
                inside[c] *= 0.5 * (1 + erf(inside[c] / Math.sqrt(2)));
            }
            add(token, linear(w, path + "mlp.fc2", inside));
        }
    }

    private static void add(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
    }

    private static double[] linear(Map<String, Tensor> w, String name, double[] x) {
        Tensor weight = w.get(name + ".weight");
        double[] y = new double[weight.shape().dim(0)];
        for (int o = 0; o < y.length; o++) {
            y[o] = w.get(name + ".bias").get(o);
            for (int i = 0; i < x.length; i++) {
                y[o] += weight.get((long) o * x.length + i) * x[i];
            }
        }
        return y;
    }

    private static double[] norm(double[] x, Tensor gain, Tensor bias, double epsilon) {
        double mean = 0;
        double variance = 0;
        for (double value : x) {
            mean += value / x.length;
        }
        for (double value : x) {
            variance += (value - mean) * (value - mean) / x.length;
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (x[i] - mean) / Math.sqrt(variance + epsilon) * gain.get(i) + bias.get(i);
        }
        return y;
    }

    /** By the series at 0, and beyond by the continued fraction of the complement. */
    private static double erf(double x) {
        double z = Math.abs(x);
        if (z < 2.5) {
            double term = z;
            double sum = z;
            for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
                term *= -z * z / n;
                sum += term / (2 * n + 1);
            }
            return Math.copySign(2 / Math.sqrt(Math.PI) * sum, x);
        }
        double fraction = 0;
        for (int n = 60; n > 0; n--) {
            fraction = n / 2.0 / (z + fraction);
        }
        return Math.copySign(1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction)), x);
    }
}
