package dev.itprompt.model;

import static dev.itprompt.tensor.TensorAssert.assertClose;

import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A small tower with inputs, outputs and gradients computed by PyTorch in float64; written by
 * {@code src/test/python/clip_goldens.py}. Inputs and prefixes are variables of the graph, so that every device can take them.
 */
final class Golden {

    /** For devices that compute in double precision: the rounding of the file. */
    static final double DOUBLE = 1e-7;

    /** For devices that compute in single precision: its rounding through a few blocks. */
    static final double SINGLE = 1e-5;

    private static final String OWN = "golden.";
    private static final String GRADIENT = OWN + "gradient.";

    private final Map<String, Tensor> tensors = new TreeMap<>();

    /** Reads a file and renames its weights to those of OpenAI's CLIP. */
    Golden(String file, UnaryOperator<String> rename) {
        try {
            Checkpoint source = Checkpoint.open(Path.of(Golden.class.getResource(file).toURI()));
            source.tensors().forEach((name, tensor) -> {
                String prefix = name.startsWith(GRADIENT) ? GRADIENT : "";
                tensors.put(prefix + rename.apply(name.substring(prefix.length())), tensor.load());
            });
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Gives a tensor the shape that OpenAI's CLIP stores it in; timm keeps leading extents of 1. */
    void dropLeadingOnes(String name) {
        for (String key : List.of(name, GRADIENT + name)) {
            int[] dims = tensors.get(key).shape().dims();
            int first = 0;
            while (dims[first] == 1) {
                first++;
            }
            tensors.put(key, tensors.get(key).reshape(Shape.of(Arrays.copyOfRange(dims, first, dims.length))));
        }
    }

    Tensor get(String name) {
        return tensors.get(OWN + name);
    }

    /** A variable that holds an input of the golden run. */
    Node variable(Graph graph, String name) {
        return graph.variable(OWN + name, get(name));
    }

    /** The weights as constants, or as variables when their gradients are wanted. */
    Parameters parameters(Graph graph, boolean trainable) {
        return trainable ? Parameters.trainable(graph, tensors) : Parameters.frozen(graph, tensors);
    }

    /** The prefixes of blocks 0 and 1. */
    Map<Integer, Transformer.Prefix> prefixes(Graph graph) {
        return Map.of(0, prefix(graph, 0), 1, prefix(graph, 1));
    }

    private Transformer.Prefix prefix(Graph graph, int layer) {
        return new Transformer.Prefix(variable(graph, "prefix." + layer + ".keys"),
                variable(graph, "prefix." + layer + ".values"));
    }

    /**
     * Runs the tower and compares its output, the loss and the gradient with respect to every node that has one in the file.
     *
     * @param tolerance largest error, relative to the largest value of a tensor
     * @param trainable by full name: weights and prefixes whose gradients are wanted
     */
    void check(Device device, double tolerance, Graph graph, Node output, Map<String, Node> trainable) {
        Node weighted = graph.multiply(output, graph.constant(get("weights")));
        Node loss = graph.sumTo(weighted, Shape.SCALAR);
        Map<String, Node> wanted = new LinkedHashMap<>(trainable);
        wanted.keySet().removeIf(name -> !tensors.containsKey(GRADIENT + name));
        List<Node> gradients = Gradients.of(graph, loss, List.copyOf(wanted.values()));
        List<Node> results = new ArrayList<>(List.of(output, loss));
        results.addAll(gradients);
        try (Executable executable = device.compile(graph, results)) {
            executable.run();
            String where = device.description() + ": ";
            assertClose(get("output"), executable.read(output), tolerance, where + "output");
            assertClose(get("loss"), executable.read(loss), tolerance, where + "loss");
            int next = 0;
            for (String name : wanted.keySet()) {
                Node gradient = gradients.get(next++);
                assertClose(tensors.get(GRADIENT + name), executable.read(gradient), tolerance,
                        where + "gradient of " + name);
            }
        }
    }

    /** Names of all gradients in the file. */
    List<String> gradientNames() {
        return tensors.keySet().stream().filter(name -> name.startsWith(GRADIENT)).map(name -> name.substring(GRADIENT.length()))
                .toList();
    }
}
