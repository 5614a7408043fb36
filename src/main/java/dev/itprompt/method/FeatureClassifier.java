package dev.itprompt.method;

import dev.itprompt.DivergenceException;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;

/**
 * A classifier over features of width E: either one linear layer, or HiDe-Prompt's task-identity network before it, a residual
 * MLP E → 2E → E with GELU and layer norm (eps 1e-6); either may stand behind a fixed {@link Whitening}. Weights are drawn from a normal of 0.02 cut at two deviations, biases are 0.
 */
final class FeatureClassifier {

    private static final float EPSILON = 1e-6f;
    private static final int SCORE_BATCH = 256;

    private final Device device;
    private final int width;
    private final int classes;
    private final boolean residual;
    private final Map<String, Tensor> weights = new LinkedHashMap<>();
    private Whitening whitening;

    FeatureClassifier(Device device, int width, int classes, boolean residual, RandomGenerator random) {
        this.device = device;
        this.width = width;
        this.classes = classes;
        this.residual = residual;
        if (residual) {
            weights.put("fc1.weight", truncatedNormal(random, 2 * width, width));
            weights.put("fc1.bias", Tensor.zeros(Shape.of(2 * width)));
            weights.put("fc2.weight", truncatedNormal(random, width, 2 * width));
            weights.put("fc2.bias", Tensor.zeros(Shape.of(width)));
            weights.put("norm.weight", Tensor.zeros(Shape.of(width)));
            for (int i = 0; i < width; i++) {
                weights.get("norm.weight").set(i, 1);
            }
            weights.put("norm.bias", Tensor.zeros(Shape.of(width)));
        }
        weights.put("head.weight", truncatedNormal(random, classes, width));
        weights.put("head.bias", Tensor.zeros(Shape.of(classes)));
    }

    private FeatureClassifier(FeatureClassifier other) {
        this.device = other.device;
        this.width = other.width;
        this.classes = other.classes;
        this.residual = other.residual;
        this.whitening = other.whitening;
        other.weights.forEach((name, tensor) -> weights.put(name, tensor.copy()));
    }

    /** The present weights by name; not copied. */
    Map<String, Tensor> weights() {
        return weights;
    }

    /** Replaces one weight by a copy of the given value. */
    void set(String name, Tensor value) {
        weights.put(name, value.copy());
    }

    /**
     * Puts a whitening before the classifier, in place of an earlier one. A linear classifier is re-expressed so that its answers stay
     * the same; a residual one has to be trained again.
     */
    void whiten(Whitening next) {
        if (!residual) {
            if (whitening != null) {
                reexpress(whitening.weight(), whitening.bias(), 1);
            }
            reexpress(next.inverse(), next.bias(), -1);
        }
        whitening = next;
    }

    /**
     * Makes it that of linear discriminant analysis behind a whitening: logits are those of Gaussians with common covariance,
     * {@code w·x − |w|²/2}, w being a class's whitened mean. A residual classifier starts there too: its MLP adds nothing yet, and w is
     * what the layer norm leaves of the mean, {@code w·√(E/(E+|w|²))}, as noise of unit covariance adds E to the squared length.
     *
     * @param means of the first classes; the others keep their weights
     */
    void setClosedForm(Whitening common, List<double[]> means) {
        whitening = common;
        if (residual) {
            fill("fc2.weight", 0);
            fill("fc2.bias", 0);
            fill("norm.weight", 1);
            fill("norm.bias", 0);
        }
        for (int c = 0; c < means.size(); c++) {
            float[] mean = new float[width];
            for (int i = 0; i < width; i++) {
                mean[i] = (float) means.get(c)[i];
            }
            float[] whitened = common.apply(mean);
            if (residual) {
                float kept = (float) Math.sqrt(width / (width + FeatureMatrix.dot(whitened, whitened)));
                for (int i = 0; i < width; i++) {
                    whitened[i] *= kept;
                }
            }
            weights.get("head.weight").slice(c, 1).copyFrom(whitened);
            weights.get("head.bias").set(c, (float) (-FeatureMatrix.dot(whitened, whitened) / 2));
        }
    }

