package dev.itprompt.trace;

import dev.itprompt.device.Device;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.method.hide.Contrast;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.prompt.Entered;
import dev.itprompt.prompt.Pass;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.Tower;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One pass of a prompted tower and a linear head, in training with its update, on a device. */
final class TracedStep implements AutoCloseable {

    final Graph graph = new Graph();
    final Node images;
    final Node labels;
    final Node chosen;
    final Node query;
    final Entered entered;
    final Node features;
    final Node logits;
    final Map<String, Node> parts = new LinkedHashMap<>();
    final Map<String, Node> gradients = new LinkedHashMap<>();
    final Map<String, Node> values = new LinkedHashMap<>();
    private final Optimizer optimizer;
    private final Machine machine;

    /**
     * @param values   of prompting and head
     * @param chosen   shape of entries given from outside; null for none
     * @param training what is to be trained; null for a pass at test
     */
    TracedStep(Device device, World world, Prompting prompting, Map<String, Tensor> values, int batch, Shape chosen, int task,
            Training training) {
        images = graph.input("images", Shape.of(batch, 3, 16, 16));
        labels = graph.input("labels", Shape.of(batch));
        this.chosen = chosen == null ? null : graph.input("chosen", chosen);
        Tower tower = world.tower(graph);
        query = tower.features(images);
        Parameters parameters = Parameters.trainable(graph, values);
        Pass pass = new Pass(tower, images, parameters, query, this.chosen, task, training != null);
        entered = prompting.enter(pass);
        features = entered.features(pass);
        logits = graph.linear(features, parameters.get("head.weight", World.CLASSES, World.WIDTH),
                parameters.get("head.bias", World.CLASSES));
        this.values.putAll(parameters.nodes());
        List<Node> results = new ArrayList<>(List.of(query, features, logits));
        results.addAll(entered.shown().values());
        entered.prefixes().values().forEach(prefix -> results.addAll(List.of(prefix.keys(), prefix.values())));
        Node centroids = null;
        if (training == null) {
            optimizer = null;
        } else {
            int first = task * World.CLASSES_OF_TASK;
            Node mask = graph.constant(World.mask(first, first + World.CLASSES_OF_TASK));
            parts.put("ce", graph.crossEntropy(graph.add(logits, mask), labels));
            parts.putAll(entered.terms());
            Node loss = entered.addTo(graph, parts.get("ce"));
            if (training.contrast() != 0) {
                int rows = training.centroids().length / World.WIDTH;
                centroids = rows == 0 ? null : graph.input("centroids", Shape.of(rows, World.WIDTH));
                Node contrast = Contrast.of(graph, centroids, features, Contrast.TEMPERATURE);
                parts.put("contrast", graph.scale(contrast, training.contrast()));
                loss = graph.add(loss, parts.get("contrast"));
            }
            parts.put("total", loss);
            List<String> trained = this.values.keySet().stream().filter(name -> isHead(name) || prompting.isTrained(name)).toList();
            List<Node> derivatives = Gradients.of(graph, loss, trained.stream().map(this.values::get).toList());
            for (int i = 0; i < trained.size(); i++) {
                gradients.put(trained.get(i), derivatives.get(i));
            }
            List<Node> prompts = trained.stream().filter(name -> !isHead(name)).map(this.values::get).toList();
            List<Node> head = trained.stream().filter(TracedStep::isHead).map(this.values::get).toList();
            List<Node> all = new ArrayList<>(prompts);
            all.addAll(head);
            optimizer = Optimizer.of(graph, loss, Optimizer.Rule.AdamW.DEFAULT,
                    training.groups() == 1 ? List.of(all) : List.of(prompts, head));
            results.addAll(gradients.values());
            results.addAll(parts.values());
            results.addAll(optimizer.results(loss));
        }
        machine = new Machine(device, graph, results);
        if (centroids != null) {
            machine.write(centroids, training.centroids());
        }
    }

    /**
     * @param groups    that have a rate of their own
     * @param contrast  weight of the contrastive loss, 0 for none
     * @param centroids of old classes, one after another
     */
    record Training(int groups, double contrast, double[] centroids) {}

    private static boolean isHead(String name) {
        return name.startsWith("head.");
    }

    void write(Map<String, double[]> exact) {
        exact.forEach((name, value) -> machine.write(values.get(name), value));
    }

    /** Everything that an update changes, in an order that two steps of the same kind share. */
    private List<Node> state() {
        List<Node> state = new ArrayList<>(values.values());
        state.addAll(optimizer.state());
        return state;
    }

    /** Takes over all that another step of the same kind has learned. */
    void takeOver(TracedStep other) {
        List<Node> from = other.state();
        List<Node> to = state();
        for (int i = 0; i < from.size(); i++) {
            machine.write(to.get(i), other.machine.read(from.get(i)));
        }
    }

    void feed(double[] pixels, double[] classes, double[] entries) {
        machine.write(images, pixels);
        if (optimizer != null) {
            machine.write(labels, classes);
        }
        if (chosen != null) {
            machine.write(chosen, entries);
        }
    }

    void update(int number, double clip, double... rates) {
        machine.write(optimizer.step(), number);
        for (int group = 0; group < rates.length; group++) {
            machine.write(optimizer.groups().get(group).rates(), rates[group], 0, clip);
        }
        machine.run();
    }

    void run() {
        machine.run();
    }

    double[] read(Node node) {
        return machine.read(node);
    }

    double norm() {
        return machine.read(optimizer.norm())[0];
    }

    Map<String, double[]> values() {
        return each(values);
    }

    Map<String, double[]> each(Map<String, Node> nodes) {
        Map<String, double[]> read = new LinkedHashMap<>();
        nodes.forEach((name, node) -> read.put(name, machine.read(node)));
        return read;
    }

    @Override
    public void close() {
        machine.close();
    }
}
