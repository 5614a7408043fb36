package dev.itprompt.trace;

import dev.itprompt.device.Device;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** HiDe-Prompt's task-identity inference: a network and classifier on prompt-free features, statistics of these, and replay. */
final class TracedInference {

    private final Device device;
    private final World world;
    private final Trace trace;
    private final Comparison comparison;
    private final TracedReplay replay;

    TracedInference(Device device, World world, Trace trace, Comparison comparison) {
        this.device = device;
        this.world = world;
        this.trace = trace;
        this.comparison = comparison;
        this.replay = new TracedReplay(device, trace, comparison);
    }

    void run() {
        if (trace.has("t0/loss_ce")) {
            train(0, "init/");
            evaluate("t0/eval1", "t0/step20/param/");
            evaluate("t0/eval2", "t0/step20/param/");
            train(1, "t0/step20/param/");
            evaluate("t1/eval1", "t1/step20/param/");
        }
        for (int c = 0; c < World.CLASSES; c++) {
            replay.addClass(c / World.CLASSES_OF_TASK, world.features(c));
        }
        replay.run();
        evaluate("t1/eval2", "t1/replay/after/");
    }

    private void train(int task, String from) {
        String t = "t" + task + "/";
        double rate = trace.provenance().get("args").get("lr").doubleValue();
        double clip = trace.provenance().get("args").get("clip_grad").doubleValue();
        Graph g = new Graph();
        Node images = g.input("images", Shape.of(World.BATCH, 3, 16, 16));
        Node labels = g.input("labels", Shape.of(World.BATCH));
        Node query = world.tower(g).features(images);
        Map<String, double[]> start = replay.parameters(from);
        Parameters parameters = Parameters.trainable(g, replay.tensors(from));
        Node logits = TracedReplay.logits(parameters, query, true);
        Tensor mask = World.mask(task * World.CLASSES_OF_TASK, (task + 1) * World.CLASSES_OF_TASK);
        Node loss = g.crossEntropy(g.add(logits, g.constant(mask)), labels);
        List<Node> variables = List.copyOf(parameters.nodes().values());
        List<Node> gradients = Gradients.of(g, loss, variables);
        Optimizer optimizer = Optimizer.of(g, loss, Optimizer.Rule.AdamW.DEFAULT, List.of(variables));
        List<Node> results = new ArrayList<>(optimizer.results(loss));
        results.addAll(gradients);
        results.addAll(List.of(query, logits));
        try (Machine machine = new Machine(device, g, results)) {
            parameters.nodes().forEach((name, node) -> machine.write(node, start.get(name)));
            for (int n = 0; n < World.UPDATES; n++) {
                int[] rows = world.batch(task, n);
                comparison.checkPart(t + "lr", n, rate);
                machine.write(images, world.pixels("train", rows));
                machine.write(labels, world.labels("train", rows));
                machine.write(optimizer.step(), n + 1);
                machine.write(optimizer.groups().getFirst().rates(), rate, 0, clip);
                machine.run();
                comparison.checkPart(t + "loss_ce", n, machine.read(loss));
                comparison.checkPart(t + "grad_norm", n, machine.read(optimizer.norm()));
                if (n == 0) {
                    comparison.check(t + "step1/query", machine.read(query));
                    comparison.check(t + "step1/logits", machine.read(logits));
                    Map<String, Node> named = new LinkedHashMap<>();
                    parameters.nodes().keySet().forEach(name -> named.put(name, gradients.get(named.size())));
                    check(t + "step1/grad/", machine, named);
                }
                check(t + "step" + (n + 1) + "/param/", machine, parameters.nodes());
            }
        }
    }

    private void check(String path, Machine machine, Map<String, Node> nodes) {
        for (String parameter : trace.below(path)) {
            comparison.check(path + parameter, machine.read(nodes.get(TracedReplay.ours(parameter))));
        }
    }

    private void evaluate(String path, String from) {
        Graph g = new Graph();
        Node images = g.input("images", Shape.of(World.TEST_BATCH, 3, 16, 16));
        Parameters parameters = Parameters.trainable(g, replay.tensors(from));
        Node logits = TracedReplay.logits(parameters, world.tower(g).features(images), true);
        Map<String, double[]> values = replay.parameters(from);
        try (Machine machine = new Machine(device, g, List.of(logits))) {
            parameters.nodes().forEach((name, node) -> machine.write(node, values.get(name)));
            for (int j = 0; j < trace.get(path + "/logits").shape()[0]; j++) {
                machine.write(images, world.pixels("test", World.testRows(j)));
                machine.run();
                comparison.checkPart(path + "/logits", j, machine.read(logits));
            }
        }
    }

    /** The task of each row by its largest logit among classes seen. */
    static double[] tasks(double[] logits, int seen) {
        double[] tasks = new double[logits.length / World.CLASSES];
        for (int row = 0; row < tasks.length; row++) {
            double[] own = Arrays.copyOfRange(logits, row * World.CLASSES, row * World.CLASSES + seen);
            double largest = Arrays.stream(own).max().orElseThrow();
            int best = 0;
            while (own[best] != largest) {
                best++;
            }
            tasks[row] = best / World.CLASSES_OF_TASK;
        }
        return tasks;
    }
}
