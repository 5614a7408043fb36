package dev.itprompt.method.hide;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The network before the classifier of HiDe-Prompt's task-identity inference: {@code norm(x + f(x))}, f being linear layers with
 * GELU between them. Where there are several hidden widths, the layer in the middle has a layer norm in place of the activation.
 * Values are {@code layers.i.weight} and {@code .bias}, {@code layers.i.norm} of that in the middle, and {@code norm}.
 *
 * @param width  E: columns of a feature
 * @param hidden widths inside as multiples of E, at least one; [2] in most published settings, [4, 4] for five data sets
 */
public record MappingNetwork(int width, List<Integer> hidden) implements FeatureClassifier.Network {

    /** Added to the variance in layer norms; the backbone's is another one. */
    public static final float EPSILON = 1e-5f;

    public MappingNetwork {
        hidden = List.copyOf(hidden);
    }

    private int layers() {
        return hidden.size() + 1;
    }

    private int in(int layer) {
        return layer == 0 ? width : width * hidden.get(layer - 1);
    }

    private int out(int layer) {
        return layer == hidden.size() ? width : width * hidden.get(layer);
    }

    /** The layer whose result is normalised; the last or the first one never is. */
    private boolean isNormed(int layer) {
        return layer > 0 && layer < hidden.size() && layer == hidden.size() / 2;
    }

    /** Weights as a linear classifier's begin, biases of 0, norms that change nothing. */
    @Override
    public Map<String, Tensor> initial(RandomGenerator random) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        for (int layer = 0; layer < layers(); layer++) {
            values.put("layers." + layer + ".weight", FeatureClassifier.normal(random, out(layer), in(layer)));
            values.put("layers." + layer + ".bias", Tensor.zeros(Shape.of(out(layer))));
            if (isNormed(layer)) {
                putNorm(values, "layers." + layer + ".norm", out(layer));
            }
        }
        putNorm(values, "norm", width);
        return values;
    }

    private static void putNorm(Map<String, Tensor> values, String name, int width) {
        Tensor gain = Tensor.zeros(Shape.of(width));
        for (int i = 0; i < width; i++) {
            gain.set(i, 1);
        }
        values.put(name + ".weight", gain);
        values.put(name + ".bias", Tensor.zeros(Shape.of(width)));
    }

    /** The last linear layer gives 0, and the norm behind it changes nothing but the length. */
    @Override
    public Map<String, Tensor> silent() {
        Map<String, Tensor> values = new LinkedHashMap<>();
        int last = hidden.size();
        values.put("layers." + last + ".weight", Tensor.zeros(Shape.of(out(last), in(last))));
        values.put("layers." + last + ".bias", Tensor.zeros(Shape.of(out(last))));
        putNorm(values, "norm", width);
        return values;
    }

    @Override
    public Node apply(Parameters parameters, Node x) {
        Graph g = parameters.graph();
        Node y = x;
        for (int layer = 0; layer < layers(); layer++) {
            Parameters own = parameters.in("layers." + layer);
            y = Transformer.linear(own, y, in(layer), out(layer));
            if (isNormed(layer)) {
                y = Transformer.layerNorm(own.in("norm"), y, out(layer), EPSILON);
            } else if (layer < hidden.size()) {
                y = g.activate(y, Op.Activation.GELU);
            }
        }
        return Transformer.layerNorm(parameters.in("norm"), g.add(x, y), width, EPSILON);
    }
}
