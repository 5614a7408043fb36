package dev.itprompt.device.tornado;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.Random;

/**
 * A small calculation that tells a device that works from one that silently does not: a product of matrices and a softmax, that
 * is uploads, loops, work-groups that are not full, local memory, barriers and downloads.
 */
final class Canary {

    private static final int ROWS = 21;
    private static final int WIDTH = 72;

    private Canary() {}

    /**
     * Returns the device if it calculates as the reference does, and closes it otherwise.
     *
     * @throws TornadoException if it does not
     */
    static TornadoDevice checked(TornadoDevice device) {
        try {
            Graph graph = new Graph();
            Node x = graph.input("x", Shape.of(ROWS, WIDTH));
            Node y = graph.softmax(graph.matMulTransposed(x, graph.constant(normal(Shape.of(WIDTH, WIDTH)))));
            Tensor values = normal(x.shape());
            Tensor actual = run(device, graph, x, y, values);
            Tensor expected = run(new ReferenceDevice(), graph, x, y, values);
            for (int i = 0; i < expected.shape().size(); i++) {
                if (!(Math.abs(actual.get(i) - expected.get(i)) <= device.productTolerance() / 10)) {
                    throw new TornadoException(device.label() + ": calculates wrongly: element " + i + " of a softmax is "
                            + actual.get(i) + ", expected " + expected.get(i), null);
                }
            }
            return device;
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    private static Tensor normal(Shape shape) {
        Random random = new Random(shape.size());
        Tensor tensor = Tensor.zeros(shape);
        for (int i = 0; i < shape.size(); i++) {
            tensor.set(i, (float) random.nextGaussian() / 4);
        }
        return tensor;
    }

    private static Tensor run(Device device, Graph graph, Node x, Node y, Tensor values) {
        try (Executable executable = device.compile(graph, List.of(y))) {
            executable.write(x, Tensor.zeros(x.shape()));
            executable.run();
            executable.write(x, values);
            executable.run(); // the second one may be a recording of the first
            return executable.read(y);
        }
    }
}
