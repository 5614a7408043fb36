package dev.itprompt.trace;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import java.util.List;

/** A compiled graph whose values are read and written in as much precision as its device has. */
final class Machine implements AutoCloseable {

    private final Executable executable;

    Machine(Device device, Graph graph, List<Node> results) {
        executable = device.compile(graph, results);
    }

    void write(Node node, double... values) {
        if (executable instanceof ReferenceDevice.Run exact) {
            exact.writeExact(node, values);
        } else {
            executable.write(node, floats(values));
        }
    }

    static float[] floats(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    void run() {
        executable.run();
    }

    double[] read(Node node) {
        if (executable instanceof ReferenceDevice.Run exact) {
            return exact.readExact(node);
        }
        float[] floats = executable.read(node).toArray();
        double[] values = new double[floats.length];
        for (int i = 0; i < floats.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }

    @Override
    public void close() {
        executable.close();
    }
}
