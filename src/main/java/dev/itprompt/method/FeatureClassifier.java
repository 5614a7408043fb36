package dev.itprompt.method;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.data.ImageView;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.ImageBatches;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import dev.itprompt.train.State;
import dev.itprompt.train.Stateful;
import dev.itprompt.train.Trainer;
import dev.itprompt.train.TrainingStep;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;

/**
 * A classifier over features of width E: a linear layer, alone or behind a network of the same width, such as HiDe-Prompt's for
 * task-identity inference; either may stand behind a fixed {@link Whitening}.
 */
public final class FeatureClassifier implements Stateful {

    /** What stands before the linear layer. */
    public interface Network {

        /** Nothing. */
        Network NONE = new Network() {
            @Override
            public Map<String, Tensor> initial(RandomGenerator random) {
                return Map.of();
            }

            @Override
            public Node apply(Parameters parameters, Node x) {
                return x;
            }
        };

        /** Weights to begin with by name, in a fixed order, none of them {@code head}'s. */
        Map<String, Tensor> initial(RandomGenerator random);

        /** Weights with which it gives what a layer norm makes of its input: those that are to be changed for that. */
        default Map<String, Tensor> silent() {
            return Map.of();
        }

        /** Adds it to a graph: [rows, E] to [rows, E]. */
        Node apply(Parameters parameters, Node x);
    }

    /** How the linear layer begins. */
    public enum Start {
        /** Weights from a normal of 0.02 cut at two deviations, biases 0 (HiDe-Prompt and the first ports of L2P and DualPrompt). */
        NORMAL,
        /** Weights and biases between ±1/√E, torch's default (CODA-Prompt and VQ-Prompt). */
        UNIFORM
    }

    private static final int SCORE_BATCH = 256;

    private final Device device;
    private final int width;
    private final int classes;
    private final Network network;
    private final Map<String, Tensor> weights = new LinkedHashMap<>();
    private Whitening whitening;

    /** A linear classifier that has learned nothing. */
    public FeatureClassifier(Device device, int width, int classes, RandomGenerator random) {
        this(device, width, classes, Network.NONE, Start.NORMAL, random);
    }

    /**
     * A classifier that has learned nothing.
     *
     * @param network before the linear layer
     * @param start   of the linear layer
     */
    public FeatureClassifier(Device device, int width, int classes, Network network, Start start, RandomGenerator random) {
        this.device = device;
        this.width = width;
        this.classes = classes;
        this.network = network;
        weights.putAll(network.initial(random));
        switch (start) {
            case NORMAL -> {
                weights.put("head.weight", normal(random, classes, width));
                weights.put("head.bias", Tensor.zeros(Shape.of(classes)));
            }
            case UNIFORM -> {
                weights.put("head.weight", uniform(random, Shape.of(classes, width)));
                weights.put("head.bias", uniform(random, Shape.of(classes)));
            }
        }
    }

    private Tensor uniform(RandomGenerator random, Shape shape) {
        double bound = 1 / Math.sqrt(width);
        Tensor tensor = Tensor.zeros(shape);
        for (int i = 0; i < shape.size(); i++) {
            tensor.set(i, (float) random.nextDouble(-bound, bound));
        }
        return tensor;
    }

    private boolean isLinear() {
        return network == Network.NONE;
    }

    private FeatureClassifier(FeatureClassifier other) {
        this.device = other.device;
        this.width = other.width;
        this.classes = other.classes;
        this.network = other.network;
        this.whitening = other.whitening;
        other.weights.forEach((name, tensor) -> weights.put(name, tensor.copy()));
    }

    /** The present weights by name; not copied. */
    public Map<String, Tensor> weights() {
        return weights;
    }

    /** Replaces one weight by a copy of the given value. */
    public void set(String name, Tensor value) {
        weights.put(name, value.copy());
    }

    /**
     * Puts a whitening before the classifier, in place of an earlier one. A linear classifier is re-expressed so that its answers stay
     * the same; a residual one has to be trained again.
     */
    public void whiten(Whitening next) {
        if (isLinear()) {
            if (whitening != null) {
                reexpress(whitening.weight(), whitening.bias(), 1);
            }
            reexpress(next.inverse(), next.bias(), -1);
        }
        whitening = next;
    }

