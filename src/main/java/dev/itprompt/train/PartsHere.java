package dev.itprompt.train;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Parts of a batch on a device of this process, one after the other. */
final class PartsHere implements PartGradients {

    private final Executable executable;
    private final List<Node> read;

    PartsHere(Device device, TrainingStep step) {
        read = step.gradientResults();
        executable = device.compile(step.graph(), read);
    }

    @Override
    public void write(Node node, float... values) {
        executable.write(node, values);
    }

    @Override
    public void writeExact(Node node, double[] values) {
        executable.writeExact(node, values);
    }

    @Override
    public void run(int parts, IntFunction<Part> part, Consumer<List<float[]>> taker) {
        for (int number = 0; number < parts; number++) {
            part.apply(number).inputs().forEach(executable::write);
            executable.run();
            taker.accept(read.stream().map(node -> executable.read(node).toArray()).toList());
        }
    }

    @Override
    public boolean loadsImages() {
        return false;
    }

    @Override
    public Tensor read(Node node) {
        return executable.read(node);
    }

    @Override
    public BufferPlan plan() {
        return executable.plan();
    }

    @Override
    public void close() {
        executable.close();
    }
}