    private void fill(String name, float value) {
        Tensor tensor = Tensor.zeros(weights.get(name).shape());
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, value);
        }
        weights.put(name, tensor);
    }

    /**
     * Replaces weights W by W·M and the bias b by b + sign·(W′·shift), W′ being the weights that stand behind the whitening: W for
     * sign +1, where a whitening is taken away, W·M for sign −1, where one is put in.
     */
    private void reexpress(Tensor matrix, Tensor shift, int sign) {
        Tensor old = weights.get("head.weight");
        Tensor changed = Tensor.zeros(old.shape());
        Tensor bias = weights.get("head.bias").copy();
        for (int c = 0; c < classes; c++) {
            for (int j = 0; j < width; j++) {
                double sum = 0;
                for (int i = 0; i < width; i++) {
                    sum += (double) old.get(c * width + i) * matrix.get(i * width + j);
                }
                changed.set(c * width + j, (float) sum);
            }
            Tensor behind = sign > 0 ? old : changed;
            double offset = 0;
            for (int j = 0; j < width; j++) {
                offset += (double) behind.get(c * width + j) * shift.get(j);
            }
            bias.set(c, (float) (bias.get(c) + sign * offset));
        }
        weights.put("head.weight", changed);
        weights.put("head.bias", bias);
    }

    /** Weights and whitening by name, to be stored. */
    Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        if (whitening != null) {
            state.put("input.weight", whitening.weight());
            state.put("input.bias", whitening.bias());
        }
        state.putAll(weights);
        return state;
    }

    /** A classifier that answers alike and can be changed apart from this one. */
    FeatureClassifier copy() {
        return new FeatureClassifier(this);
    }

    /** Number of trainable numbers. */
    long size() {
        return weights.values().stream().mapToLong(tensor -> tensor.shape().size()).sum();
    }

    /** Adds the logits [rows, classes] to a graph. */
    Node logits(Parameters p, Node features) {
        Graph g = p.graph();
        Node x = whitening == null ? features
                : g.linear(features, g.constant(whitening.weight()), g.constant(whitening.bias()));
        if (residual) {
            Node hidden = g.activate(Transformer.linear(p.in("fc1"), x, width, 2 * width), Op.Activation.GELU);
            x = g.add(x, Transformer.linear(p.in("fc2"), hidden, 2 * width, width));
            x = Transformer.layerNorm(p.in("norm"), x, width, EPSILON);
        }
        return Transformer.linear(p.in("head"), x, width, classes);
    }

    /**
     * Scores of every class for each row, [rows][classes].
     *
     * @throws DivergenceException if one is not finite
     */
    double[][] scores(float[][] features) {
        Graph g = new Graph();
        int rows = Math.min(SCORE_BATCH, Math.max(1, features.length));
        Node x = g.input("features", Shape.of(rows, width));
        Node result = logits(Parameters.frozen(g, weights), x);
        double[][] scores = new double[features.length][classes];
        try (Executable executable = device.compile(g, List.of(result))) {
            float[] batch = new float[rows * width];
            for (int from = 0; from < features.length; from += rows) {
                int count = Math.min(rows, features.length - from);
                for (int i = 0; i < count; i++) {
                    System.arraycopy(features[from + i], 0, batch, i * width, width);
                }
                executable.write(x, batch);
                executable.run();
                float[] values = executable.read(result).slice(0, count).toArray();
                DivergenceException.requireFinite("a classifier's scores", values, "lower its learning rate");
                for (int i = 0; i < count * classes; i++) {
                    scores[from + i / classes][i % classes] = values[i];
                }
            }
        }
        return scores;
    }

    /**
     * Opens a training with a fresh optimizer; {@link Training#close} puts the trained weights back.
     *
     * @param batch      rows per step
     * @param firstClass first class whose logit takes part
     * @param endClass   one past the last class whose logit takes part
     * @param stage      what the training is called, and what to lower if it diverges
     */
    Training train(Optimizer.Rule rule, int batch, int firstClass, int endClass, Stage stage) {
        return new Training(rule, batch, firstClass, endClass, stage);
    }

    /** A mask [classes] to be added to logits: 0 for classes that take part, −∞ for the others. */
    static float[] mask(int classes, int firstClass, int endClass) {
        float[] mask = new float[classes];
        for (int c = 0; c < classes; c++) {
            mask[c] = c >= firstClass && c < endClass ? 0 : Float.NEGATIVE_INFINITY;
        }
        return mask;
    }

    private static Tensor truncatedNormal(RandomGenerator random, int rows, int columns) {
        Tensor tensor = Tensor.zeros(Shape.of(rows, columns));
        for (int i = 0; i < tensor.shape().size(); i++) {
            double value;
            do {
                value = random.nextGaussian();
            } while (Math.abs(value) > 2);
            tensor.set(i, (float) (0.02 * value));
        }
        return tensor;
    }

    /** Masked cross-entropy on batches of features; loss and gradients of every step and the weights at the end are checked. */
    final class Training implements AutoCloseable {

        private final Node features;
        private final Node labels;
        private final Node loss;
        private final Optimizer optimizer;
        private final Map<String, Node> variables;
        private final Executable executable;
        private final float[] rows;
        private final Stage stage;
        private int steps;

        private Training(Optimizer.Rule rule, int batch, int firstClass, int endClass, Stage stage) {
            this.stage = stage;
            Graph g = new Graph();
            features = g.input("features", Shape.of(batch, width));
            labels = g.input("labels", Shape.of(batch));
            Node mask = g.constant(Tensor.of(Shape.of(classes), mask(classes, firstClass, endClass)));
            Parameters parameters = Parameters.trainable(g, weights);
            loss = g.crossEntropy(g.add(logits(parameters, features), mask), labels);
            variables = parameters.nodes();
            optimizer = Optimizer.of(g, loss, rule, List.of(List.copyOf(variables.values())));
            executable = device.compile(g, optimizer.results(loss));
            rows = new float[batch * width];
        }

        /**
         * One step.
         *
         * @param batch  as many rows of features as the training has rows
         * @param target their classes
         * @param clip   largest gradient length, infinite for none
         * @return the loss before the step
         * @throws dev.itprompt.DivergenceException if loss or gradients are not finite
         */
        double step(float[][] batch, float[] target, double rate, double clip) {
            for (int i = 0; i < batch.length; i++) {
                System.arraycopy(batch[i], 0, rows, i * width, width);
            }
            executable.write(features, rows);
            executable.write(labels, target);
            executable.write(optimizer.groups().get(0).rates(), (float) rate, 0, (float) clip);
            steps++;
            if (optimizer.step() != null) {
                executable.write(optimizer.step(), steps);
            }
            executable.run();
            float before = executable.read(loss).get(0);
            stage.check(steps, before, executable.read(optimizer.norm()).get(0));
            return before;
        }

        /**
         * One pass over rows in random order; the last incomplete batch is left out.
         *
         * @param count how many rows there are, at least one batch
         * @param rows  gives the features of some of them
         * @param label gives the class of one
         * @return the mean loss
         */
        double epoch(int count, Function<int[], float[][]> rows, IntUnaryOperator label, RandomGenerator random, double rate,
                     double clip) {
            int batch = labels.shape().size();
            int batches = count / batch;
            int[] order = new int[count];
            Replay.shuffle(order, random);
            double loss = 0;
            for (int b = 0; b < batches; b++) {
                int[] chosen = Arrays.copyOfRange(order, b * batch, (b + 1) * batch);
                float[] target = new float[batch];
                for (int i = 0; i < batch; i++) {
                    target[i] = label.applyAsInt(chosen[i]);
                }
                loss += step(rows.apply(chosen), target, rate, clip);
            }
            return loss / batches;
        }

        /** Puts the present weights into the classifier. */
        void store() {
            variables.forEach((name, node) -> weights.put(name, executable.read(node)));
        }

        /** @throws dev.itprompt.DivergenceException if a weight is not finite */
        @Override
        public void close() {
            store();
            executable.close();
            stage.check(steps, weights.values());
        }
    }
}