    /**
     * Makes it that of linear discriminant analysis behind a whitening: logits are those of Gaussians with common covariance,
     * {@code w·x − |w|²/2}, w being a class's whitened mean. A {@link Network} starts there too: it is silent yet, and w is
     * what the layer norm leaves of the mean, {@code w·√(E/(E+|w|²))}, as noise of unit covariance adds E to the squared length.
     *
     * @param means of the first classes; the others keep their weights
     */
    public void setClosedForm(Whitening common, List<double[]> means) {
        whitening = common;
        weights.putAll(network.silent());
        for (int c = 0; c < means.size(); c++) {
            float[] mean = new float[width];
            for (int i = 0; i < width; i++) {
                mean[i] = (float) means.get(c)[i];
            }
            float[] whitened = common.apply(mean);
            if (!isLinear()) {
                float kept = (float) Math.sqrt(width / (width + FeatureMatrix.dot(whitened, whitened)));
                for (int i = 0; i < width; i++) {
                    whitened[i] *= kept;
                }
            }
            weights.get("head.weight").slice(c, 1).copyFrom(whitened);
            weights.get("head.bias").set(c, (float) (-FeatureMatrix.dot(whitened, whitened) / 2));
        }
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

    @Override
    public void visit(State state) {
        whitening = Whitening.visit(state.in("input"), whitening);
        weights.replaceAll((name, weight) -> name.startsWith("head.") ? state.rows(name, weight) : state.tensor(name, weight));
    }

    /** A classifier that answers alike and can be changed apart from this one. */
    public FeatureClassifier copy() {
        return new FeatureClassifier(this);
    }

    /** Number of trainable numbers. */
    public long size() {
        return weights.values().stream().mapToLong(tensor -> tensor.shape().size()).sum();
    }

    /** Adds the logits [rows, classes] to a graph. */
    public Node logits(Parameters p, Node features) {
        Graph g = p.graph();
        Node x = whitening == null ? features
                : g.linear(features, g.constant(whitening.weight()), g.constant(whitening.bias()));
        return Transformer.linear(p.in("head"), network.apply(p, x), width, classes);
    }

    /** Scores of the first {@code seen} classes for each row, [rows][seen]. */
    public double[][] scores(float[][] features, int seen) {
        return Arrays.stream(scores(features)).map(row -> Arrays.copyOf(row, seen)).toArray(double[][]::new);
    }

    /**
     * Scores of every class for each row, [rows][classes].
     *
     * @throws DivergenceException if one is not finite
     */
    public double[][] scores(float[][] features) {
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

    /** Rows of features and their classes, by step. */
    @FunctionalInterface
    public interface Rows {

        /**
         * Writes a batch; depends on the step alone.
         *
         * @param step     from 0
         * @param features [batch][E], one row after the other
         * @param labels   [batch]
         */
        void write(long step, float[] features, float[] labels);

        /** Rows that are at hand, in a given order. */
        static Rows of(float[][] all, IntUnaryOperator label, LongFunction<int[]> order) {
            return (step, features, labels) -> {
                int[] chosen = order.apply(step);
                for (int i = 0; i < chosen.length; i++) {
                    float[] row = all[chosen[i]];
                    System.arraycopy(row, 0, features, i * row.length, row.length);
                    labels[i] = label.applyAsInt(chosen[i]);
                }
            };
        }

        /**
         * Prompt-free features of augmented images: of as many versions as each image has, a version a pass in turn, or augmented anew for
         * every step.
         *
         * @param store  keeps features of versions
         * @param chance of what is augmented anew
         * @param stage  names the training where a number is not finite
         */
        static Rows augmented(Backbone backbone, FeatureStore store, TaskImages images, Orders order, ImageBatches.Chance chance, Stage stage) {
            return images.views() > 0 ? views(store, images, order, stage) : anew(backbone, images, order, chance, stage);
        }

        private static Rows views(FeatureStore store, TaskImages images, Orders order, Stage stage) {
            float[][][] views = new float[images.views()][][];
            return (step, features, labels) -> {
                int view = (int) (order.pass(step) % views.length);
                if (views[view] == null) {
                    views[view] = store.plain(new ImageView(images, view), stage.name(), Progress.NONE);
                }
                of(views[view], images::label, order).write(step, features, labels);
            };
        }

        private static Rows anew(Backbone backbone, TaskImages images, Orders order, ImageBatches.Chance chance, Stage stage) {
            return (step, features, labels) -> {
                int[] chosen = order.apply(step);
                try {
                    float[] values = backbone.images(images, chosen, null, position -> chance.at(step, position)).toArray();
                    System.arraycopy(values, 0, features, 0, values.length);
                } catch (DivergenceException e) {
                    throw e.in(stage.name());
                }
                for (int i = 0; i < chosen.length; i++) {
                    labels[i] = images.label(chosen[i]);
                }
            };
        }
    }

    /**
     * What a classifier is trained on: masked cross-entropy with a fresh optimizer.
     *
     * @param rule       how weights move
     * @param batch      rows per step
     * @param firstClass first class whose logit takes part
     * @param endClass   one past the last class whose logit takes part
     * @param steps      how many there are
     * @param rows       of each step
     * @param rates      by step
     */
    public record Lesson(Optimizer.Rule rule, int batch, int firstClass, int endClass, long steps, Rows rows,
                         LongFunction<Trainer.Rates> rates) {}

    /**
     * Trains; the weights are changed at the end.
     *
     * @param stage what the training is called, and what to lower if it diverges
     * @throws dev.itprompt.DivergenceException if loss, gradients or weights are not finite
     */
    public void train(Lesson lesson, Stage stage, Checkpoints at, Progress progress) {
        train(lesson, stage, Trainer.Watch.NOBODY, at, progress);
    }

    /** As {@link #train(Lesson, Stage, Checkpoints, Progress)}, watched: {@link #take} makes the weights of a step the classifier's. */
    public void train(Lesson lesson, Stage stage, Trainer.Watch watch, Checkpoints at, Progress progress) {
        Graph g = new Graph();
        Node features = g.input("features", Shape.of(lesson.batch(), width));
        Node labels = g.input("labels", Shape.of(lesson.batch()));
        Node mask = g.constant(Tensor.of(Shape.of(classes), mask(classes, lesson.firstClass(), lesson.endClass())));
        Parameters parameters = Parameters.trainable(g, weights);
        Node loss = g.crossEntropy(g.add(logits(parameters, features), mask), labels);
        Map<String, Node> variables = parameters.nodes();
        Optimizer optimizer = Optimizer.of(g, loss, lesson.rule(), List.of(List.copyOf(variables.values())));
        float[] rows = new float[lesson.batch() * width];
        float[] targets = new float[lesson.batch()];
        try (Trainer trainer = new Trainer(device, new TrainingStep(g, loss, Map.of(), variables, optimizer), stage)) {
            weights.putAll(trainer.run(new Trainer.Course(lesson.steps(), (executable, step) -> {
                lesson.rows().write(step, rows, targets);
                executable.write(features, rows);
                executable.write(labels, targets);
            }, (step, _) -> lesson.rates().apply(step), watch), at, progress));
        }
    }

    /** Takes over the weights of a training of this classifier. */
    public void take(Trainer trainer) {
        weights.putAll(trainer.trained());
    }

    /** A mask [classes] to be added to logits: 0 for classes that take part, −∞ for the others. */
    public static float[] mask(int classes, int firstClass, int endClass) {
        float[] mask = new float[classes];
        for (int c = 0; c < classes; c++) {
            mask[c] = c >= firstClass && c < endClass ? 0 : Float.NEGATIVE_INFINITY;
        }
        return mask;
    }

    /** Weights [rows, columns] from a normal distribution of deviation 0.02, cut at two deviations. */
    public static Tensor normal(RandomGenerator random, int rows, int columns) {
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
}
