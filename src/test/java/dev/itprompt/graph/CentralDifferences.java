package dev.itprompt.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.verify.Scene;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Checks gradients in double precision: (loss(x+h) − loss(x−h))/2h with h = 1e-5, good for about ten digits. */
public final class CentralDifferences {

    private static final double STEP = 1e-5;
    private static final double TOLERANCE = 1e-6;
    private static final int SAMPLES = 24;

    private CentralDifferences() {}

    public static List<Node> variables(Graph graph) {
        return graph.nodes().stream().filter(node -> node.op() instanceof Op.Variable).toList();
    }

    /** Compares all elements of each parameter, or a random choice where there are many. */
    public static void check(Scene scene, Node loss, List<Node> parameters, String where) {
        List<Node> gradients = Gradients.of(scene.graph(), loss, parameters);
        List<Node> results = new ArrayList<>(gradients);
        results.add(loss);
        ReferenceDevice device = new ReferenceDevice();
        var backward = device.compile(scene.graph(), results);
        var forward = device.compile(scene.graph(), List.of(loss));
        scene.feed(backward);
        scene.feed(forward);
        backward.run();
        for (int p = 0; p < parameters.size(); p++) {
            Node parameter = parameters.get(p);
            assertEquals(parameter.shape(), gradients.get(p).shape(), where + ": shape of the gradient of " + parameter);
            double[] gradient = backward.readExact(gradients.get(p));
            double largest = Math.max(1e-4, Arrays.stream(gradient).map(Math::abs).max().orElseThrow());
            for (int i : choice(scene, gradient.length)) {
                double expected = difference(forward, loss, parameter, i);
                double error = Math.abs(expected - gradient[i]) / largest;
                assertTrue(error <= TOLERANCE, where + ": element " + i + " of the gradient of " + parameter + " is "
                        + gradient[i] + ", central difference " + expected + ", relative error " + error);
            }
        }
    }

    private static int[] choice(Scene scene, int size) {
        return scene.random().ints(0, size).distinct().limit(Math.min(size, SAMPLES)).toArray();
    }

    private static double difference(ReferenceDevice.Run forward, Node loss, Node parameter, int i) {
        double[] values = forward.readExact(parameter);
        double middle = values[i];
        values[i] = middle + STEP;
        double above = lossAt(forward, loss, parameter, values);
        values[i] = middle - STEP;
        double below = lossAt(forward, loss, parameter, values);
        values[i] = middle;
        forward.writeExact(parameter, values);
        return (above - below) / (2 * STEP);
    }

    private static double lossAt(ReferenceDevice.Run forward, Node loss, Node parameter, double[] values) {
        forward.writeExact(parameter, values);
        forward.run();
        return forward.readExact(loss)[0];
    }
}
