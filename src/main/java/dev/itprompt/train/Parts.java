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
import java.util.function.IntFunction;

/**
 * A training step whose batch is cut into parts: their gradients, added in the order of the parts, then one update with the mean. An input that is
 * written with the values of a whole batch is cut along its first axis; any other is the same for all parts. What comes of it depends on
 * the number of parts, and on nothing else.
 */
final class Parts implements Executable {

    private final TrainingStep step;
    private final PartGradients gradients;
    private final Optimizer.Apart apart;
    private final Executable update;
    /** Values of the whole batch by input. */
    private final Map<Node, float[]> batch = new HashMap<>();
    /** Images of each part by input, where they are loaded with the parts. */
    private final Map<Node, IntFunction<PartImages>> images = new HashMap<>();
    /** What is read of the parts, and its mean over them in the last run. */
    private final List<Node> read;
    private final Map<Node, PartSum> means = new HashMap<>();

    /**
     * @param device    that updates are computed on
     * @param gradients what computes the parts
     */
    Parts(Device device, TrainingStep step, PartGradients gradients) {
        this.step = step;
        this.read = step.gradientResults();
        this.gradients = gradients;
        this.apart = step.optimizer().apart();
        this.update = device.compile(apart.graph(), apart.results());
        read.forEach(node -> means.put(node, new PartSum(node.shape().size())));
    }

    /** Bytes that are needed beside the gradients of a part: the update, and sums over the parts. */
    static long bytes(Device device, TrainingStep step) {
        Optimizer.Apart apart = step.optimizer().apart();
        return device.plan(apart.graph(), apart.results()).totalBytes()
                + step.gradientResults().stream().mapToLong(node -> PartSum.BYTES * node.shape().size()).sum();
    }

    @Override
    public void run() {
        means.values().forEach(PartSum::clear);
        gradients.run(step.parts(), this::part, values -> {
            for (int i = 0; i < values.size(); i++) {
                means.get(read.get(i)).add(values.get(i));
            }
        });
        for (Node node : step.optimizer().gradients()) {
            update.write(apart.nodes().get(node), means.get(node).mean());
        }
        update.run();
        step.optimizer().groups().forEach(group -> group.parameters().forEach(this::handOn));
    }

    private PartGradients.Part part(int number) {
        Map<Node, float[]> inputs = new HashMap<>();
        batch.forEach((input, values) -> {
            int size = input.shape().size();
            inputs.put(input, Arrays.copyOfRange(values, number * size, (number + 1) * size));
        });
        Map<Node, PartImages> own = new HashMap<>();
        images.forEach((input, byPart) -> own.put(input, byPart.apply(number)));
        return new PartGradients.Part(inputs, own);
    }

    /** Gives a parameter's new value to what computes gradients. */
    private void handOn(Node parameter) {
        Node updated = apart.nodes().get(parameter);
        if (update.isDouble()) {
            gradients.writeExact(parameter, update.readExact(updated));
        } else {
            gradients.write(parameter, update.read(updated).toArray());
        }
    }

    /** Whether images need not be written as pixels, but as {@link #writeImages}. */
    boolean loadsImages() {
        return gradients.loadsImages();
    }

    /** Sets an input to images, by part. */
    void writeImages(Node input, IntFunction<PartImages> byPart) {
        images.put(input, byPart);
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
            gradients.write(node, values);
        }
    }

    @Override
    public Tensor read(Node node) {
        return isOfUpdate(node) ? update.read(apart.nodes().get(node))
                : means.containsKey(node) ? Tensor.of(node.shape(), means.get(node).mean()) : gradients.read(node);
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
            gradients.writeExact(node, values);
        }
    }

    @Override
    public BufferPlan plan() {
        return gradients.plan();
    }

    @Override
    public void close() {
        gradients.close();
        update.close();
    }
}
