package dev.itprompt.train;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A training step whose batch is cut into parts: their gradients one after the other, then one update with the mean. An input that is
 * written with the values of a whole batch is cut along its first axis; any other is the same for all parts. What comes of it depends on
 * the number of parts, and on nothing else.
 */
final class Parts implements Executable {

    private final TrainingStep step;
    private final Executable gradient;
    private final Optimizer.Apart apart;
    private final Executable update;
    /** Values of the whole batch by input. */
    private final Map<Node, float[]> batch = new HashMap<>();
    /** What is read of the parts, and its mean over them in the last run. */
    private final List<Node> read;
    private final Map<Node, PartSum> means = new HashMap<>();

    Parts(Device device, TrainingStep step) {
        this.step = step;
        this.read = step.gradientResults().stream().distinct().toList();
        this.gradient = device.compile(step.graph(), read);
        this.apart = step.optimizer().apart();
        this.update = device.compile(apart.graph(), apart.results());
        read.forEach(node -> means.put(node, new PartSum(node.shape().size())));
    }

    /** Bytes that are needed beside the gradients of a part: the update, and sums over the parts. */
    static long bytes(Device device, TrainingStep step) {
        Optimizer.Apart apart = step.optimizer().apart();
        return device.plan(apart.graph(), apart.results()).totalBytes()
                + step.gradientResults().stream().distinct().mapToLong(node -> PartSum.BYTES * node.shape().size()).sum();
    }

    @Override
    public void run() {
        means.values().forEach(PartSum::clear);
        for (int part = 0; part < step.parts(); part++) {
            int number = part;
            batch.forEach((input, values) -> {
                int size = input.shape().size();
                gradient.write(input, Arrays.copyOfRange(values, number * size, (number + 1) * size));
            });
            gradient.run();
            read.forEach(node -> means.get(node).add(gradient.read(node).toArray()));
        }
        for (Node node : step.optimizer().gradients()) {
            update.write(apart.nodes().get(node), means.get(node).mean());
        }
        update.run();
        step.optimizer().groups().forEach(group -> group.parameters().forEach(parameter ->
                gradient.writeExact(parameter, update.readExact(apart.nodes().get(parameter)))));
    }

    /** Whether a node is a trained parameter, of which both graphs have a copy. */
    private boolean isParameter(Node node) {
        return node.op() instanceof Op.Variable && step.optimizer().groups().stream().anyMatch(group -> group.parameters().contains(node));
    }

    /** Whether a node is one of the update alone. */
    private boolean isOfUpdate(Node node) {
        return apart.nodes().containsKey(node) && !means.containsKey(node);
    }

    @Override
    public void write(Node node, Tensor value) {
        write(node, value.toArray());
    }

    @Override
    public void write(Node node, float... values) {
        if (isOfUpdate(node)) {
            update.write(apart.nodes().get(node), values);
        }
        if (!isOfUpdate(node) || isParameter(node)) {
            writePart(node, values);
        }
    }

    private void writePart(Node node, float[] values) {
        if (node.op() instanceof Op.Input && values.length == step.parts() * node.shape().size()) {
            batch.put(node, values);
        } else {
            batch.remove(node);
            gradient.write(node, values);
        }
    }

    @Override
    public Tensor read(Node node) {
        return isOfUpdate(node) ? update.read(apart.nodes().get(node))
                : means.containsKey(node) ? Tensor.of(node.shape(), means.get(node).mean()) : gradient.read(node);
    }

    @Override
    public boolean isDouble() {
        return update.isDouble();
    }

    @Override
    public double[] readExact(Node node) {
        return update.readExact(apart.nodes().get(node));
    }

    @Override
    public void writeExact(Node node, double[] values) {
        update.writeExact(apart.nodes().get(node), values);
        if (isParameter(node)) {
            gradient.writeExact(node, values);
        }
    }

    @Override
    public BufferPlan plan() {
        return gradient.plan();
    }

    @Override
    public void close() {
        gradient.close();
        update.close();
    }
}
