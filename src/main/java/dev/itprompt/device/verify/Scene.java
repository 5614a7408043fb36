package dev.itprompt.device.verify;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A graph under test with random values for its sources, so that the same computation can be run on several devices. */
public final class Scene {

    private final Graph graph = new Graph();
    private final Random random;
    private final Map<Node, float[]> feeds = new LinkedHashMap<>();
    private final List<Node> results = new ArrayList<>();

    public Scene(long seed) {
        this.random = new Random(seed);
    }

    public Graph graph() {
        return graph;
    }

    public Random random() {
        return random;
    }

    /** What to write before each run. */
    public Map<Node, float[]> feeds() {
        return feeds;
    }

    /** What to compare. */
    public List<Node> results() {
        return results;
    }

    /** Marks a node as a result. */
    public Node result(Node node) {
        results.add(node);
        return node;
    }

    /** An input with given values. */
    public Node input(Shape shape, float... values) {
        Node node = graph.input("x" + graph.nodes().size(), shape);
        feeds.put(node, values);
        return node;
    }

    /** An input of normally distributed values. */
    public Node normal(int... dims) {
        Shape shape = Shape.of(dims);
        return input(shape, values(shape));
    }

    /** An input of normally distributed values, stretched and shifted. */
    public Node spread(double deviation, double mean, int... dims) {
        Shape shape = Shape.of(dims);
        float[] values = values(shape);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (values[i] * deviation + mean);
        }
        return input(shape, values);
    }

    /** An input of positive values, from about a hundredth to about a hundred. */
    public Node positive(int... dims) {
        Node node = spread(1.5, 0, dims);
        float[] values = feeds.get(node);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.exp(values[i]);
        }
        return node;
    }

    public Node scalar(float value) {
        return input(Shape.SCALAR, value);
    }

    /** A constant of normally distributed values. */
    public Node constant(int... dims) {
        return graph.constant(tensor(dims));
    }

    /** A variable of normally distributed values. */
    public Node variable(int... dims) {
        return graph.variable("w" + graph.nodes().size(), tensor(dims));
    }

    /** An input of whole numbers from 0 to below {@code bound}. */
    public Node ids(int bound, int... dims) {
        Shape shape = Shape.of(dims);
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(bound);
        }
        return input(shape, values);
    }

    /** An input [rows, classes] of positive rows that sum to 1. */
    public Node distribution(int rows, int classes) {
        float[] values = new float[rows * classes];
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += values[row * classes + c] = random.nextFloat() + 0.01f;
            }
            for (int c = 0; c < classes; c++) {
                values[row * classes + c] /= (float) sum;
            }
        }
        return input(Shape.of(rows, classes), values);
    }

    /** A tensor of normally distributed values. */
    public Tensor tensor(int... dims) {
        Shape shape = Shape.of(dims);
        return Tensor.of(shape, values(shape));
    }

    private float[] values(Shape shape) {
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Compiles for a device and writes the inputs. */
    public Executable compile(Device device) {
        Executable executable = device.compile(graph, results);
        feed(executable);
        return executable;
    }

    /** Writes those inputs that the results depend on. */
    public void feed(Executable executable) {
        feeds.forEach((node, values) -> {
            if (executable.plan().schedule().contains(node)) {
                executable.write(node, values);
            }
        });
    }
}
